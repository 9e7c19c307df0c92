package dev.kiln.layercache.layer;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

import dev.kiln.layercache.content.BlobIngester;
import dev.kiln.layercache.content.BlobWriter;
import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.posix.RawPath;

/**
 * Packs an upper directory into a layer, reading it once. Equal trees give equal layers: entries come in the order of their
 * names' bytes, each directory before what is in it; times are cut to whole seconds, the owner has no name, and what is
 * under a hard link is written with the first of its names. The entries are those that containerd writes for the same
 * directory: names without a leading {@code ./}, no entry for the root itself, sockets left out. Of extended attributes
 * {@code security.capability} and {@code user.*} go into the layer (containerd keeps the first only), nothing of overlayfs.
 *
 * <p>Safe for many threads, which share the threads that compress.
 */
public final class LayerPacker implements AutoCloseable {
    private final BlobIngester blobs;
    private final CompressionPool pool;

    /**
     * @param blobs where the layers go
     * @param threads how many threads compress; as many as there are processors is right
     */
    public LayerPacker(BlobIngester blobs, int threads) {
        this.blobs = blobs;
        pool = new CompressionPool(threads);
    }

    /**
     * Packs {@code upper} and stores the layer.
     *
     * @throws LayerException {@code CHANGED} when a file shrank meanwhile, {@code BAD_WHITEOUT} when a file has a name that
     *     would delete another one, {@code UNSUPPORTED_ENTRY} when the overlay was mounted with {@code redirect_dir} or
     *     {@code metacopy}, and the directory so has not all that belongs to the layer
     */
    public PackedLayer pack(Path upper, Compression compression) throws IOException {
        return pack(upper, compression, UpperWriter.Form.UPPER);
    }

    /**
     * Packs the files of a directory as they are and stores the tar: names of whiteouts are names like any other, times
     * keep their nanoseconds, devices and sockets are left out. {@link TreeExtractor} is the way back.
     *
     * @throws LayerException {@code CHANGED} when a file shrank meanwhile
     */
    public PackedLayer packTree(Path directory, Compression compression) throws IOException {
        return pack(directory, compression, UpperWriter.Form.PLAIN);
    }

    private PackedLayer pack(Path directory, Compression compression, UpperWriter.Form form) throws IOException {
        return store(compression, out -> new UpperWriter(RawPath.of(directory), out, form).write());
    }

    /**
     * Stores a layer compressed otherwise: the tar stays the same, byte for byte.
     *
     * @throws LayerException when it is damaged, or larger than {@link ExtractLimits#LAYER} allows
     */
    public PackedLayer repack(LayerSource layer, Compression compression) throws IOException {
        return store(compression, out -> {
            try (InputStream in = layer.open();
                    ReadAhead tar = new ReadAhead(Decompression.open(new Unclosed(in)))) {
                for (ReadAhead.Piece piece = tar.next(); piece.length() > 0; piece = tar.next()) {
                    out.write(piece.bytes(), 0, piece.length());
                    if (out.size() > ExtractLimits.LAYER.bytes()) {
                        throw new LayerException(LayerException.Code.TOO_LARGE, "reading a layer: uncompressed it is"
                                + " larger than " + ExtractLimits.LAYER.bytes() + " bytes, which is the limit");
                    }
                }
            }
        });
    }

    /**
     * Stores as one layer what is seen of several that lie on one another. Equal layers give an equal one; entries come with
     * the lowest layer that has them, in its order.
     *
     * @param layers the lowest first
     * @throws LayerException when one is damaged, hostile, or they are larger than {@link ExtractLimits#LAYER} allows
     */
    public PackedLayer merge(List<LayerSource> layers, MergeRules rules, Compression compression) throws IOException {
        return store(compression, out -> new LayerMerge(layers, rules, ExtractLimits.LAYER).write(out));
    }

    private interface Content {
        void write(LayerOutput out) throws IOException;
    }

    private PackedLayer store(Compression compression, Content content) throws IOException {
        try (BlobWriter blob = blobs.newBlob(); LayerOutput out = new LayerOutput(blob, compression, pool)) {
            content.write(out);
            long tarSize = out.size();
            Digest diffId = out.finish();
            Digest digest = blob.commit(Optional.empty());
            return new PackedLayer(diffId, Descriptor.of(compression.mediaType(), digest, blob.written()), tarSize);
        }
    }

    /** Ends the threads that compress, when the layers under way are done. */
    @Override
    public void close() {
        pool.close();
    }
}
