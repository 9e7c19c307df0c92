package dev.kiln.layercache.layer;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.posix.RawPath;

/**
 * Extracts layers (plain, gzip or zstd, told by their first bytes) into upper directories, and trusts nothing in them.
 *
 * <p>As containerd does: a leading slash means the root of the layer; a parent that is a symbolic link of the same layer is
 * followed inside the root; a missing parent is made, with the attributes that it has in the layers below; device nodes are
 * made; trusted attributes are not set; a later entry replaces an earlier one of the same name, but directories merge.
 * Otherwise than containerd: a name whose {@code ..} lead above the root is refused; a hard link does not change the
 * attributes of the file it names; a whiteout and an entry of the same name may come in either order, and the entry stays
 * (a directory then hides the one below, for a whiteout takes away only what lower layers have).
 *
 * <p>Safe for many threads.
 */
public final class LayerExtractor {
    private final ExtractLimits limits;
    private final Owners owners;

    public LayerExtractor(ExtractLimits limits, Owners owners) {
        this.limits = limits;
        this.owners = owners;
    }

    /**
     * Extracts the layer that {@code layer} has, to its end; does not close it. When it fails, what was made stays in
     * {@code target} for the caller to delete; nothing outside {@code target} is ever changed.
     *
     * @param target an empty directory that nobody else writes to
     * @param parents the uppers of the layers below, the nearest first: attributes of directories that this layer puts
     *     something into without having an entry for them are taken from there
     * @throws LayerException when the layer is damaged, hostile or larger than the limits
     */
    public ExtractedLayer extract(InputStream layer, Path target, List<Path> parents) throws IOException {
        List<RawPath> below = parents.stream().map(RawPath::of).toList();
        try (ArchiveInput in = new ArchiveInput(layer, limits.bytes())) {
            TarReader tar = new TarReader(in, limits);
            UpperBuilder upper = new UpperBuilder(RawPath.of(target), below, new TreeWriter(owners), limits);
            for (Optional<TarEntry> entry = tar.next(); entry.isPresent(); entry = tar.next()) {
                upper.add(entry.get(), tar);
            }
            upper.finish();
            Digest diffId = in.finish();
            return new ExtractedLayer(diffId, in.bytes(), tar.entries(), upper.rootAttributes());
        }
    }
}
