package dev.kiln.layercache.layer;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/**
 * Writes the files of a build context as a tar. The same files give the same bytes: owners are 0:0, names of owners are
 * absent, times are whole seconds. Holds nothing that must be closed. For one thread.
 */
public final class ContextWriter {
    private final TarArchiveOutputStream tar;

    public ContextWriter(OutputStream out) {
        tar = new TarArchiveOutputStream(out, StandardCharsets.UTF_8.name());
        tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
        tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
        tar.setAddPaxHeadersForNonAsciiNames(true);
    }

    /** @param name relative, with {@code /} between names and none at the end */
    public void directory(String name, int mode, Instant modified) throws IOException {
        end(entry(name + "/", TarConstants.LF_DIR, mode, modified));
    }

    public void symlink(String name, String target, Instant modified) throws IOException {
        TarArchiveEntry entry = entry(name, TarConstants.LF_SYMLINK, 0777, modified);
        entry.setLinkName(target);
        end(entry);
    }

    /**
     * @param size bytes that {@code content} has to have
     * @throws IOException also when it has more or less, as a file that is being written does
     */
    public void file(String name, int mode, Instant modified, long size, InputStream content) throws IOException {
        TarArchiveEntry entry = entry(name, TarConstants.LF_NORMAL, mode, modified);
        entry.setSize(size);
        tar.putArchiveEntry(entry);
        byte[] buffer = new byte[64 * 1024];
        long left = size;
        while (left > 0) {
            int n = content.read(buffer, 0, (int) Math.min(buffer.length, left));
            if (n < 0) {
                throw new EOFException(name + " became shorter while it was read");
            }
            tar.write(buffer, 0, n);
            left -= n;
        }
        if (content.read() >= 0) {
            throw new IOException(name + " became longer while it was read");
        }
        tar.closeArchiveEntry();
    }

    private void end(TarArchiveEntry entry) throws IOException {
        tar.putArchiveEntry(entry);
        tar.closeArchiveEntry();
    }

    private static TarArchiveEntry entry(String name, byte type, int mode, Instant modified) {
        TarArchiveEntry entry = new TarArchiveEntry(name, type, true);
        entry.setMode(mode & 07777);
        entry.setIds(0, 0);
        entry.setNames("", "");
        entry.setModTime(modified.getEpochSecond() * 1000);
        return entry;
    }

    /** Writes the end of the archive; the stream below stays open. */
    public void finish() throws IOException {
        tar.finish();
        tar.flush();
    }
}
