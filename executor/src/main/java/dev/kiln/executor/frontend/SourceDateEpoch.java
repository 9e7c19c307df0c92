package dev.kiln.executor.frontend;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

import dev.kiln.dockerfile.Dockerfile;
import dev.kiln.dockerfile.expand.Scope;
import dev.kiln.dockerfile.instruction.Add;
import dev.kiln.dockerfile.instruction.Arg;
import dev.kiln.dockerfile.instruction.Instruction;
import dev.kiln.dockerfile.remote.GitRef;
import dev.kiln.dockerfile.remote.HttpAddress;
import dev.kiln.dockerfile.source.DockerfileException;
import dev.kiln.dockerfile.source.DockerfileException.Code;
import dev.kiln.dockerfile.stage.ContextNames;
import dev.kiln.dockerfile.stage.Stage;
import dev.kiln.executor.frontend.Remotes.RemoteException;
import dev.kiln.executor.graph.OpSpec;

/**
 * What {@code SOURCE_DATE_EPOCH} means: a number of seconds; {@code context} for the time of the main context; the name of
 * a named context; or the name of a stage that does nothing but ADD one remote source. What a client sends has no time.
 */
record SourceDateEpoch(Dockerfile file, FrontendOptions options, ContextLookup contexts) {
    static final String NAME = "SOURCE_DATE_EPOCH";
    private static final String ONE_ADD = "SOURCE_DATE_EPOCH stage must contain exactly one remote ADD";

    /**
     * @param globals without this argument
     * @return empty for the empty text and for what has no time
     */
    Optional<Instant> resolve(String text, Scope globals) throws FrontendException, InterruptedException {
        if (text.isEmpty()) {
            return Optional.empty();
        }
        if (text.matches("[+-]?[0-9]{1,19}")) {
            return Optional.of(seconds(text));
        }
        try {
            return named(text, globals);
        } catch (RemoteException e) {
            throw FrontendException.of(e, "resolving SOURCE_DATE_EPOCH=" + text + ": " + e.getMessage());
        }
    }

    private static Instant seconds(String text) {
        try {
            return Instant.ofEpochSecond(Long.parseLong(text));
        } catch (NumberFormatException | DateTimeException e) {
            throw invalid(text);
        }
    }

    private static DockerfileException invalid(String text) {
        return new DockerfileException(Code.EXPANSION, "invalid SOURCE_DATE_EPOCH: " + text);
    }

    private Optional<Instant> named(String name, Scope globals) throws RemoteException, InterruptedException {
        if (name.equals("context")) {
            return mainContext();
        }
        for (Map.Entry<String, ContextSpec> context : options.contexts().named().entrySet()) {
            if (ContextNames.normal(context.getKey()).equals(ContextNames.normal(name))) {
                return namedContext(context.getValue());
            }
        }
        for (Stage stage : file.stages()) {
            if (stage.name().filter(name::equalsIgnoreCase).isPresent()) {
                return located(stage, globals);
            }
        }
        throw invalid(name);
    }

    private Optional<Instant> mainContext() throws RemoteException, InterruptedException {
        return switch (options.contexts().files()) {
            case ContextSource.Archive(OpSpec.Http archive) -> ofFile(archive);
            case ContextSource.Files(OpSpec.Http download) -> download.modified();
            case ContextSource.Files _ -> options.contexts().main() instanceof ContextSpec.Git(GitRef ref)
                    ? Optional.of(ofCommit(ref))
                    : Optional.empty();
            case ContextSource.Nothing() -> Optional.empty();
        };
    }

    private Optional<Instant> namedContext(ContextSpec context) throws RemoteException, InterruptedException {
        return switch (context) {
            case ContextSpec.Git(GitRef ref) -> Optional.of(ofCommit(ref));
            case ContextSpec.Http(HttpAddress address) ->
                ofFile(contexts.http(address, Optional.empty(), ContextLookup.FILE));
            case ContextSpec.Uploaded _,ContextSpec.Image _,ContextSpec.Nothing _ -> Optional.empty();
        };
    }

    private Instant ofCommit(GitRef ref) throws RemoteException, InterruptedException {
        return contexts.remotes().commitTime(ref, contexts.remotes().commit(ref));
    }

    /** What the server said, or else the newest file of an archive. */
    private Optional<Instant> ofFile(OpSpec.Http file) throws RemoteException, InterruptedException {
        return file.modified().isPresent() ? file.modified() : contexts.remotes().newestFile(file.content());
    }

    private Optional<Instant> located(Stage stage, Scope globals) throws RemoteException, InterruptedException {
        try {
            return stage(stage, globals);
        } catch (DockerfileException e) {
            throw e.at(stage.from().range(), stage.from().origin().text());
        }
    }

    private Optional<Instant> stage(Stage stage, Scope globals) throws RemoteException, InterruptedException {
        if (!file.expander().word(stage.from().image(), globals).equals("scratch")) {
            throw new DockerfileException(Code.STAGE, "SOURCE_DATE_EPOCH stage must use FROM scratch");
        }
        Map<String, String> own = new HashMap<>();
        Scope scope = Scope.of(own).orElse(globals);
        Optional<Add> remote = Optional.empty();
        for (Instruction instruction : stage.instructions()) {
            switch (instruction) {
                case Arg arg -> declare(arg, own, scope);
                case Add add -> {
                    if (remote.isPresent()) {
                        throw new DockerfileException(Code.STAGE, ONE_ADD);
                    }
                    remote = Optional.of(add);
                }
                default -> throw new DockerfileException(Code.STAGE, "SOURCE_DATE_EPOCH stage does not meet source-only"
                        + " requirements: unsupported " + instruction.keyword().toLowerCase(Locale.ROOT)
                        + " instruction");
            }
        }
        return ofAdd(remote.orElseThrow(() -> new DockerfileException(Code.STAGE, ONE_ADD)), scope);
    }

    private void declare(Arg arg, Map<String, String> own, Scope scope) {
        for (Arg.Declaration declared : arg.declarations()) {
            Optional.ofNullable(options.buildArgs().get(declared.name()))
                .or(() -> declared.defaultValue().map(raw -> file.expander().word(raw, scope)))
                .ifPresent(value -> own.put(declared.name(), value));
        }
    }

    private Optional<Instant> ofAdd(Add add, Scope scope) throws RemoteException, InterruptedException {
        List<String> sources = add.transfer().sources();
        if (sources.size() != 1 || !add.transfer().inlineFiles().isEmpty()) {
            throw new DockerfileException(Code.STAGE, ONE_ADD + " source");
        }
        String source = file.expander().word(sources.getFirst(), scope);
        Optional<GitRef> git = GitRef.parse(source).filter(ref -> !ref.remote().looksLocal());
        if (git.isPresent()) {
            return Optional.of(ofCommit(git.get()));
        }
        HttpAddress address = HttpAddress.parse(source)
            .orElseThrow(() -> new DockerfileException(Code.STAGE,
                    "SOURCE_DATE_EPOCH stage source must be a single HTTP(S) or Git ADD"));
        return ofFile(contexts.http(address, Optional.empty(), address.fileName()));
    }
}
