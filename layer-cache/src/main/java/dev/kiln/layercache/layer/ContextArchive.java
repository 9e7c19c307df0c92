package dev.kiln.layercache.layer;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

import dev.kiln.layercache.layer.LayerException.Code;
import dev.kiln.layercache.posix.RawPath;

/**
 * Reads the tar of a build's context (plain, gzip, bzip2, xz or zstd, told by its first bytes), which anybody may send; so it is
 * stricter than {@link LayerExtractor}. Refused are: a name or hard link that is absolute or has a {@code ..}; an entry
 * below a symbolic link or a file of the archive; a hard link to what has not come before; devices and fifos; a name that
 * is a directory and something else; an archive without its end marker, which was cut off; all that is more than the limits.
 * Symbolic links may point anywhere: they are data, to be resolved inside the context when they are followed.
 *
 * <p>Safe for many threads.
 */
public final class ContextArchive {
    private static final int MAX_LINKS = 8;
    private final ExtractLimits limits;

    public ContextArchive(ExtractLimits limits) {
        this.limits = limits;
    }

    /** Opens the archive anew each time; what it returns is closed here. */
    public interface Source {
        InputStream open() throws IOException;
    }

    /** Reads the whole archive, and refuses one that {@link #extract} would refuse. Does not close it. */
    public ContextSummary check(InputStream archive) throws IOException {
        return check(archive, Set.of(), 0);
    }

    /**
     * As {@link #check(InputStream)}, and keeps some files of it.
     *
     * @param names of files in the context, as {@code docker/Dockerfile}; of one that comes twice the later counts
     * @param maxFileBytes the most that one of these files may have
     */
    public ContextSummary check(InputStream archive, Set<String> names, int maxFileBytes) throws IOException {
        return read(archive, new ContextFiles(names, maxFileBytes));
    }

    /**
     * The content of one file, found also where the name is a link to it in the context; empty when there is none.
     *
     * @throws LayerException {@code TOO_LARGE} when it has more than {@code maxBytes}
     */
    public Optional<byte[]> readFile(Source source, String name, int maxBytes) throws IOException {
        String wanted = name;
        for (int links = 0; links <= MAX_LINKS; links++) {
            ContextSummary found;
            try (InputStream archive = source.open()) {
                found = check(archive, Set.of(wanted), maxBytes);
            }
            String next = found.links().get(wanted);
            if (next == null) {
                return Optional.ofNullable(found.files().get(wanted));
            }
            wanted = next;
        }
        return Optional.empty();
    }

    /**
     * Extracts the context into an empty directory that nobody else writes to; does not close the archive. Modes and
     * times (with nanoseconds) are kept, extended attributes are not, for BuildKit's clients send none either. When it fails, what was made stays in {@code target} for
     * the caller to delete; nothing outside is ever changed.
     */
    public ContextSummary extract(InputStream archive, Path target, Owners owners) throws IOException {
        ContextExtraction extraction = new ContextExtraction(RawPath.of(target), owners);
        ContextSummary summary = read(archive, extraction);
        extraction.finish();
        return summary;
    }

    private ContextSummary read(InputStream archive, ContextVisitor visitor) throws IOException {
        try (ArchiveInput in = new ArchiveInput(archive, limits.bytes())) {
            TarReader tar = new TarReader(in, limits);
            ContextEntries entries = new ContextEntries(limits);
            for (Optional<TarEntry> next = tar.next(); next.isPresent(); next = tar.next()) {
                TarEntry entry = next.get();
                Instant modified = entry.attributes().modified();
                RawPath name = entries.add(entry, directory -> visitor.implied(directory, modified));
                visitor.entry(name, entry, tar);
            }
            if (!tar.endMarked()) {
                throw new LayerException(Code.CORRUPT,
                        "reading a context: the archive has no end marker; was it sent whole?");
            }
            in.finish();
            return new ContextSummary(tar.entries(), in.bytes(), visitor.files(), visitor.links());
        }
    }
}
