package dev.kiln.executor.snapshot;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import dev.kiln.layercache.layer.Attributes;
import dev.kiln.layercache.layer.ExtractedLayer;
import dev.kiln.layercache.layer.LayerExtractor;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.posix.Posix;
import dev.kiln.layercache.posix.RawPath;

/** Writes the files of a layer into a directory. */
public interface LayerUnpacker {

    /**
     * Unpacks by the extractor, and gives the root directory the attributes that the layer has for it.
     *
     * <p>A snapshot knows nothing of what lies below it; so a directory that a layer writes into without an entry for it
     * is 0755 and root's, whatever it is in the layers below.
     */
    static LayerUnpacker by(LayerExtractor extractor) {
        return (layer, directory) -> {
            ExtractedLayer extracted = extractor.extract(layer, directory, List.of());
            if (extracted.root().isPresent()) {
                apply(extracted.root().get(), RawPath.of(directory));
            }
            return new Unpacked(extracted.diffId(), extracted.root().isPresent());
        };
    }

    private static void apply(Attributes root, RawPath directory) throws IOException {
        Posix.chown(directory, root.owner());
        Posix.chmod(directory, root.mode());
        for (Map.Entry<String, byte[]> attribute : root.xattrs().entrySet()) {
            Posix.setxattr(directory, attribute.getKey(), attribute.getValue());
        }
        Posix.setModified(directory, root.modified());
    }

    /**
     * Reads the layer to its end and writes what is in it, in overlayfs form.
     *
     * @param layer plain, gzip or zstd
     * @param directory exists and is empty
     */
    Unpacked unpack(InputStream layer, Path directory) throws IOException;

    /**
     * @param diffId of the bytes read, uncompressed
     * @param rootEntry true when the layer says what mode, owner and time the root directory has
     */
    record Unpacked(Digest diffId, boolean rootEntry) {}
}
