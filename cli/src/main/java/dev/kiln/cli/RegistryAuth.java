package dev.kiln.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Map;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

import dev.kiln.cli.build.RegistryLogins;
import dev.kiln.cli.client.ApiClient;
import dev.kiln.cli.client.ApiException;
import dev.kiln.layercache.oci.ImageReference;
import dev.kiln.queue.secret.BuildSecrets;
import dev.kiln.queue.secret.RegistryLogin;
import dev.kiln.queue.secret.SecretsJson;

/**
 * Logins that go along with a build. Unless it is asked for, sending them is a courtesy: where they cannot be read, would
 * travel in clear, or the farm cannot seal them, the build goes without, and a warning says so.
 */
final class RegistryAuth {
    private static final int NOT_PROCESSABLE = 422;

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Option(names = "--registry-auth", paramLabel = "FROM", description = "Logins for the registries that the build names: docker (those of this machine's Docker; the default, as far as the farm can seal them and is reached over TLS or on this machine) or none.")
    private @Nullable String from;

    private boolean isAsked() {
        return from != null;
    }

    private boolean isWanted() {
        return switch (from) {
            case null -> true;
            case "docker" -> true;
            case "none" -> false;
            case String other -> throw new ParameterException(spec.commandLine(),
                    "--registry-auth is docker or none, not \"" + other + "\"");
        };
    }

    /** Refuses what the option may not be, before anything is sent. */
    void check() {
        boolean _ = isWanted();
    }

    /** What to send for a build that has to do with these images. */
    Map<String, RegistryLogin> logins(ApiClient client, Collection<ImageReference> images) throws CommandFailed {
        if (!isWanted()) {
            return Map.of();
        }
        Path file = RegistryLogins.file(System.getenv(), System.getProperty("user.home"));
        Map<String, RegistryLogin> logins;
        try {
            logins = RegistryLogins.of(file, images);
        } catch (IOException e) {
            if (isAsked()) {
                throw new CommandFailed(ExitCode.USAGE, "--registry-auth docker: " + e.getMessage());
            }
            warn("the build goes without logins for registries: " + e.getMessage());
            return Map.of();
        }
        if (!logins.isEmpty() && !isAsked() && !client.isPrivate()) {
            warn("the logins for " + String.join(", ", logins.keySet())
                    + " are not sent: the farm is reached over plain"
                    + " HTTP; --registry-auth docker sends them all the same, --registry-auth none is silent");
            return Map.of();
        }
        return logins;
    }

    /** Asks for the build; when the farm cannot seal the logins, for the build without them. */
    JsonNode submit(ApiClient client, ObjectNode request, BuildSecrets secrets, Map<String, RegistryLogin> logins)
            throws ApiException {
        ObjectNode plain = request.deepCopy();
        SecretsJson.put(request, secrets.with(logins));
        if (isAsked() || logins.isEmpty() || !secrets.isEmpty()) {
            return client.submit(request);
        }
        try {
            return client.submit(request);
        } catch (ApiException e) {
            if (e.status().orElse(0) != NOT_PROCESSABLE) {
                throw e;
            }
            JsonNode accepted = client.submit(plain);
            warn("the farm did not take the logins for " + String.join(", ", logins.keySet())
                    + ", and builds without them: " + e.getMessage());
            return accepted;
        }
    }

    private void warn(String text) {
        PrintWriter err = spec.commandLine().getErr();
        err.println("kiln: warning: " + text);
        err.flush();
    }
}
