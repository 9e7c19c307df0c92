package dev.kiln.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ObjectNode;

import dev.kiln.cli.build.BuildSender;
import dev.kiln.cli.build.OptionException;
import dev.kiln.cli.build.SecretSources;
import dev.kiln.cli.client.ApiException;
import dev.kiln.cli.context.BuildContext;
import dev.kiln.cli.context.ContextException;
import dev.kiln.queue.secret.BuildSecrets;

/** Where a build takes files and secrets from. */
final class SourceFlags {
    @Parameters(paramLabel = "CONTEXT", description = "A folder, a git or http address, or - for standard input: a tar, or a Dockerfile without files.")
    @SuppressWarnings("NullAway.Init")
    private String context;

    @Option(names = {"-f",
        "--file"}, paramLabel = "FILE", description = "The Dockerfile (default: CONTEXT/Dockerfile), anywhere on this machine, or - for standard input; with a tar or an address its path there.")
    private @Nullable String file;

    @Option(names = "--build-context", paramLabel = "NAME=VALUE", description = "What FROM, COPY and RUN find under a name: a folder, docker-image://NAME, a git or http address, oci-layout://FOLDER[:TAG][@DIGEST]. May be given several times.")
    private final List<String> named = new ArrayList<>();

    @Option(names = "--secret", paramLabel = "id=ID[,src=FILE|,env=NAME]", description = "A secret for RUN --mount=type=secret; may be given several times.")
    private final List<String> secrets = new ArrayList<>();

    @Option(names = "--ssh", paramLabel = "ID=FILE[,FILE]", description = "Private keys without passphrase for RUN --mount=type=ssh, such as default=FILE; may be given several times.")
    private final List<String> ssh = new ArrayList<>();

    BuildContext open() throws ContextException, IOException {
        return BuildContext.open(context, Optional.ofNullable(file), System.in);
    }

    List<String> named() {
        return named;
    }

    BuildSecrets readSecrets() throws OptionException {
        SecretSources sources = new SecretSources(System.getenv());
        for (String words : secrets) {
            sources.addSecret(words);
        }
        for (String words : ssh) {
            sources.addSsh(words);
        }
        return sources.secrets();
    }

    /** Brings everything but secrets to the farm, and says in the request where it is. */
    void send(BuildContext opened, BuildSender sender, ObjectNode request)
            throws OptionException, ApiException, ContextException, IOException, InterruptedException {
        sender.send(opened, request);
        sender.sendNamed(named, request);
    }
}
