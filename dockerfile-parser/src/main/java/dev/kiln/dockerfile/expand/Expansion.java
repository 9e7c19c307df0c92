package dev.kiln.dockerfile.expand;

import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What a raw word became.
 *
 * @param text the whole word with blanks kept
 * @param words the same split at unquoted blanks, those that came out of variables included
 * @param used the variables that were asked for and set, in order of first use
 * @param unset the variables that were asked for and not set
 */
public record Expansion(String text, List<String> words, Set<String> used, Set<String> unset) {

    public Expansion {
        words = List.copyOf(words);
        used = Collections.unmodifiableSet(new LinkedHashSet<>(used));
        unset = Collections.unmodifiableSet(new LinkedHashSet<>(unset));
    }
}
