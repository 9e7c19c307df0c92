package dev.kiln.layercache.layer;

import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

import org.jspecify.annotations.Nullable;

import dev.kiln.layercache.layer.LayerException.Code;
import dev.kiln.layercache.layer.TarEntry.Kind;
import dev.kiln.layercache.posix.RawPath;

/**
 * Which entries are seen of layers that lie on one another. They are added from the top layer down, the entries of each in
 * their order; what a layer above has decided, none below changes. An entry is named by the number of its layer, 0 for the
 * lowest, and its place in it.
 *
 * <p>Within one layer the rules are those of {@link UpperBuilder}: a later entry replaces an earlier one of its name,
 * directories merge, and a deletion is of what lower layers have.
 */
final class MergedTree {
    private final Node root = new Node();
    private final List<BitSet> shown = new ArrayList<>();

    private enum State {
        /** Nothing is known of it. */
        UNKNOWN,
        /** A directory because something is in it; attributes may come from below. */
        IMPLIED,
        DIRECTORY,
        OTHER,
        DELETED
    }

    /** One name. */
    static final class Node {
        /** Made when there is one: most names are of files. */
        private Map<RawPath, Node> children = Map.of();
        private State state = State.UNKNOWN;
        /** The layer that decided what this is. */
        private int layer;
        /** What layers below this one have in this directory is not seen. */
        private int cut = -1;
        /** What layers below this one have under this name is not seen, be it a directory or not. */
        private int replaced = -1;
        /** The entry to be written, once there is one. */
        private int shownIn = -1;
        private int place;
        private @Nullable Attributes attributes;
        private int attributesOf;

        private Node child(RawPath name) {
            if (children.isEmpty()) {
                children = new TreeMap<>();
            }
            return children.computeIfAbsent(name, _ -> new Node());
        }

        /** Of a directory that has an entry. */
        Attributes attributes() {
            return Optional.ofNullable(attributes).orElseThrow();
        }

        boolean isOpaque() {
            return cut >= 0 && isDirectory();
        }

        private boolean isDirectory() {
            return state == State.IMPLIED || state == State.DIRECTORY;
        }
    }

    MergedTree(int layers) {
        root.state = State.IMPLIED;
        root.layer = layers;
        for (int i = 0; i < layers; i++) {
            shown.add(new BitSet());
        }
    }

    boolean isShown(int layer, int place) {
        return shown.get(layer).get(place);
    }

    void hide(int layer, int place) {
        shown.get(layer).clear(place);
    }

    /** @param names on the way to the entry; the last may be that of a whiteout */
    void add(int layer, int place, List<RawPath> names, TarEntry entry) throws LayerException {
        if (names.isEmpty()) {
            putDirectory(root, layer, place, entry.attributes());
            return;
        }
        Optional<Node> parent = enter(layer, names.subList(0, names.size() - 1));
        if (parent.isEmpty() || parent.get().cut > layer) {
            return;
        }
        RawPath own = names.getLast();
        if (own.equals(Whiteouts.OPAQUE_NAME)) {
            cut(parent.get(), layer);
            return;
        }
        Optional<RawPath> deleted = Whiteouts.deletedBy(own);
        Node node = parent.get().child(deleted.orElse(own));
        if (deleted.isPresent()) {
            putDeletion(node, layer, place);
        } else if (entry.kind() == Kind.DIRECTORY) {
            putDirectory(node, layer, place, entry.attributes());
        } else {
            putOther(node, layer, place);
        }
    }

    /** The directory that the layer puts something into; empty when a layer above hides it. */
    private Optional<Node> enter(int layer, List<RawPath> names) throws LayerException {
        Node at = root;
        for (RawPath name : names) {
            if (at.cut > layer) {
                return Optional.empty();
            }
            Node next = at.child(name);
            switch (next.state) {
                case UNKNOWN -> decide(next, State.IMPLIED, layer);
                case IMPLIED, DIRECTORY -> {
                    // goes on below
                }
                case DELETED, OTHER -> {
                    if (next.layer > layer) {
                        return Optional.empty();
                    }
                    if (next.state == State.OTHER) {
                        throw new LayerException(Code.NOT_A_DIRECTORY, "reading an archive: an entry is below "
                                + LayerNames.joined(names) + ", on the way to which is no directory");
                    }
                    unshow(next);
                    decide(next, State.IMPLIED, layer);
                    replace(next, layer);
                }
            }
            at = next;
        }
        return Optional.of(at);
    }

    private void putDirectory(Node node, int layer, int place, Attributes attributes) {
        if (node.replaced > layer) {
            return;
        }
        switch (node.state) {
            case UNKNOWN -> decide(node, State.DIRECTORY, layer);
            case IMPLIED -> node.state = State.DIRECTORY;
            case DIRECTORY -> {
                // merges
            }
            case OTHER, DELETED -> {
                if (node.layer > layer) {
                    return;
                }
                if (node.state == State.DELETED) {
                    replace(node, layer);
                }
                decide(node, State.DIRECTORY, layer);
            }
        }
        // It is written with the lowest layer that shows it, before what is in it, and is what the highest says.
        if (node.attributes == null || node.attributesOf == layer) {
            node.attributes = attributes;
            node.attributesOf = layer;
        }
        show(node, layer, place);
    }

    private void putOther(Node node, int layer, int place) {
        if (node.state != State.UNKNOWN && node.layer > layer) {
            if (node.isDirectory()) {
                replace(node, layer);
            }
            return;
        }
        unshowAll(node);
        node.children = Map.of();
        node.attributes = null;
        decide(node, State.OTHER, layer);
        show(node, layer, place);
    }

    private void putDeletion(Node node, int layer, int place) {
        switch (node.state) {
            case UNKNOWN -> {
                decide(node, State.DELETED, layer);
                show(node, layer, place);
            }
            case IMPLIED, DIRECTORY -> replace(node, layer);
            case OTHER, DELETED -> {
                // nothing of what is below is seen anyway
            }
        }
    }

    private static void decide(Node node, State state, int layer) {
        node.state = state;
        node.layer = layer;
    }

    private static void cut(Node node, int layer) {
        node.cut = Math.max(node.cut, layer);
    }

    /** Something else was here, or nothing. */
    private static void replace(Node node, int layer) {
        cut(node, layer);
        node.replaced = Math.max(node.replaced, layer);
    }

    private void show(Node node, int layer, int place) {
        unshow(node);
        node.shownIn = layer;
        node.place = place;
        shown.get(layer).set(place);
    }

    private void unshow(Node node) {
        if (node.shownIn >= 0) {
            shown.get(node.shownIn).clear(node.place);
        }
    }

    private void unshowAll(Node node) {
        unshow(node);
        node.children.values().forEach(this::unshowAll);
    }

    /** The directory of an entry that is shown. */
    Node directory(List<RawPath> names) {
        Node at = root;
        for (RawPath name : names) {
            at = Optional.ofNullable(at.children.get(name)).orElseThrow();
        }
        return at;
    }

    /** Takes directories that nobody has an entry for. */
    interface Implied {
        /** @param empty whether nothing that is written implies it; a deletion is not written when there is no below */
        void take(RawPath directory, boolean opaque, boolean empty) throws IOException;
    }

    void forEachImplied(boolean whole, Implied each) throws IOException {
        var unused = visit(root, RawPath.ofUtf8(""), whole, each);
    }

    /** True when something is written for the node or below it. */
    private static boolean visit(Node node, RawPath path, boolean whole, Implied each) throws IOException {
        boolean written = node.shownIn >= 0 && !(whole && node.state == State.DELETED);
        for (Map.Entry<RawPath, Node> child : node.children.entrySet()) {
            written |= visit(child.getValue(), path.resolve(child.getKey()), whole, each);
        }
        if (node.state == State.IMPLIED) {
            each.take(path, node.isOpaque(), !written);
        }
        return node.state != State.UNKNOWN && (written || node.state == State.IMPLIED);
    }
}
