package dev.kiln.executor.op;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import dev.kiln.layercache.posix.Posix;
import dev.kiln.layercache.posix.PosixException;
import dev.kiln.layercache.posix.RawPath;

/** Extended attributes: which go along when a file is copied, and which count as its content. */
final class Attributes {
    private static final Logger LOG = LoggerFactory.getLogger(Attributes.class);
    private static final String CAPABILITY = "security.capability";

    private Attributes() {}

    /**
     * Copies what can be copied. One that the target's filesystem or the kernel refuses is left out, as everybody's COPY
     * has it: labels of a security module are this machine's business.
     */
    static void copy(RawPath from, RawPath to) throws IOException {
        for (String name : Posix.listxattr(from)) {
            if (ofOverlay(name)) {
                continue;
            }
            Optional<byte[]> value = Posix.getxattr(from, name);
            if (value.isPresent()) {
                set(to, name, value.get());
            }
        }
    }

    private static void set(RawPath to, String name, byte[] value) throws IOException {
        try {
            Posix.setxattr(to, name, value);
        } catch (PosixException e) {
            switch (e.errno()) {
                case EOPNOTSUPP, EPERM, EACCES, EINVAL -> LOG.debug("action=copy-attribute outcome=left-out", e);
                default -> throw e;
            }
        }
    }

    /** The names that count as content, sorted: everything but what this machine adds by itself. */
    static List<String> ofContent(RawPath file) throws IOException {
        List<String> all = Posix.listxattr(file);
        if (all.isEmpty()) {
            return all;
        }
        return all.stream().filter(Attributes::countsAsContent).sorted().toList();
    }

    private static boolean countsAsContent(String name) {
        return name.equals(CAPABILITY)
                || !name.startsWith("security.") && !name.startsWith("system.") && !ofOverlay(name);
    }

    private static boolean ofOverlay(String name) {
        return name.startsWith("trusted.overlay.") || name.startsWith("user.overlay.");
    }
}
