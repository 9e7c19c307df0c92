package dev.kiln.layercache.layer;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import dev.kiln.layercache.layer.LayerException.Code;
import dev.kiln.layercache.posix.RawPath;

/**
 * The hard links of one layer. What a link names may be hidden by a layer above while the link is not: then the first link
 * that is seen gets the content, and the others name that.
 */
final class MergedLinks {
    /** Where the content of each file stands: its own place, or that of what it is a link to. */
    private final Map<RawPath, Integer> contents = new HashMap<>();
    private final Map<Integer, RawPath> names = new HashMap<>();
    private final Map<Integer, List<Link>> links = new HashMap<>();
    private final Map<Integer, RawPath> targets = new HashMap<>();
    private final Map<Integer, RawPath> promoted = new HashMap<>();

    private record Link(int place, RawPath name) {}

    /** A file of whatever kind, no directory. */
    void addFile(int place, RawPath name) {
        contents.put(name, place);
    }

    void addDirectory(RawPath name) {
        contents.remove(name);
    }

    void addLink(int place, RawPath name, RawPath target) throws LayerException {
        Integer content = contents.get(target);
        if (content == null) {
            throw new LayerException(Code.BAD_LINK, "reading an archive: the hard link " + name + " names " + target
                    + ", which is no file of this layer");
        }
        names.putIfAbsent(content, target);
        links.computeIfAbsent(content, _ -> new ArrayList<>()).add(new Link(place, name));
        contents.put(name, content);
    }

    /** To be called when all entries of the layer are in the tree; forgets what was needed until then. */
    void settle(MergedTree tree, int layer) {
        links.forEach((content, all) -> {
            if (tree.isShown(layer, content)) {
                all.forEach(link -> targets.put(link.place, names.get(content)));
                return;
            }
            List<Link> seen = all.stream().filter(link -> tree.isShown(layer, link.place)).toList();
            if (!seen.isEmpty()) {
                Link first = seen.getFirst();
                tree.hide(layer, first.place);
                promoted.put(content, first.name);
                seen.forEach(link -> targets.put(link.place, first.name));
            }
        });
        contents.clear();
        links.clear();
        names.clear();
    }

    /** Under which name the content at this place is written instead of its own. */
    Optional<RawPath> promoted(int place) {
        return Optional.ofNullable(promoted.get(place));
    }

    /** What the link at this place names. */
    RawPath target(int place) {
        return Optional.ofNullable(targets.get(place)).orElseThrow();
    }
}
