package dev.kiln.executor.remote;

import java.net.InetAddress;

/** The addresses that share their first bits with one: {@code 10.0.0.0/8}. */
public record AddressRange(InetAddress start, int bits) {

    /** @throws IllegalArgumentException for what is neither an address nor a range */
    static AddressRange parse(String text) {
        int slash = text.indexOf('/');
        InetAddress start = InetAddress.ofLiteral(slash < 0 ? text : text.substring(0, slash));
        int all = start.getAddress().length * 8;
        int bits = slash < 0 ? all : Integer.parseInt(text.substring(slash + 1));
        if (bits < 0 || bits > all) {
            throw new IllegalArgumentException(text + ": a range of this kind has 0 to " + all + " bits");
        }
        return new AddressRange(start, bits);
    }

    boolean contains(InetAddress address) {
        byte[] a = start.getAddress();
        byte[] b = address.getAddress();
        if (a.length != b.length) {
            return false;
        }
        for (int i = 0; i < bits; i++) {
            int mask = 0x80 >> i % 8;
            if ((a[i / 8] & mask) != (b[i / 8] & mask)) {
                return false;
            }
        }
        return true;
    }
}
