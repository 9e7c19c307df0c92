package dev.kiln.layercache.layer;

import java.util.Arrays;
import java.util.Optional;

import dev.kiln.layercache.layer.LayerException.Code;
import dev.kiln.layercache.posix.RawPath;

import static java.nio.charset.StandardCharsets.US_ASCII;

/** How a deletion is written: in a tar by a name (OCI image-spec, layer.md, "Whiteouts"), in an upper by an attribute. */
final class Whiteouts {
    /** Of an opaque directory; the second where an overlay is mounted with {@code userxattr}. */
    static final String OPAQUE = "trusted.overlay.opaque";
    static final String USER_OPAQUE = "user.overlay.opaque";
    static final RawPath OPAQUE_NAME = RawPath.ofUtf8(".wh..wh..opq");
    private static final String PREFIX = ".wh.";

    private Whiteouts() {}

    static boolean isReserved(RawPath name) {
        return name.latin1().startsWith(PREFIX);
    }

    static RawPath nameFor(RawPath deleted) {
        return RawPath.ofLatin1(PREFIX + deleted.latin1());
    }

    /** The name that an entry of this name deletes, or empty when it is none that deletes. */
    static Optional<RawPath> deletedBy(RawPath name) throws LayerException {
        if (!isReserved(name)) {
            return Optional.empty();
        }
        String deleted = name.latin1().substring(PREFIX.length());
        if (deleted.isEmpty() || deleted.equals(".") || deleted.equals("..")) {
            throw new LayerException(Code.BAD_WHITEOUT, "the layer deletes " + (deleted.isEmpty() ? "no name" : deleted)
                    + " by an entry " + name + "; only names in the directory can be deleted");
        }
        return Optional.of(RawPath.ofLatin1(deleted));
    }

    static byte[] opaqueValue() {
        return "y".getBytes(US_ASCII);
    }

    static boolean isOpaque(byte[] value) {
        return Arrays.equals(value, opaqueValue());
    }
}
