package dev.kiln.dockerfile.instruction;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

import dev.kiln.dockerfile.lex.Quoted;
import dev.kiln.dockerfile.lex.RawInstruction;
import dev.kiln.dockerfile.lex.Word;

/**
 * Begins a stage.
 *
 * @param image what the stage starts from: an image, {@code scratch} or an earlier stage; takes global variables
 * @param stageName the name given with AS, in lower case
 * @param platform takes global variables
 */
public record From(Origin origin, String image, Optional<String> stageName,
        Optional<String> platform) implements Instruction {

    private static final Pattern STAGE_NAME = Pattern.compile("[a-z][a-z0-9_.-]*");

    static From parse(RawInstruction raw) {
        List<Word> words = raw.arguments().words();
        boolean named = words.size() == 3 && words.get(1).text().equalsIgnoreCase("as");
        if (!named && words.size() != 1) {
            throw Faults.syntax(raw, "FROM requires either one or three arguments");
        }
        Optional<String> name = named ? Optional.of(stageName(words.get(2))) : Optional.empty();
        Flags flags = new Flags().texts("platform").read(raw);
        return new From(Origin.of(raw), words.getFirst().text(), name, flags.text("platform"));
    }

    private static String stageName(Word word) {
        String name = word.text().toLowerCase(Locale.ROOT);
        if (!STAGE_NAME.matcher(name).matches()) {
            throw Faults.syntax(word, "invalid name for build stage: " + Quoted.word(word.text())
                    + ", name can't start with a number or contain symbols");
        }
        return name;
    }
}
