package dev.kiln.dockerfile.instruction;

import java.util.List;
import java.util.Optional;

import dev.kiln.dockerfile.lex.RawInstruction;
import dev.kiln.dockerfile.lex.Word;

/**
 * Declares build arguments, for all FROM lines if it stands before the first of them, else for the rest of its stage. Flags
 * are passed over, as BuildKit does here.
 */
public record Arg(Origin origin, List<Declaration> declarations) implements Instruction {

    /**
     * @param defaultValue takes variables
     * @param description what the comment above says about it
     */
    public record Declaration(String name, Optional<String> defaultValue, Optional<String> description) {

        public Declaration {
            if (name.isEmpty()) {
                throw new IllegalArgumentException("the name of a build argument cannot be empty");
            }
        }
    }

    public Arg {
        declarations = List.copyOf(declarations);
    }

    static Arg parse(RawInstruction raw) {
        Faults.requireArguments(raw, "ARG");
        Origin origin = Origin.of(raw);
        return new Arg(origin, raw.arguments().words().stream().map(word -> declaration(word, origin)).toList());
    }

    private static Declaration declaration(Word word, Origin origin) {
        int equals = word.text().indexOf('=');
        if (equals == 0) {
            throw Faults.syntax(word, "ARG names can not be blank");
        }
        String name = equals < 0 ? word.text() : word.text().substring(0, equals);
        Optional<String> value = equals < 0 ? Optional.empty() : Optional.of(word.text().substring(equals + 1));
        return new Declaration(name, value, origin.description(name));
    }
}
