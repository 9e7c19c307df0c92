package dev.kiln.cli.context;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Optional;

import dev.kiln.layercache.oci.Digest;

/** Bytes that are digested while they are written and read again afterwards: in memory while they are few, else in a file. */
public final class Spool extends OutputStream {
    private static final int IN_MEMORY = 16 << 20;
    private final MessageDigest hash = Digest.newSha256();
    private ByteArrayOutputStream memory = new ByteArrayOutputStream(64 * 1024);
    private Optional<Path> file = Optional.empty();
    private OutputStream out = memory;
    private long size;

    @Override
    public void write(int b) throws IOException {
        write(new byte[]{(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        if (file.isEmpty() && size + length > IN_MEMORY) {
            toFile();
        }
        out.write(bytes, offset, length);
        hash.update(bytes, offset, length);
        size += length;
    }

    private void toFile() throws IOException {
        Path path = Files.createTempFile("kiln-context-", ".tar");
        file = Optional.of(path);
        out = Files.newOutputStream(path);
        memory.writeTo(out);
        memory = new ByteArrayOutputStream(0);
    }

    public long size() {
        return size;
    }

    /** The digest of all that was written; ends the writing. */
    public Digest finish() throws IOException {
        out.flush();
        return Digest.ofSha256(hash.digest());
    }

    public InputStream open() throws IOException {
        return file.isPresent() ? Files.newInputStream(file.get()) : new ByteArrayInputStream(memory.toByteArray());
    }

    @Override
    public void close() throws IOException {
        out.close();
        if (file.isPresent()) {
            Files.deleteIfExists(file.get());
        }
    }
}
