package dev.kiln.dockerfile.instruction;

import java.util.ArrayList;
import java.util.List;

import dev.kiln.dockerfile.lex.RawInstruction;
import dev.kiln.dockerfile.lex.Word;

/**
 * A pair of ENV or LABEL; both sides take variables.
 *
 * @param legacy whether it was written {@code key value}, without {@code =}
 */
public record KeyValue(String key, String value, boolean legacy) {

    public KeyValue {
        if (key.isEmpty()) {
            throw new IllegalArgumentException("the key of a pair cannot be empty");
        }
    }

    static List<KeyValue> parseAll(RawInstruction raw, String name) {
        Faults.requireArguments(raw, name);
        List<Word> words = raw.arguments().words();
        List<KeyValue> pairs = new ArrayList<>(words.size() / 3);
        for (int i = 0; i < words.size(); i += 3) {
            if (words.get(i).text().isEmpty()) {
                throw Faults.syntax(words.get(i), name + " names can not be blank");
            }
            pairs.add(new KeyValue(words.get(i).text(), words.get(i + 1).text(), words.get(i + 2).text().isEmpty()));
        }
        return pairs;
    }
}
