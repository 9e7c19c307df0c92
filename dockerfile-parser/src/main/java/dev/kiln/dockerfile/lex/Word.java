package dev.kiln.dockerfile.lex;

import java.util.List;
import java.util.Locale;

import dev.kiln.dockerfile.source.SourceRange;

/** A piece of an instruction; variables in it are not expanded yet. */
public record Word(String text, SourceRange range) {

    public String upperCase() {
        return text.toUpperCase(Locale.ROOT);
    }

    Word movedTo(SourceRange place) {
        return new Word(text, place);
    }

    static List<Word> movedTo(List<Word> words, SourceRange place) {
        return words.stream().map(word -> word.movedTo(place)).toList();
    }
}
