package dev.kiln.layercache.context;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import dev.kiln.layercache.content.BlobReader;
import dev.kiln.layercache.layer.ContextLinks;
import dev.kiln.layercache.layer.LayerException;
import dev.kiln.layercache.layer.LayerException.Code;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.posix.RawPath;

/** Single files of a context. Safe for many threads. */
public final class LayoutFiles {
    private static final int MAX_LINKS = 8;

    private final ContextLayout layout;
    private final Map<RawPath, ContextEntry> byName = new HashMap<>();
    private final PackReader packs;

    public LayoutFiles(ContextLayout layout, BlobReader packs) {
        this.layout = layout;
        this.packs = new PackReader(packs);
        layout.listing().entries().forEach(entry -> byName.put(entry.name(), entry));
    }

    /**
     * The content of one file, found also where the name is a link to it in the context; empty when there is none.
     *
     * @throws LayerException {@code TOO_LARGE} when it has more than {@code maxBytes}
     */
    public Optional<byte[]> read(String name, int maxBytes) throws IOException, InterruptedException {
        RawPath wanted = RawPath.ofUtf8(name);
        for (int links = 0; links <= MAX_LINKS; links++) {
            switch (byName.get(wanted)) {
                case ContextEntry.Link link -> wanted = ContextLinks.target(link.name(), link.target());
                case ContextEntry.File file -> {
                    return Optional.of(read(file, maxBytes));
                }
                case ContextEntry.Directory _ -> {
                    return Optional.empty();
                }
                case null -> {
                    return Optional.empty();
                }
            }
        }
        return Optional.empty();
    }

    private byte[] read(ContextEntry.File file, int maxBytes) throws IOException, InterruptedException {
        if (file.size() > maxBytes) {
            throw new LayerException(Code.TOO_LARGE, "reading a context: " + file.name() + " has " + file.size()
                    + " bytes, the limit is " + maxBytes);
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream((int) file.size());
        if (file.size() > 0) {
            packs.read(layout, List.of(file.data()), new PackReader.Sink() {
                @Override
                public void begin(Digest data, long size) {
                    // there is only one
                }

                @Override
                public void bytes(byte[] buffer, int length) {
                    bytes.write(buffer, 0, length);
                }

                @Override
                public void end(Digest data) {
                    // there is only one
                }
            });
        }
        return bytes.toByteArray();
    }
}
