package dev.kiln.layercache.registry;

/** Hosts that are this machine: told by their names alone, without asking a resolver. */
final class Loopback {

    private Loopback() {}

    /** @param authority host and optional port */
    static boolean names(String authority) {
        if (authority.startsWith("[")) {
            return authority.startsWith("[::1]");
        }
        int colon = authority.indexOf(':');
        String host = colon < 0 ? authority : authority.substring(0, colon);
        return host.equals("localhost") || host.matches("127(\\.[0-9]{1,3}){3}");
    }
}
