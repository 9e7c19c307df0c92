package dev.kiln.dockerfile.instruction;

import java.util.List;

import dev.kiln.dockerfile.lex.RawInstruction;
import dev.kiln.dockerfile.lex.Word;

/**
 * Declares ports that the image listens on.
 *
 * @param ports in textual order; each takes variables and may expand to several words, which {@link PortRange} reads
 */
public record Expose(Origin origin, List<String> ports) implements Instruction {

    public Expose {
        ports = ports.stream().sorted().toList();
    }

    static Expose parse(RawInstruction raw) {
        Faults.requireArguments(raw, "EXPOSE");
        Flags.refuseAny(raw);
        return new Expose(Origin.of(raw), raw.arguments().words().stream().map(Word::text).toList());
    }
}
