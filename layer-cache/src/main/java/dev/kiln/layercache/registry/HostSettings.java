package dev.kiln.layercache.registry;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * How one registry is reached.
 *
 * @param mirrors asked before it, in this order, for whatever is pulled
 * @param plainHttp whether it speaks HTTP without TLS; absent means that only registries on loopback do
 * @param tls what is special about its TLS
 * @param connections requests to it at a time, of all builds together; absent means the standard
 * @param resolveTtl how long a tag of it is taken to name what it named, without asking again
 */
public record HostSettings(List<Mirror> mirrors, Optional<Boolean> plainHttp, Optional<Tls> tls,
        OptionalInt connections,
        Duration resolveTtl) {
    public static final HostSettings STANDARD = new HostSettings(List.of(), Optional.empty(), Optional.empty(),
            OptionalInt.empty(), Duration.ZERO);

    public HostSettings {
        mirrors = List.copyOf(mirrors);
        if (connections.isPresent() && connections.getAsInt() < 1) {
            throw new IllegalArgumentException("a registry needs at least one connection");
        }
        if (resolveTtl.isNegative()) {
            throw new IllegalArgumentException("a time to live is not negative");
        }
        if (plainHttp.orElse(false) && tls.isPresent()) {
            throw new IllegalArgumentException("what speaks plain HTTP has no certificates");
        }
    }

    /**
     * A registry that has what another one has.
     *
     * @param host with its port when it names one
     * @param prefix stands before names of repositories there, such as the project of a proxy; may be empty
     */
    public record Mirror(String host, String prefix) {

        /** Reads {@code HOST[:PORT][/PREFIX]}; throws {@link IllegalArgumentException} when it is something else. */
        public static Mirror parse(String text) {
            int slash = text.indexOf('/');
            String host = slash < 0 ? text : text.substring(0, slash);
            String prefix = slash < 0 ? "" : text.substring(slash + 1).replaceFirst("/$", "");
            RegistryHost.check(host);
            if (!prefix.isEmpty() && !prefix.matches("[a-z0-9]+([._/-]+[a-z0-9]+)*")) {
                throw new IllegalArgumentException("expected HOST[:PORT][/PREFIX], the prefix in lower case");
            }
            return new Mirror(host, prefix);
        }

        String nameOf(String repository) {
            return prefix.isEmpty() ? repository : prefix + "/" + repository;
        }
    }
}
