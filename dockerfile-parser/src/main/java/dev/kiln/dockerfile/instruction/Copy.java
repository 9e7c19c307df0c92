package dev.kiln.dockerfile.instruction;

import java.util.Optional;

import dev.kiln.dockerfile.lex.RawInstruction;

/**
 * Copies files from the context, or from a stage or image.
 *
 * @param from a stage's name or number, or an image; takes no variables
 * @param parents whether the path of a source is kept below the destination
 */
public record Copy(Origin origin, Transfer transfer, TransferOptions options, Optional<String> from,
        boolean parents) implements Instruction {

    static Copy parse(RawInstruction raw) {
        Transfer.requireDestination(raw, "COPY");
        Flags flags = new Flags().texts("chown", "from", "chmod")
            .booleans("link", "parents")
            .lists("exclude")
            .read(raw);
        return new Copy(Origin.of(raw), Transfer.parse(raw, "COPY"), TransferOptions.of(flags), flags.text("from"),
                flags.flag("parents").orElse(false));
    }
}
