package dev.kiln.queue.job;

import java.util.Arrays;

/** What takes a step out of the usual sandbox, in BuildKit's words. */
public enum Entitlement {
    /** The network of the host: {@code RUN --network=host}. */
    NETWORK_HOST("network.host"),
    /** All capabilities and devices: {@code RUN --security=insecure}. */
    SECURITY_INSECURE("security.insecure");

    private final String word;

    Entitlement(String word) {
        this.word = word;
    }

    public String word() {
        return word;
    }

    /** @throws IllegalArgumentException when there is none of that name */
    public static Entitlement parse(String word) {
        return Arrays.stream(values())
            .filter(entitlement -> entitlement.word.equals(word))
            .findFirst()
            .orElseThrow(() -> new IllegalArgumentException("unknown entitlement " + Checks.shown(word)
                    + "; known: network.host, security.insecure"));
    }
}
