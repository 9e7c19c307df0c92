package dev.kiln.executor.runtime;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A range of IPv4 addresses: {@code 10.1.2.0/24}.
 *
 * @param address the lowest one, as a number
 * @param prefix length, 8 to 30
 */
record Subnet(long address, int prefix) {
    private static final Pattern TEXT = Pattern.compile("(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})/(\\d{1,2})");
    private static final int ADDRESS_BITS = 32;
    private static final int HEX = 16;

    Subnet {
        if (prefix < 8 || prefix > 30 || (address & size(prefix) - 1) != 0 || address >>> ADDRESS_BITS != 0) {
            throw new IllegalArgumentException("not a subnet for steps: " + text(address) + "/" + prefix
                    + "; it must be /8 to /30 and its address the lowest");
        }
    }

    static Subnet parse(String text) {
        Matcher matcher = TEXT.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("not a subnet: " + text + "; write it as 10.1.2.0/24");
        }
        long address = 0;
        for (int i = 1; i <= 4; i++) {
            int octet = Integer.parseInt(matcher.group(i));
            if (octet > 255) {
                throw new IllegalArgumentException("not a subnet: " + text);
            }
            address = address << 8 | octet;
        }
        return new Subnet(address, Integer.parseInt(matcher.group(5)));
    }

    /** The destinations of a routing table in the form of {@code /proc/net/route}, default routes left out. */
    static List<Range> routes(String table) {
        List<Range> routes = new ArrayList<>();
        for (String line : table.lines().skip(1).toList()) {
            String[] fields = line.strip().split("\\s+");
            if (fields.length > 7 && !fields[7].equals("00000000")) {
                long mask = swap(fields[7]);
                long from = swap(fields[1]);
                routes.add(new Range(fields[0], from, from | ~mask & 0xffff_ffffL));
            }
        }
        return routes;
    }

    /** The kernel prints the bytes as they lie in memory, lowest first. */
    private static long swap(String hex) {
        return Integer.toUnsignedLong(Integer.reverseBytes(Integer.parseUnsignedInt(hex, HEX)));
    }

    /** What a route leads to, both ends included. */
    record Range(String device, long from, long to) {}

    /** The route that this subnet would take addresses from. */
    Optional<Range> clash(List<Range> routes) {
        return routes.stream().filter(r -> r.from <= address + size() - 1 && address <= r.to).findFirst();
    }

    /** The first of 256 candidates, beginning with the given one, that no route overlaps with. */
    static Optional<Subnet> free(int first, List<Range> routes) {
        for (int i = 0; i < 256; i++) {
            Subnet candidate = parse("10.215." + (first + i) % 256 + ".0/24");
            if (candidate.clash(routes).isEmpty()) {
                return Optional.of(candidate);
            }
        }
        return Optional.empty();
    }

    private static long size(int prefix) {
        return 1L << ADDRESS_BITS - prefix;
    }

    long size() {
        return size(prefix);
    }

    /** How many places there are beside the gateway's. */
    int places() {
        return (int) Math.min(size() - 3, 4096);
    }

    String gateway() {
        return text(address + 1);
    }

    /** The address of a place, counted from 0. */
    String place(int index) {
        return text(address + 2 + index);
    }

    private static String text(long address) {
        return (address >> 24) + "." + (address >> 16 & 255) + "." + (address >> 8 & 255) + "." + (address & 255);
    }

    @Override
    public String toString() {
        return text(address) + "/" + prefix;
    }
}
