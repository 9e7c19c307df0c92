package dev.kiln.queue.job;

import java.net.InetAddress;
import java.util.regex.Pattern;

import static dev.kiln.queue.job.Checks.check;

/**
 * A host that steps know by name.
 *
 * @param address an IPv4 or IPv6 address, without brackets
 */
public record ExtraHost(String name, String address) {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_]([A-Za-z0-9_.-]{0,251}[A-Za-z0-9_])?");
    private static final Pattern IPV4 = Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){3}");

    public ExtraHost {
        check(NAME.matcher(name).matches(), "invalid host name " + Checks.shown(name));
        check(!address.equals("host-gateway"), "host-gateway is not supported: say the address of the host");
        check(isAddress(address), "invalid IP address " + Checks.shown(address) + " of the host " + name);
    }

    /**
     * Reads {@code name=address} or {@code name:address}; an IPv6 address may stand in brackets.
     *
     * @throws IllegalArgumentException when it is neither
     */
    public static ExtraHost parse(String text) {
        int equals = text.indexOf('=');
        int at = equals >= 0 ? equals : text.indexOf(':');
        check(at > 0, "invalid host " + Checks.shown(text) + ": expected NAME=ADDRESS");
        String address = text.substring(at + 1);
        boolean bracketed = address.length() > 2 && address.startsWith("[") && address.endsWith("]");
        return new ExtraHost(text.substring(0, at),
                bracketed ? address.substring(1, address.length() - 1) : address);
    }

    private static boolean isAddress(String text) {
        if (text.length() > 45 || !IPV4.matcher(text).matches() && (text.indexOf(':') < 0 || text.indexOf('%') >= 0)) {
            return false;
        }
        try {
            return InetAddress.ofLiteral(text).getHostAddress() != null;
        } catch (IllegalArgumentException _) {
            return false;
        }
    }

    @Override
    public String toString() {
        return name + "=" + address;
    }
}
