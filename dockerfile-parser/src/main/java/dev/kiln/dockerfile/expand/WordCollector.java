package dev.kiln.dockerfile.expand;

import java.util.ArrayList;
import java.util.List;

import dev.kiln.dockerfile.source.Whitespace;

/** Splits what is added to it at white space, except where it is added literally. */
final class WordCollector {

    private final List<String> words = new ArrayList<>();
    private final StringBuilder word = new StringBuilder();

    void add(String text, boolean literal) {
        if (literal) {
            word.append(text);
            return;
        }
        for (int i = 0; i < text.length(); i++) {
            add(text.charAt(i), false);
        }
    }

    void add(char c, boolean literal) {
        if (literal || !Whitespace.is(c)) {
            word.append(c);
        } else {
            finish();
        }
    }

    /** Drops the word that is not finished yet. */
    void forget() {
        word.setLength(0);
    }

    List<String> finish() {
        if (!word.isEmpty()) {
            words.add(word.toString());
            word.setLength(0);
        }
        return words;
    }
}
