package dev.kiln.executor.runtime;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * A resolver configuration, see resolv.conf(5): what a container can use of the host's.
 *
 * @param nameservers addresses, as written
 * @param others all lines that do not name a server, comments left out
 */
record ResolvConf(List<String> nameservers, List<String> others) {
    /** As Docker and BuildKit have it where nothing else can be reached. */
    private static final List<String> DEFAULTS = List.of("8.8.8.8", "8.8.4.4");

    ResolvConf {
        nameservers = List.copyOf(nameservers);
        others = List.copyOf(others);
    }

    static ResolvConf parse(String text) {
        List<String> nameservers = new ArrayList<>();
        List<String> others = new ArrayList<>();
        for (String line : text.lines().map(String::strip).toList()) {
            String[] words = line.split("\\s+");
            if (words[0].equals("nameserver") && words.length > 1) {
                nameservers.add(words[1]);
            } else if (!line.isEmpty() && !line.startsWith("#") && !line.startsWith(";")) {
                others.add(line);
            }
        }
        return new ResolvConf(nameservers, others);
    }

    boolean asksOnlyResolved() {
        return nameservers.equals(List.of("127.0.0.53"));
    }

    /**
     * Only what can be reached from a network namespace other than the host's: not the host's own loopback addresses.
     *
     * @param ipv6 false where the namespace has no IPv6
     */
    ResolvConf reachable(boolean ipv6) {
        Predicate<String> loopback = a -> a.startsWith("127.") || a.equals("::1") || a.startsWith("::1%");
        Predicate<String> usable = a -> !loopback.test(a) && (ipv6 || !a.contains(":"));
        List<String> left = nameservers.stream().filter(usable).toList();
        return new ResolvConf(left.isEmpty() ? DEFAULTS : left, others);
    }

    String text() {
        StringBuilder text = new StringBuilder();
        nameservers.forEach(a -> text.append("nameserver ").append(a).append('\n'));
        others.forEach(l -> text.append(l).append('\n'));
        return text.toString();
    }
}
