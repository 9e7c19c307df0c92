package dev.kiln.layercache.layer;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;

import dev.kiln.layercache.layer.LayerException.Code;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.posix.RawPath;

/**
 * Unpacks what {@link LayerPacker#packTree} wrote, and trusts nothing in it: names are confined as {@link Archives} confines
 * them, no name has a meaning of its own, and an archive with a device in it is refused, for none is ever packed, or unpacked
 * without it. Owners and modes are those of the archive, bits to set user and group included.
 *
 * <p>Safe for many threads.
 */
public final class TreeExtractor {
    private final ExtractLimits limits;
    private final Owners owners;
    private final Optional<Consumer<String>> leftOut;

    public TreeExtractor(ExtractLimits limits, Owners owners) {
        this(limits, owners, Optional.empty());
    }

    private TreeExtractor(ExtractLimits limits, Owners owners, Optional<Consumer<String>> leftOut) {
        this.limits = limits;
        this.owners = owners;
        this.leftOut = leftOut;
    }

    /** For archives of others, with devices, which only root could make: they are left out, and told by name. */
    public static TreeExtractor withoutDevices(ExtractLimits limits, Owners owners, Consumer<String> leftOut) {
        return new TreeExtractor(limits, owners, Optional.of(leftOut));
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
                if (isWanted(entry.get())) {
                    extraction.add(entry.get(), tar);
                }
            }
            extraction.finish();
            return in.finish();
        }
    }

    private boolean isWanted(TarEntry entry) throws LayerException {
        return switch (entry.kind()) {
            case FILE, HARD_LINK, SYMLINK, DIRECTORY, FIFO -> true;
            case CHARACTER_DEVICE, BLOCK_DEVICE -> {
                leftOut.orElseThrow(() -> new LayerException(Code.UNSUPPORTED_ENTRY,
                        "reading an archive: " + entry.name() + " is a device, which has no place in it"))
                    .accept(entry.name().toString());
                yield false;
            }
        };
    }
}
