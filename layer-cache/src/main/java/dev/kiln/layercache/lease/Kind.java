package dev.kiln.layercache.lease;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** What items there are. */
public enum Kind {
    /** An unpacked layer. */
    LAYER("layer", "regular"),
    /** Content by digest: packed layers, documents of images, downloaded files, contexts as archives. */
    BLOB("blob", "regular"),
    /** A directory of {@code RUN --mount=type=cache}. */
    CACHE_MOUNT("cachemount", "exec.cachemount"),
    /** An unpacked build context. */
    CONTEXT("context", "source.local"),
    /** A mirror of a git repository. */
    GIT("git", "source.git.checkout"),
    /** What builds left in the farm's registry without a name of their own. */
    RESULT("result", "result"),
    /** A manifest that no tag leads to, in a repository of the farm's registry that has a name. */
    MANIFEST("manifest", "manifest"),
    /** The index of the cache: which step has which result. */
    INDEX("index", "internal"),
    /** Work under way, locks, directories. */
    OTHER("other", "internal");

    private final String word;
    private final String type;

    Kind(String word, String type) {
        this.word = word;
        this.type = type;
    }

    public String word() {
        return word;
    }

    /** The kinds that a word means: one of ours, or a type as BuildKit and buildx have it. */
    public static Set<Kind> parse(String text) {
        String word = text.toLowerCase(Locale.ROOT);
        Set<Kind> kinds = Arrays.stream(values())
            .filter(kind -> kind.word.equals(word) || kind.type.equals(word))
            .collect(Collectors.toCollection(() -> EnumSet.noneOf(Kind.class)));
        if (kinds.isEmpty()) {
            throw new IllegalArgumentException("there is no kind \"" + text + "\" of records; known: "
                    + Arrays.stream(values()).map(Kind::word).collect(Collectors.joining(", "))
                    + ", and BuildKit's types regular, source.local, source.git.checkout, exec.cachemount, internal");
        }
        return kinds;
    }

    @Override
    public String toString() {
        return word;
    }
}
