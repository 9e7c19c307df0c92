package dev.kiln.layercache.layer;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

import dev.kiln.layercache.layer.TarEntry.Kind;
import dev.kiln.layercache.posix.FileStat.Device;
import dev.kiln.layercache.posix.FileStat.Owner;
import dev.kiln.layercache.posix.RawPath;

/**
 * Layers as plain tars, one or several in folders of one. Gzip is read without native code, zstd is not. Trusts nothing in a
 * layer: what is damaged or larger than {@link ExtractLimits#LAYER} allows is refused.
 */
public final class LayerTar {
    private static final RawPath NO_LINK = RawPath.ofUtf8("");

    private final OutputStream out;
    private final TarWriter tar;

    /** @param out stays open */
    public LayerTar(OutputStream out) {
        this.out = out;
        tar = new TarWriter(out);
    }

    /** Writes the tar of a layer as it is, to the end of {@code layer}, which stays open. */
    public static void copy(InputStream layer, OutputStream out) throws IOException {
        try (InputStream plain = Decompression.open(new Unclosed(layer))) {
            new Bounded(plain).transferTo(out);
        }
    }

    /** Adds the entries of a layer below a folder, which is added too; {@code layer} stays open. */
    public void add(String folder, Instant modified, InputStream layer) throws IOException {
        RawPath below = RawPath.ofUtf8(folder);
        tar.writeHeader(new TarEntry(Kind.DIRECTORY, below, NO_LINK, 0,
                new Attributes(0755, Owner.ROOT, modified, Map.of()), Device.NONE));
        try (ArchiveInput in = ArchiveInput.withoutDigest(layer, ExtractLimits.LAYER.bytes())) {
            TarReader content = new TarReader(in, ExtractLimits.LAYER);
            for (Optional<TarEntry> next = content.next(); next.isPresent(); next = content.next()) {
                add(below, next.get(), content);
            }
        }
    }

    private void add(RawPath below, TarEntry entry, TarReader content) throws IOException {
        RawPath name = below.resolve(LayerNames.joined(RootedPaths.names(entry.name())));
        RawPath link = entry.kind() == Kind.HARD_LINK
                ? below.resolve(LayerNames.joined(RootedPaths.names(entry.link())))
                : entry.link();
        tar.writeHeader(new TarEntry(entry.kind(), name, link, entry.size(), entry.attributes(), entry.device()));
        if (entry.size() > 0) {
            content.copyContent(new LayerMerge.Filled(out));
            tar.pad(entry.size());
        }
    }

    /** Writes the end of the archive. */
    public void finish() throws IOException {
        tar.end();
        out.flush();
    }

    /** No more than a layer may have. */
    private static final class Bounded extends FilterInputStream {
        private long bytes;

        private Bounded(InputStream in) {
            super(in);
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            int count = super.read(into, offset, length);
            bytes += Math.max(0, count);
            if (bytes > ExtractLimits.LAYER.bytes()) {
                throw new LayerException(LayerException.Code.TOO_LARGE,
                        "reading a layer: uncompressed it is larger than "
                                + ExtractLimits.LAYER.bytes() + " bytes, which is the limit");
            }
            return count;
        }
    }
}
