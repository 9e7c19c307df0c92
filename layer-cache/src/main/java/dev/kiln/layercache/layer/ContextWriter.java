package dev.kiln.layercache.layer;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;

import dev.kiln.layercache.layer.TarEntry.Kind;
import dev.kiln.layercache.posix.FileStat.Device;
import dev.kiln.layercache.posix.FileStat.Owner;
import dev.kiln.layercache.posix.RawPath;

/**
 * Writes the files of a build context as a tar. The same files give the same bytes: owners are 0:0, names of owners are
 * absent, times are whole seconds. Holds nothing that must be closed, and loads no native code. For one thread.
 */
public final class ContextWriter {
    private static final RawPath NO_LINK = RawPath.ofUtf8("");
    private final OutputStream out;
    private final TarWriter tar;

    public ContextWriter(OutputStream out) {
        this.out = out;
        tar = new TarWriter(out);
    }

    /** @param name relative, with {@code /} between names and none at the end */
    public void directory(String name, int mode, Instant modified) throws IOException {
        tar.writeHeader(entry(Kind.DIRECTORY, name, NO_LINK, 0, attributes(mode, modified)));
    }

    public void symlink(String name, String target, Instant modified) throws IOException {
        tar.writeHeader(entry(Kind.SYMLINK, name, RawPath.ofUtf8(target), 0, attributes(0777, modified)));
    }

    /**
     * @param size bytes that {@code content} has to have
     * @throws IOException also when it has more or less, as a file that is being written does
     */
    public void file(String name, int mode, Instant modified, long size, InputStream content) throws IOException {
        tar.writeHeader(entry(Kind.FILE, name, NO_LINK, size, attributes(mode, modified)));
        byte[] buffer = new byte[64 * 1024];
        long left = size;
        while (left > 0) {
            int n = content.read(buffer, 0, (int) Math.min(buffer.length, left));
            if (n < 0) {
                throw new EOFException(name + " became shorter while it was read");
            }
            out.write(buffer, 0, n);
            left -= n;
        }
        if (content.read() >= 0) {
            throw new IOException(name + " became longer while it was read");
        }
        tar.pad(size);
    }

    private static TarEntry entry(Kind kind, String name, RawPath link, long size, Attributes attributes) {
        return new TarEntry(kind, RawPath.ofUtf8(name), link, size, attributes, Device.NONE);
    }

    private static Attributes attributes(int mode, Instant modified) {
        return new Attributes(mode & 07777, Owner.ROOT, modified.truncatedTo(ChronoUnit.SECONDS), Map.of());
    }

    /** Writes the end of the archive; the stream below stays open. */
    public void finish() throws IOException {
        tar.end();
        out.flush();
    }
}
