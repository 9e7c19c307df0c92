package dev.kiln.layercache.layer;

/** Which extended attributes cross between directories and archives, and how a PAX key spells their names. */
final class Xattrs {
    private Xattrs() {}

    /** Those of overlayfs describe one mount, and the trusted ones this machine: neither goes in or comes out. */
    static boolean isExtracted(String name) {
        return !name.startsWith("trusted.") && !name.startsWith("user.overlay.");
    }

    /** The rest (labels of security modules, ACLs) is the machine's, not the layer's. */
    static boolean isPacked(String name) {
        return name.equals("security.capability") || name.startsWith("user.") && isExtracted(name);
    }

    /** A key cannot contain an equals sign; GNU tar writes it as here. */
    static String encoded(String name) {
        return name.replace("%", "%25").replace("=", "%3D");
    }

    static String decoded(String key) {
        return key.replace("%3D", "=").replace("%25", "%");
    }
}
