package dev.kiln.executor.cacheartifact;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.posix.DirEntry;
import dev.kiln.layercache.posix.FileStat;
import dev.kiln.layercache.posix.Posix;
import dev.kiln.layercache.posix.RawPath;

/**
 * Tells on this machine whether anything in a tree changed, without reading files: which file has each name, and when the
 * kernel last saw a change to it, which nobody can set. For one thread.
 */
final class TreePrint {
    private final MessageDigest hash = Digest.newSha256();

    private TreePrint() {}

    static Digest of(RawPath root) throws IOException {
        TreePrint print = new TreePrint();
        print.add(root, RawPath.ofUtf8(""), Posix.lstat(root));
        return Digest.ofSha256(print.hash.digest());
    }

    private void add(RawPath path, RawPath name, FileStat stat) throws IOException {
        hash.update(ByteBuffer.allocate(56)
            .putInt(name.length())
            .putInt(stat.stMode())
            .putLong(stat.size())
            .putLong(stat.id().filesystem())
            .putLong(stat.id().inode())
            .putLong(stat.times().changed().getEpochSecond())
            .putInt(stat.times().changed().getNano())
            .flip());
        hash.update(name.bytes());
        if (stat.isDirectory()) {
            List<DirEntry> entries = new ArrayList<>(Posix.list(path));
            entries.sort(Comparator.comparing(DirEntry::name));
            hash.update(ByteBuffer.allocate(Integer.BYTES).putInt(entries.size()).flip());
            for (DirEntry entry : entries) {
                RawPath file = path.resolve(entry.name());
                add(file, entry.name(), Posix.lstat(file));
            }
        }
    }
}
