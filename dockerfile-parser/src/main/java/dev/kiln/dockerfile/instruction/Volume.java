package dev.kiln.dockerfile.instruction;

import java.util.List;

import dev.kiln.dockerfile.lex.RawInstruction;
import dev.kiln.dockerfile.lex.Word;
import dev.kiln.dockerfile.source.Whitespace;

/**
 * Declares directories that hold data of their own at run time.
 *
 * @param paths take variables
 */
public record Volume(Origin origin, List<String> paths) implements Instruction {

    public Volume {
        paths = List.copyOf(paths);
    }

    static Volume parse(RawInstruction raw) {
        Faults.requireArguments(raw, "VOLUME");
        Flags.refuseAny(raw);
        return new Volume(Origin.of(raw), raw.arguments().words().stream().map(Volume::path).toList());
    }

    private static String path(Word word) {
        String path = Whitespace.trim(word.text());
        if (path.isEmpty()) {
            throw Faults.syntax(word, "VOLUME specified can not be an empty string");
        }
        return path;
    }
}
