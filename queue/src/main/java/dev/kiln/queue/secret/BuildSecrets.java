package dev.kiln.queue.secret;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

import dev.kiln.layercache.oci.ImageReference;
import dev.kiln.queue.job.SecretNames;

/**
 * The secrets of a build by their ids, in clear.
 *
 * @param ssh private keys without passphrase, by the id that a step asks for
 * @param registries what to log in with, by the registry's host with its port; no step sees it
 */
public record BuildSecrets(Map<String, Secret> secrets, Map<String, List<Secret>> ssh,
        Map<String, RegistryLogin> registries) {
    /** What the secrets of a build may have together. */
    public static final int MAX_TOTAL = 4 << 20;

    /** How many there may be of each kind. */
    public static final int MAX_COUNT = 64;

    public static final BuildSecrets NONE = new BuildSecrets(Map.of(), Map.of(), Map.of());

    public BuildSecrets {
        secrets = Collections.unmodifiableMap(new LinkedHashMap<>(secrets));
        Map<String, List<Secret>> keys = new LinkedHashMap<>();
        ssh.forEach((id, list) -> keys.put(id, List.copyOf(list)));
        ssh = Collections.unmodifiableMap(keys);
        registries = Map.copyOf(registries);
        registries.keySet().forEach(BuildSecrets::checked);
        check(registries.size() <= MAX_COUNT, "logins for more than " + MAX_COUNT + " registries");
        check(secrets.size() <= MAX_COUNT && keys.values().stream().mapToInt(List::size).sum() <= MAX_COUNT,
                "more than " + MAX_COUNT + " secrets or ssh keys");
        check(keys.values().stream().noneMatch(List::isEmpty), "an ssh entry needs a key");
        long total = Stream
            .of(secrets.values().stream(), keys.values().stream().flatMap(List::stream),
                    registries.values().stream().map(RegistryLogin::secret))
            .flatMap(stream -> stream)
            .mapToLong(Secret::size)
            .sum();
        check(total <= MAX_TOTAL, "the secrets of a build have more than " + MAX_TOTAL + " bytes together");
    }

    /** Without logins. */
    public BuildSecrets(Map<String, Secret> secrets, Map<String, List<Secret>> ssh) {
        this(secrets, ssh, Map.of());
    }

    /** With these logins, and no others. */
    public BuildSecrets with(Map<String, RegistryLogin> logins) {
        return new BuildSecrets(secrets, ssh, logins);
    }

    public boolean isEmpty() {
        return secrets.isEmpty() && ssh.isEmpty() && registries.isEmpty();
    }

    /** As the host of an image's name. */
    static String checked(String host) {
        return new ImageReference(Optional.of(host), "x", Optional.empty(), Optional.empty()).registry().orElseThrow();
    }

    /** What a request says of them; logins are not asked for by name. */
    public SecretNames names() {
        return new SecretNames(List.copyOf(secrets.keySet()), List.copyOf(ssh.keySet()));
    }

    private static void check(boolean ok, String problem) {
        if (!ok) {
            throw new IllegalArgumentException(problem);
        }
    }
}
