package dev.kiln.layercache.layer;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Optional;

import dev.kiln.layercache.layer.LayerException.Code;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.posix.RawPath;

/**
 * Unpacks what {@link LayerPacker#packTree} wrote, and trusts nothing in it: names are confined as {@link Archives} confines
 * them, no name has a meaning of its own, and an archive with a device in it is refused, for none is ever packed. Owners and
 * modes are those of the archive, bits to set user and group included.
 *
 * <p>Safe for many threads.
 */
public final class TreeExtractor {
    private final ExtractLimits limits;
    private final Owners owners;

    public TreeExtractor(ExtractLimits limits, Owners owners) {
        this.limits = limits;
        this.owners = owners;
    }

    /**
     * Unpacks to the end of the stream, plain or compressed; does not close it. When it fails, what was made stays in
     * {@code into} for the caller to delete; nothing outside is ever changed.
     *
     * @param into an empty directory that nobody else writes to
     * @return the digest of the uncompressed tar
     * @throws LayerException when the archive is damaged, hostile or larger than the limits
     */
    public Digest extract(InputStream archive, Path into) throws IOException {
        try (ArchiveInput in = new ArchiveInput(archive, limits.bytes())) {
            TarReader tar = new TarReader(in, limits);
            ArchiveExtraction extraction = new ArchiveExtraction(RawPath.of(into), Optional.empty(),
                    new TreeWriter(owners), limits);
            for (Optional<TarEntry> entry = tar.next(); entry.isPresent(); entry = tar.next()) {
                extraction.add(checked(entry.get()), tar);
            }
            extraction.finish();
            return in.finish();
        }
    }

    private static TarEntry checked(TarEntry entry) throws LayerException {
        return switch (entry.kind()) {
            case FILE, HARD_LINK, SYMLINK, DIRECTORY, FIFO -> entry;
            case CHARACTER_DEVICE, BLOCK_DEVICE -> throw new LayerException(Code.UNSUPPORTED_ENTRY,
                    "reading an archive: " + entry.name() + " is a device, which has no place in it");
        };
    }
}
