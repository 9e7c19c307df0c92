package dev.kiln.dockerfile;

import java.util.Optional;
import java.util.regex.Pattern;

import dev.kiln.dockerfile.instruction.Add;
import dev.kiln.dockerfile.instruction.Arg;
import dev.kiln.dockerfile.instruction.Cmd;
import dev.kiln.dockerfile.instruction.CommandLine;
import dev.kiln.dockerfile.instruction.Copy;
import dev.kiln.dockerfile.instruction.Entrypoint;
import dev.kiln.dockerfile.instruction.Env;
import dev.kiln.dockerfile.instruction.Expose;
import dev.kiln.dockerfile.instruction.From;
import dev.kiln.dockerfile.instruction.Healthcheck;
import dev.kiln.dockerfile.instruction.Instruction;
import dev.kiln.dockerfile.instruction.Label;
import dev.kiln.dockerfile.instruction.Maintainer;
import dev.kiln.dockerfile.instruction.Onbuild;
import dev.kiln.dockerfile.instruction.Run;
import dev.kiln.dockerfile.instruction.Shell;
import dev.kiln.dockerfile.instruction.Stopsignal;
import dev.kiln.dockerfile.instruction.User;
import dev.kiln.dockerfile.instruction.Volume;
import dev.kiln.dockerfile.instruction.Workdir;
import dev.kiln.dockerfile.lex.CheckOptions;
import dev.kiln.dockerfile.lex.Directive;
import dev.kiln.dockerfile.source.DockerfileException;
import dev.kiln.dockerfile.source.DockerfileException.Code;

/** The list of what is read correctly but cannot be built yet. Nothing of it is ever ignored. */
final class SupportCheck {

    /** The language that is built in, under the names by which files ask for it. */
    private static final Pattern BUILT_IN = Pattern
        .compile("(docker\\.io/)?docker/dockerfile(:[\\w.-]+)?(@sha256:[0-9a-f]{64})?|dockerfile\\.v0");

    private SupportCheck() {}

    /** @throws DockerfileException with code {@code UNSUPPORTED}, at the first thing that cannot be built */
    static void check(Dockerfile dockerfile) {
        dockerfile.directives().check().ifPresent(SupportCheck::checkDirective);
        dockerfile.instructions().forEach(SupportCheck::check);
    }

    /** @throws DockerfileException with code {@code UNSUPPORTED}, if the file is for another frontend */
    static void syntax(Directive syntax) {
        String image = syntax.firstWord();
        if (!BUILT_IN.matcher(image).matches()) {
            throw new DockerfileException(Code.UNSUPPORTED, "the syntax " + image + " is not supported yet",
                    syntax.range(), syntax.value());
        }
    }

    private static void checkDirective(Directive check) {
        if (CheckOptions.parse(check).failOnFindings()) {
            throw new DockerfileException(Code.UNSUPPORTED, "the directive check=error=true is not supported yet",
                    check.range(), check.value());
        }
    }

    private static void check(Instruction instruction) {
        unsupported(instruction).ifPresent(what -> {
            throw new DockerfileException(Code.UNSUPPORTED, what + " is not supported yet", instruction.range(),
                    instruction.origin().text());
        });
    }

    private static Optional<String> unsupported(Instruction instruction) {
        return switch (instruction) {
            case Add add -> Optional.of("ADD");
            case Healthcheck healthcheck -> Optional.of("HEALTHCHECK");
            case Maintainer maintainer -> Optional.of("MAINTAINER");
            case Onbuild onbuild -> Optional.of("ONBUILD");
            case From from -> from.platform().map(platform -> "FROM --platform");
            case Run run -> run(run);
            case Copy copy -> copy(copy);
            case Arg _,Cmd _,Entrypoint _,Env _,Expose _,Label _,Shell _,Stopsignal _,User _,Volume _,Workdir _ ->
                Optional.empty();
        };
    }

    private static Optional<String> run(Run run) {
        if (!run.mounts().isEmpty()) {
            return Optional.of("RUN --mount");
        }
        if (run.security().isPresent()) {
            return Optional.of("RUN --security");
        }
        if (!run.devices().isEmpty()) {
            return Optional.of("RUN --device");
        }
        return run.command() instanceof CommandLine.ShellForm form && !form.heredocs().isEmpty()
                ? Optional.of("a here-document")
                : Optional.empty();
    }

    private static Optional<String> copy(Copy copy) {
        if (!copy.transfer().inlineFiles().isEmpty()) {
            return Optional.of("a here-document");
        }
        if (copy.options().chmod().isPresent()) {
            return Optional.of("COPY --chmod");
        }
        if (copy.options().link()) {
            return Optional.of("COPY --link");
        }
        if (!copy.options().excludes().isEmpty()) {
            return Optional.of("COPY --exclude");
        }
        return copy.parents() ? Optional.of("COPY --parents") : Optional.empty();
    }
}
