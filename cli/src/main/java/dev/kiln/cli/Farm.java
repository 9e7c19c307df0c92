package dev.kiln.cli;

import java.net.URI;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

import dev.kiln.cli.client.ApiClient;
import dev.kiln.layercache.registry.Credentials;
import dev.kiln.layercache.registry.Keychain;
import dev.kiln.layercache.registry.RegistryClient;
import dev.kiln.layercache.registry.RegistrySettings;
import dev.kiln.layercache.registry.RetryPolicy;

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

    /** The farm's registry, and others as far as they want no credentials. */
    RegistryClient registry() {
        URI uri = client().address();
        Keychain keychain = host -> token().filter(t -> host.equals(uri.getAuthority()))
            .map(t -> new Credentials("kiln", t));
        return new RegistryClient(new RegistrySettings(uri, Set.of()), keychain, RetryPolicy.standard(),
                InstantSource.system());
    }

    static Optional<String> token() {
        return Optional.ofNullable(System.getenv("KILN_TOKEN")).filter(t -> !t.isBlank());
    }
}
