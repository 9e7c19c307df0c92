package dev.kiln.cli.dev;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Set;

import dev.kiln.queue.secret.FarmKey;

/**
 * The key of a farm of one machine, in a file that only its owner reads; made when there is none. Its folder belongs to this
 * process alone.
 */
final class KeyFile {

    private KeyFile() {}

    static FarmKey open(Path file, SecureRandom random) throws IOException {
        if (!Files.exists(file)) {
            create(file, FarmKey.generate(random));
        }
        try {
            return FarmKey.parse(Files.readString(file));
        } catch (IllegalArgumentException e) {
            throw new IOException(file + " holds no key: " + e.getMessage()
                    + "; builds with secrets that wait need it, others do not: without the file a new one is made", e);
        }
    }

    /** Whole or not at all. */
    private static void create(Path file, String key) throws IOException {
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(fresh);
        try (FileChannel channel = FileChannel.open(fresh,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
                OutputStream out = Channels.newOutputStream(channel)) {
            out.write((key + "\n").getBytes(StandardCharsets.US_ASCII));
            channel.force(true);
        }
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    }
}
