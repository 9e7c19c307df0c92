package dev.kiln.executor.remote;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * What an executor fetches from, and how much.
 *
 * @param hosts names, without port, that may be at private addresses
 * @param ranges private addresses that anything may be at
 * @param knownHosts of ssh servers, in the form of ssh; without it the key that a server shows first is believed, and kept
 */
public record RemotePolicy(Set<String> hosts, List<AddressRange> ranges, Limits limits, Optional<Path> knownHosts) {

    /** Of one fetch: what arrives, what is checked out, and how long it takes. */
    public record Limits(long bytes, long entries, Duration time) {
        public static final Limits STANDARD = new Limits(8L << 30, 1_000_000, Duration.ofMinutes(30));

        public Limits {
            if (bytes < 1 || entries < 1 || !time.isPositive()) {
                throw new IllegalArgumentException("every limit must be positive");
            }
        }
    }

    public RemotePolicy {
        hosts = Set.copyOf(hosts);
        ranges = List.copyOf(ranges);
    }

    /** Everything public, nothing private. */
    public static final RemotePolicy STANDARD = allowing(List.of());

    /**
     * @param privateOnes addresses, ranges such as {@code 10.0.0.0/8}, and names of hosts
     * @throws IllegalArgumentException for what is none of these
     */
    public static RemotePolicy allowing(Collection<String> privateOnes) {
        Set<String> hosts = new HashSet<>();
        List<AddressRange> ranges = new ArrayList<>();
        for (String text : privateOnes) {
            if (text.matches("[0-9./]+") || text.indexOf(':') >= 0) {
                ranges.add(AddressRange.parse(text));
            } else if (text.matches("[A-Za-z0-9]([A-Za-z0-9._-]{0,252})")) {
                hosts.add(text.toLowerCase(Locale.ROOT));
            } else {
                throw new IllegalArgumentException("\"" + text
                        + "\" is no address, no range such as 10.0.0.0/8 and no name of a host");
            }
        }
        return new RemotePolicy(hosts, ranges, Limits.STANDARD, Optional.empty());
    }

    public RemotePolicy with(Limits other) {
        return new RemotePolicy(hosts, ranges, other, knownHosts);
    }

    public RemotePolicy withKnownHosts(Optional<Path> file) {
        return new RemotePolicy(hosts, ranges, limits, file);
    }
}
