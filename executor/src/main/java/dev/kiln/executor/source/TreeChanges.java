package dev.kiln.executor.source;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import dev.kiln.layercache.context.ContextEntry;
import dev.kiln.layercache.context.ContextListing;
import dev.kiln.layercache.oci.Digest;

/**
 * What makes one tree of another.
 *
 * @param gone what is in the way or no longer there, in the order of a walk
 * @param made what has to be made anew, in the order of a walk
 * @param touched what is there and has another mode or time only, in the order of a walk
 */
record TreeChanges(List<ContextEntry> gone, List<ContextEntry> made, List<ContextEntry> touched) {

    /** Everything has to be made. */
    static TreeChanges toMake(ContextListing listing) {
        return new TreeChanges(List.of(), listing.entries(), List.of());
    }

    static TreeChanges between(ContextListing before, ContextListing after) {
        TreeChanges changes = new TreeChanges(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        List<ContextEntry> old = before.entries();
        List<ContextEntry> wanted = after.entries();
        int i = 0;
        int j = 0;
        while (i < old.size() || j < wanted.size()) {
            int order = i == old.size()
                    ? 1
                    : j == wanted.size() ? -1 : ContextListing.compare(old.get(i).name(), wanted.get(j).name());
            if (order < 0) {
                changes.gone.add(old.get(i++));
            } else if (order > 0) {
                changes.made.add(wanted.get(j++));
            } else {
                changes.compare(old.get(i++), wanted.get(j++));
            }
        }
        return changes;
    }

    private void compare(ContextEntry old, ContextEntry wanted) {
        if (old.equals(wanted)) {
            return;
        }
        if (sameBody(old, wanted)) {
            touched.add(wanted);
        } else {
            gone.add(old);
            made.add(wanted);
        }
    }

    private static boolean sameBody(ContextEntry old, ContextEntry wanted) {
        return switch (wanted) {
            case ContextEntry.Directory _ -> old instanceof ContextEntry.Directory;
            case ContextEntry.File file -> data(old).filter(file.data()::equals).isPresent();
            case ContextEntry.Link link -> old instanceof ContextEntry.Link other
                    && other.target().equals(link.target());
        };
    }

    private static Optional<Digest> data(ContextEntry entry) {
        return entry instanceof ContextEntry.File file ? Optional.of(file.data()) : Optional.empty();
    }

    int size() {
        return gone.size() + made.size() + touched.size();
    }
}
