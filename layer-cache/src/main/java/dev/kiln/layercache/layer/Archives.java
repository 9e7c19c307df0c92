package dev.kiln.layercache.layer;

import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.Optional;

import dev.kiln.layercache.layer.LayerException.Code;
import dev.kiln.layercache.posix.FileStat;
import dev.kiln.layercache.posix.FileStat.Owner;
import dev.kiln.layercache.posix.FileType;
import dev.kiln.layercache.posix.Posix;
import dev.kiln.layercache.posix.RawPath;

/**
 * Archives as ADD has them: any tar, plain or compressed by gzip, bzip2, xz or zstd, told by its content alone, which is
 * unpacked onto files that may be there already.
 *
 * <p>As with Docker: owners, modes, times and extended attributes are those of the archive; an entry replaces what has its
 * name, a symbolic link to a directory included, and only directories merge; a directory that has no entry of its own is
 * made with mode 0755 for 0:0; on the way to a name a symbolic link is followed inside the directory unpacked into, an
 * absolute one from there; a hard link may name a file that was there before, and gives it the attributes of its entry; a
 * name of a whiteout is a name like any other; devices and fifos are made; the entry of the root itself is passed over; a
 * missing end marker is none too few. Otherwise than Docker: attributes in {@code trusted.*} and {@code user.overlay.*} are
 * left out, for they are those of a mount and not of a file.
 *
 * <p>Safe for many threads.
 */
public final class Archives {
    private final ExtractLimits limits;
    private final Owners owners;

    public Archives(ExtractLimits limits, Owners owners) {
        this.limits = limits;
        this.owners = owners;
    }

    /**
     * Whether the file is an archive: a regular file which, when it is decompressed, starts with the header of an entry. A
     * symbolic link is none.
     *
     * @throws LayerException {@code TOO_LARGE} when too much memory would be needed to tell
     */
    public static boolean isArchive(RawPath file) throws IOException {
        Optional<FileStat> stat = Posix.lstatIfExists(file);
        if (stat.isEmpty() || stat.get().type() != FileType.REGULAR) {
            return false;
        }
        try (InputStream in = new FileInput(file)) {
            return isArchive(in);
        }
    }

    /** As {@link #isArchive(RawPath)}, of the content; reads some of it, and does not close it. */
    public static boolean isArchive(InputStream content) throws IOException {
        try (InputStream tar = Decompression.open(new Unclosed(content))) {
            return TarHeader.starts(tar.readNBytes(TarReader.BLOCK));
        } catch (LayerException e) {
            if (e.code() == Code.TOO_LARGE) {
                throw e;
            }
            return false;
        }
    }

    /** When the newest regular file in the archive was changed; empty when it has none. Does not close it. */
    public Optional<Instant> newestFile(InputStream archive) throws IOException {
        Optional<Instant> newest = Optional.empty();
        try (ArchiveInput in = new ArchiveInput(archive, limits.bytes())) {
            TarReader tar = new TarReader(in, limits);
            for (Optional<TarEntry> next = tar.next(); next.isPresent(); next = tar.next()) {
                TarEntry entry = next.get();
                boolean regular = entry.kind() == TarEntry.Kind.FILE || entry.kind() == TarEntry.Kind.HARD_LINK;
                Instant modified = entry.attributes().modified();
                if (regular && (newest.isEmpty() || modified.isAfter(newest.get()))) {
                    newest = Optional.of(modified);
                }
            }
        }
        return newest;
    }

    /** As {@link #extract(InputStream, RawPath, Optional)}, of a file. */
    public void extract(RawPath archive, RawPath into, Optional<Owner> owner) throws IOException {
        try (InputStream in = new FileInput(archive)) {
            extract(in, into, owner);
        }
    }

    /**
     * Unpacks the archive, as far as its end marker; does not close it. When it fails, what was made stays; nothing outside
     * {@code into} is ever changed.
     *
     * @param into a directory that nobody else writes to
     * @param owner whom all that is unpacked belongs to, instead of whom the archive names
     * @throws LayerException when the archive is damaged, hostile or larger than the limits
     */
    public void extract(InputStream archive, RawPath into, Optional<Owner> owner) throws IOException {
        try (ArchiveInput in = new ArchiveInput(archive, limits.bytes())) {
            TarReader tar = new TarReader(in, limits);
            ArchiveExtraction extraction = new ArchiveExtraction(into, owner, new TreeWriter(owners), limits);
            for (Optional<TarEntry> entry = tar.next(); entry.isPresent(); entry = tar.next()) {
                extraction.add(entry.get(), tar);
            }
            extraction.finish();
        }
    }
}
