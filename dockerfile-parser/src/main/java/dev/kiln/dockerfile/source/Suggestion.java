package dev.kiln.dockerfile.source;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;

/** Finds the word that was probably meant, for {@code (did you mean X?)} at the end of a message. */
public final class Suggestion {

    /** From this many edits on, two words have nothing to do with each other. */
    private static final int TOO_FAR = 3;

    private Suggestion() {}

    /** The message, with the closest option appended if one is less than three edits away. */
    public static String append(String message, String word, Collection<String> options) {
        return closest(word, options).map(option -> message + " (did you mean " + option + "?)").orElse(message);
    }

    /** As {@link #append}, disregarding case; the suggestion takes the case of the word. */
    public static String appendIgnoringCase(String message, String word, Collection<String> options) {
        String lower = word.toLowerCase(Locale.ROOT);
        boolean upper = !word.equals(lower) && word.equals(word.toUpperCase(Locale.ROOT));
        return closest(lower, options.stream().map(option -> option.toLowerCase(Locale.ROOT)).toList())
            .map(option -> upper ? option.toUpperCase(Locale.ROOT) : option)
            .map(option -> message + " (did you mean " + option + "?)")
            .orElse(message);
    }

    /** Whether the two are similar enough in length to be compared at all; cheap. */
    public static boolean comparable(String word, String option) {
        return Math.abs(word.length() - option.length()) < TOO_FAR;
    }

    /** The option less than three edits away that is closest, of several the first; empty if the word is one itself. */
    public static Optional<String> closest(String word, Collection<String> options) {
        if (options.contains(word)) {
            return Optional.empty();
        }
        String best = "";
        int least = TOO_FAR;
        for (String option : options) {
            int distance = distance(word, option);
            if (distance < least) {
                least = distance;
                best = option;
            }
        }
        return best.isEmpty() ? Optional.empty() : Optional.of(best);
    }

    /** Levenshtein distance; words whose lengths differ too much are not looked at. */
    private static int distance(String a, String b) {
        if (!comparable(a, b)) {
            return TOO_FAR;
        }
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replace = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replace, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }
}
