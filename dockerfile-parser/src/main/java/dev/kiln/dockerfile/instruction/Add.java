package dev.kiln.dockerfile.instruction;

import java.util.Optional;

import dev.kiln.dockerfile.lex.RawInstruction;

/**
 * Copies files from the context and unpacks archives, or fetches an address or a repository.
 *
 * @param checksum takes variables
 * @param keepGitDir empty if not said
 * @param unpack empty if not said, which leaves it to the kind of source
 */
public record Add(Origin origin, Transfer transfer, TransferOptions options, Optional<String> checksum,
        Optional<Boolean> keepGitDir, Optional<Boolean> unpack) implements Instruction {

    static Add parse(RawInstruction raw) {
        Transfer.requireDestination(raw, "ADD");
        Flags flags = new Flags().texts("chown", "chmod", "checksum")
            .booleans("link", "keep-git-dir", "unpack")
            .lists("exclude")
            .read(raw);
        return new Add(Origin.of(raw), Transfer.parse(raw, "ADD"), TransferOptions.of(flags), flags.text("checksum"),
                flags.flag("keep-git-dir"), flags.flag("unpack"));
    }
}
