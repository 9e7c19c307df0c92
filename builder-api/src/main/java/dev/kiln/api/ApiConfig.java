package dev.kiln.api;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

import dev.kiln.api.dispatch.TenantRules;
import dev.kiln.queue.secret.FarmKey;

/**
 * The settings of an API process.
 *
 * @param listen where to listen
 * @param data the folder of content and tags
 * @param kafka the brokers, {@code host:port} separated by commas
 * @param token what clients must know; empty lets everybody in
 * @param contents how much clients may bring, and how long results stay
 * @param secretKey seals the secrets of builds; without one, builds with secrets are refused
 * @param registry how the registry is used
 * @param queue how builds wait
 */
public record ApiConfig(Listen listen, Path data, String kafka, Optional<Token> token, Contents contents,
        RegistrySettings registry, Optional<FarmKey> secretKey, Waiting queue) {
    public static final Address DEFAULT_HTTP = new Address("127.0.0.1", 7070);
    public static final long DEFAULT_CONTEXT_LIMIT = 4L << 30;

    /** Everything by default but where to listen, where the data lies, and the brokers. */
    public static ApiConfig of(Address http, Path data, String kafka) {
        return new ApiConfig(Listen.at(http), data, kafka, Optional.empty(), Contents.DEFAULT, RegistrySettings.DEFAULT,
                Optional.empty(), Waiting.DEFAULT);
    }

    public ApiConfig withToken(Optional<Token> other) {
        return new ApiConfig(listen, data, kafka, other, contents, registry, secretKey, queue);
    }

    public ApiConfig withContextLimit(long other) {
        return new ApiConfig(listen, data, kafka, token, new Contents(other, contents.resultKeep), registry,
                secretKey, queue);
    }

    public ApiConfig withSecretKey(Optional<FarmKey> other) {
        return new ApiConfig(listen, data, kafka, token, contents, registry, other, queue);
    }

    public ApiConfig withRegistry(RegistrySettings other) {
        return new ApiConfig(listen, data, kafka, token, contents, other, secretKey, queue);
    }

    public ApiConfig withQueue(Waiting other) {
        return new ApiConfig(listen, data, kafka, token, contents, registry, secretKey, other);
    }

    /**
     * How builds wait.
     *
     * @param limit builds that were accepted and have not ended; more are refused
     */
    public record Waiting(TenantRules tenants, int limit) {
        public static final Waiting DEFAULT = new Waiting(TenantRules.EQUAL, 10_000);
    }

    /** Where API and registry listen. */
    public Address http() {
        return listen.http();
    }

    /** Bytes that an uploaded context may have. */
    public long contextLimit() {
        return contents.contextLimit();
    }

    /** How long results of builds that were not pushed, and logs, stay. */
    public Duration resultKeep() {
        return contents.resultKeep();
    }

    /**
     * Where to listen.
     *
     * @param http for API and registry; port 0 means any free one
     * @param metrics for metrics and probes alone, without a token; empty for nowhere
     */
    public record Listen(Address http, Optional<Address> metrics) {
        static Listen at(Address http) {
            return new Listen(http, Optional.empty());
        }
    }

    /**
     * What is kept for clients.
     *
     * @param contextLimit bytes that an uploaded context may have
     * @param resultKeep how long results of builds that were not pushed, and logs, stay
     */
    public record Contents(long contextLimit, Duration resultKeep) {
        public static final Contents DEFAULT = new Contents(DEFAULT_CONTEXT_LIMIT, Duration.ofDays(7));
    }

    /** A place to listen on. */
    public record Address(String host, int port) {
        public Address {
            if (host.isBlank() || port < 0 || port > 65535) {
                throw new IllegalArgumentException("expected HOST:PORT with a port from 0 to 65535");
            }
        }

        /** Reads {@code host:port}; an IPv6 address stands in brackets. */
        public static Address parse(String text) {
            int colon = text.lastIndexOf(':');
            try {
                String host = text.substring(0, Math.max(0, colon));
                boolean bracketed = host.startsWith("[") && host.endsWith("]");
                return new Address(bracketed ? host.substring(1, host.length() - 1) : host,
                        Integer.parseInt(text.substring(colon + 1)));
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException("expected HOST:PORT with a port from 0 to 65535", e);
            }
        }
    }

    /** A secret that does not show itself. */
    public record Token(String value) {
        public Token {
            if (value.isBlank() || !value.equals(value.strip()) || !value.chars().allMatch(c -> c > 32 && c < 127)) {
                throw new IllegalArgumentException("expected visible ASCII characters without spaces");
            }
        }

        @Override
        public String toString() {
            return "(hidden)";
        }
    }
}
