package dev.kiln.executor.remote;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

import dev.kiln.executor.remote.FetchException.Code;

/** Decides which machines are talked to, by their addresses. */
final class AddressGuard {
    /** Not meant for the public beside what {@link InetAddress} knows of. */
    private static final List<AddressRange> RESERVED = Stream.of("0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24",
            "192.0.2.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4", "::/96",
            "64:ff9b:1::/48",
            "100::/64", "2001:db8::/32", "fc00::/7")
        .map(AddressRange::parse)
        .toList();
    /** IPv6 addresses that lead to an IPv4 address, and at which byte it stands. */
    private static final AddressRange NAT64 = AddressRange.parse("64:ff9b::/96");
    private static final AddressRange SIX_TO_FOUR = AddressRange.parse("2002::/16");

    private final RemotePolicy policy;

    AddressGuard(RemotePolicy policy) {
        this.policy = policy;
    }

    /**
     * The addresses of a host that may be talked to, at least one.
     *
     * @param host a name, or an address, an IPv6 one with or without brackets
     * @throws FetchException {@code REFUSED} when all are private, {@code UNAVAILABLE} when there is none
     */
    List<InetAddress> resolve(String host) throws FetchException {
        String name = host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
        InetAddress[] found;
        try {
            found = InetAddress.getAllByName(name);
        } catch (UnknownHostException e) {
            throw new FetchException(Code.UNAVAILABLE, "could not resolve host: " + host, e);
        }
        List<InetAddress> allowed = Arrays.stream(found).filter(address -> allows(name, address)).toList();
        if (allowed.isEmpty()) {
            throw new FetchException(Code.REFUSED, "the host " + host + " is at a private address, "
                    + found[0].getHostAddress()
                    + ", which this farm does not fetch from; its configuration can allow it "
                    + "(remoteAllowPrivate, or --allow-private of kiln up)");
        }
        return allowed;
    }

    private boolean allows(String name, InetAddress address) {
        return policy.hosts().contains(name.toLowerCase(Locale.ROOT)) || isPublic(address)
                || policy.ranges().stream().anyMatch(range -> range.contains(address));
    }

    static boolean isPublic(InetAddress address) {
        boolean special = address.isAnyLocalAddress() || address.isLoopbackAddress() || address.isLinkLocalAddress()
                || address.isSiteLocalAddress() || address.isMulticastAddress();
        if (special || RESERVED.stream().anyMatch(range -> range.contains(address))) {
            return false;
        }
        if (NAT64.contains(address)) {
            return isPublic(inside(address, 12));
        }
        return !SIX_TO_FOUR.contains(address) || isPublic(inside(address, 2));
    }

    private static InetAddress inside(InetAddress address, int from) {
        try {
            return Inet4Address.getByAddress(Arrays.copyOfRange(address.getAddress(), from, from + 4));
        } catch (UnknownHostException e) {
            throw new IllegalStateException("four bytes are an address", e);
        }
    }
}
