package dev.kiln.dockerfile.lex;

import java.util.List;
import java.util.Optional;

import dev.kiln.dockerfile.source.SourceRange;

/**
 * What follows the flags of an instruction, split as that instruction's form asks.
 *
 * @param words the words; for ENV and LABEL groups of three: key, value, and {@code =} or nothing between them
 * @param json whether they were written as a JSON array
 * @param trigger the instruction inside an ONBUILD
 */
public record Arguments(List<Word> words, boolean json, Optional<RawInstruction> trigger) {

    static final Arguments NONE = of(List.of());
    /** Of a word that is the name of no instruction; whatever follows it counts for nothing. */
    static final Arguments UNKNOWN = of(List.of(new Word("", SourceRange.ofLine(1, 1, 0))));

    public Arguments {
        words = List.copyOf(words);
    }

    static Arguments of(List<Word> words) {
        return new Arguments(words, false, Optional.empty());
    }

    static Arguments ofJson(List<Word> words) {
        return new Arguments(words, true, Optional.empty());
    }

    static Arguments ofTrigger(RawInstruction trigger) {
        return new Arguments(List.of(), false, Optional.of(trigger));
    }

    Arguments movedTo(SourceRange place) {
        return new Arguments(Word.movedTo(words, place), json, trigger.map(inner -> inner.movedTo(place)));
    }
}
