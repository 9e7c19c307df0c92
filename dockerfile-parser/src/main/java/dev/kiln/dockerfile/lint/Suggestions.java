package dev.kiln.dockerfile.lint;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

import dev.kiln.dockerfile.source.Suggestion;

/**
 * Finds the names that were probably meant, as long as the work stays in bounds: after a number of character comparisons
 * that no file written by people needs, there are no suggestions any more.
 */
final class Suggestions {

    private static final long MOST_WORK = 20_000_000;

    private long work;

    /**
     * @param order of two names that are equally close, the first one is taken
     * @return empty if no name is close
     */
    Optional<String> closest(String word, Set<String> names, Comparator<String> order) {
        work += names.size();
        if (work > MOST_WORK) {
            return Optional.empty();
        }
        List<String> near = names.stream().filter(name -> Suggestion.comparable(word, name)).sorted(order).toList();
        for (String name : near) {
            work += (word.length() + 1L) * (name.length() + 1L);
        }
        return work > MOST_WORK ? Optional.empty() : Suggestion.closest(word, near);
    }
}
