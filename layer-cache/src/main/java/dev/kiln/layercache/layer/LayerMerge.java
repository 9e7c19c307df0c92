package dev.kiln.layercache.layer;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import dev.kiln.layercache.layer.LayerException.Code;
import dev.kiln.layercache.layer.TarEntry.Kind;
import dev.kiln.layercache.posix.FileStat.Device;
import dev.kiln.layercache.posix.FileStat.Owner;
import dev.kiln.layercache.posix.RawPath;

/**
 * Makes one tar of several layers, without unpacking any: their names are read from the top layer down, to find out what is
 * seen of each; then they are read once more from the lowest up, and what is seen is written. Trusts nothing in them.
 */
final class LayerMerge {
    private static final byte[] ZEROS = new byte[64 << 10];
    private static final Attributes IMPLIED = new Attributes(0755, Owner.ROOT, Instant.EPOCH, Map.of());
    private static final RawPath NO_LINK = RawPath.ofUtf8("");

    private final List<LayerSource> layers;
    private final MergeRules rules;
    private final ExtractLimits limits;
    private final MergedTree tree;
    private final List<MergedLinks> links = new ArrayList<>();
    private long entries;
    private long namesBytes;

    private interface Visitor {
        void visit(int place, LayerNames ways, TarEntry entry, TarReader content) throws IOException;
    }

    /** @param layers the lowest first */
    LayerMerge(List<LayerSource> layers, MergeRules rules, ExtractLimits limits) {
        this.layers = layers;
        this.rules = rules;
        this.limits = limits;
        tree = new MergedTree(layers.size());
        layers.forEach(_ -> links.add(new MergedLinks()));
    }

    void write(LayerOutput out) throws IOException {
        for (int layer = layers.size() - 1; layer >= 0; layer--) {
            readNames(layer);
        }
        TarWriter tar = new TarWriter(out);
        for (int layer = 0; layer < layers.size(); layer++) {
            writeShown(layer, tar, out);
        }
        tree.forEachImplied(rules.whole(), (directory, opaque, empty) -> writeImplied(directory, opaque, empty, tar));
        tar.end();
    }

    private void visit(int layer, Visitor visitor) throws IOException {
        try (InputStream stream = layers.get(layer).open();
                ArchiveInput in = ArchiveInput.withoutDigest(stream, limits.bytes())) {
            TarReader content = new TarReader(in, limits);
            LayerNames ways = new LayerNames();
            int place = 0;
            for (Optional<TarEntry> entry = content.next(); entry.isPresent(); entry = content.next()) {
                visitor.visit(place++, ways, entry.get(), content);
            }
        }
    }

    private void readNames(int layer) throws IOException {
        MergedLinks own = links.get(layer);
        visit(layer, (place, ways, entry, _) -> {
            count(entry);
            List<RawPath> names = ways.of(entry);
            tree.add(layer, place, names, entry);
            RawPath name = LayerNames.joined(names);
            switch (entry.kind()) {
                case HARD_LINK -> own.addLink(place, name, LayerNames.joined(ways.ofTarget(entry)));
                case DIRECTORY -> own.addDirectory(name);
                case FILE, SYMLINK, CHARACTER_DEVICE, BLOCK_DEVICE, FIFO -> own.addFile(place, name);
            }
        });
        own.settle(tree, layer);
    }

    private void count(TarEntry entry) throws LayerException {
        namesBytes += entry.name().length();
        if (++entries > limits.entries() || namesBytes > limits.namesBytes()) {
            throw new LayerException(Code.TOO_LARGE,
                    "merging " + layers.size() + " layers: together they have more than "
                            + limits.entries() + " entries, or more than " + limits.namesBytes()
                            + " bytes of names, which is the limit");
        }
    }

    private void writeShown(int layer, TarWriter tar, LayerOutput out) throws IOException {
        MergedLinks own = links.get(layer);
        visit(layer, (place, ways, entry, content) -> {
            List<RawPath> names = ways.of(entry);
            Optional<RawPath> promoted = own.promoted(place);
            if (promoted.isPresent()) {
                write(entry, promoted.get(), entry.link(), entry.attributes(), tar);
                writeContent(entry, content, tar, out);
            } else if (tree.isShown(layer, place) && isWanted(names)) {
                writeOne(place, names, entry, own, tar);
                writeContent(entry, content, tar, out);
            }
        });
    }

    private boolean isWanted(List<RawPath> names) {
        return names.isEmpty() ? rules.root() : !rules.whole() || !Whiteouts.isReserved(names.getLast());
    }

    private void writeOne(int place, List<RawPath> names, TarEntry entry, MergedLinks own, TarWriter tar)
            throws IOException {
        RawPath name = names.isEmpty() ? RawPath.ofUtf8(".") : LayerNames.joined(names);
        switch (entry.kind()) {
            case DIRECTORY -> {
                MergedTree.Node node = tree.directory(names);
                write(entry, name, NO_LINK, node.attributes(), tar);
                if (node.isOpaque() && !rules.whole()) {
                    writeOpaque(LayerNames.joined(names), tar);
                }
            }
            case HARD_LINK -> write(entry, name, own.target(place), entry.attributes(), tar);
            case FILE, SYMLINK, CHARACTER_DEVICE, BLOCK_DEVICE, FIFO ->
                write(entry, name, entry.link(), entry.attributes(), tar);
        }
    }

    private void write(TarEntry entry, RawPath name, RawPath link, Attributes attributes, TarWriter tar)
            throws IOException {
        Attributes written = new Attributes(attributes.mode(), attributes.owner(),
                rules.times().apply(attributes.modified()), attributes.xattrs());
        tar.writeHeader(new TarEntry(entry.kind(), name, link, entry.size(), written, entry.device()));
    }

    /** Its attributes are those that extraction gives it, and those of the layers below when there are any. */
    private void writeImplied(RawPath directory, boolean opaque, boolean empty, TarWriter tar) throws IOException {
        if (rules.whole() && empty && !directory.isEmpty()) {
            tar.writeHeader(new TarEntry(Kind.DIRECTORY, directory, NO_LINK, 0, IMPLIED, Device.NONE));
        } else if (!rules.whole() && opaque) {
            writeOpaque(directory, tar);
        }
    }

    private void writeOpaque(RawPath directory, TarWriter tar) throws IOException {
        tar.writeHeader(new TarEntry(Kind.FILE, directory.resolve(Whiteouts.OPAQUE_NAME), NO_LINK, 0,
                new Attributes(0, Owner.ROOT, rules.times().apply(Instant.EPOCH), Map.of()), Device.NONE));
    }

    private static void writeContent(TarEntry entry, TarReader content, TarWriter tar, LayerOutput out)
            throws IOException {
        if (entry.size() == 0) {
            return;
        }
        content.copyContent(new Filled(out));
        tar.pad(entry.size());
    }

    /** Writes holes as zeros. */
    record Filled(OutputStream out) implements TarReader.ContentSink {

        @Override
        public void data(byte[] bytes, int offset, int length) throws IOException {
            out.write(bytes, offset, length);
        }

        @Override
        public void hole(long length) throws IOException {
            for (long rest = length; rest > 0;) {
                int part = (int) Math.min(rest, ZEROS.length);
                out.write(ZEROS, 0, part);
                rest -= part;
            }
        }
    }
}
