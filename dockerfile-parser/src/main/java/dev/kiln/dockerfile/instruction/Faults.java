package dev.kiln.dockerfile.instruction;

import dev.kiln.dockerfile.lex.RawInstruction;
import dev.kiln.dockerfile.lex.Word;
import dev.kiln.dockerfile.source.DockerfileException;
import dev.kiln.dockerfile.source.DockerfileException.Code;

/** The errors that several instructions have in common. */
final class Faults {

    private Faults() {}

    static DockerfileException syntax(RawInstruction raw, String message) {
        return new DockerfileException(Code.SYNTAX, message, raw.range(), raw.text());
    }

    static DockerfileException syntax(Word word, String message) {
        return new DockerfileException(Code.SYNTAX, message, word.range(), word.text());
    }

    static DockerfileException flag(Word flag, String message) {
        return new DockerfileException(Code.FLAG, message, flag.range(), flag.text());
    }

    static void requireArguments(RawInstruction raw, String name) {
        if (raw.arguments().words().isEmpty() && raw.arguments().trigger().isEmpty()) {
            throw syntax(raw, name + " requires at least one argument");
        }
    }

    static Word onlyArgument(RawInstruction raw, String name) {
        if (raw.arguments().words().size() != 1) {
            throw syntax(raw, name + " requires exactly one argument");
        }
        return raw.arguments().words().getFirst();
    }
}
