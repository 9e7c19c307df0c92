package dev.kiln.cli;

import java.net.URI;
import java.util.Optional;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

import dev.kiln.cli.client.ApiClient;

/** Where the farm is: options that every client command has. */
final class Farm {
    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Option(names = "--addr", paramLabel = "URL", defaultValue = "${env:KILN_ADDR:-http://127.0.0.1:7070}", description = "The farm's address (default: $$KILN_ADDR, else http://127.0.0.1:7070).")
    @SuppressWarnings("NullAway.Init")
    private String address;

    ApiClient client() {
        try {
            URI uri = URI.create(address.endsWith("/") ? address : address + "/");
            if (uri.getHost() == null || !("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))) {
                throw new IllegalArgumentException("expected http://host:port or https://host:port");
            }
            return new ApiClient(uri, token());
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(),
                    "invalid address of the farm \"" + address + "\": " + e.getMessage());
        }
    }

    static Optional<String> token() {
        return Optional.ofNullable(System.getenv("KILN_TOKEN")).filter(t -> !t.isBlank());
    }
}
