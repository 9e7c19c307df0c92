package dev.kiln.dockerfile.instruction;

import java.util.List;
import java.util.Optional;

import dev.kiln.dockerfile.lex.Word;

/**
 * The flags that COPY and ADD share.
 *
 * @param chown {@code user[:group]}; takes variables
 * @param chmod takes variables
 * @param excludes patterns; take no variables
 */
public record TransferOptions(Optional<String> chown, Optional<String> chmod, boolean link, List<String> excludes) {

    public TransferOptions {
        excludes = List.copyOf(excludes);
    }

    static TransferOptions of(Flags flags) {
        return new TransferOptions(flags.text("chown"), flags.text("chmod"), flags.flag("link").orElse(false),
                flags.list("exclude").stream().map(Word::text).toList());
    }
}
