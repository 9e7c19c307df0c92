package dev.kiln.dockerfile.instruction;

import java.util.List;

import dev.kiln.dockerfile.source.DockerfileException;
import dev.kiln.dockerfile.source.DockerfileException.Code;

/** The permissions that {@code --chmod} asks for. */
public sealed interface ChmodSpec {

    /**
     * The permissions of a file that has others now.
     *
     * @param mode the twelve bits of {@code chmod}: permissions, set-user-id, set-group-id and sticky
     */
    int apply(int mode, boolean directory);

    /** The same permissions for everything. */
    record Octal(int mode) implements ChmodSpec {

        public Octal {
            if (mode < 0 || mode > ALL_BITS) {
                throw new IllegalArgumentException("not the mode of a file: " + Integer.toOctalString(mode));
            }
        }

        @Override
        public int apply(int before, boolean directory) {
            return mode;
        }
    }

    /**
     * Changes one after the other, as in {@code u=rwX,go=rX}. No file creation mask takes part.
     *
     * @param text as written
     */
    record Symbolic(String text, List<ModeChange> changes) implements ChmodSpec {

        public Symbolic {
            changes = List.copyOf(changes);
        }

        @Override
        public int apply(int before, boolean directory) {
            boolean searchable = directory || (before & ModeChange.EXECUTE) != 0;
            int mode = before & ALL_BITS;
            for (ModeChange change : changes) {
                mode = change.apply(mode, searchable);
            }
            return mode;
        }
    }

    int ALL_BITS = 07777;

    /**
     * @param value of the flag, expanded and not empty
     * @throws DockerfileException without a range, if it is neither an octal number up to 07777 nor a list of changes
     */
    static ChmodSpec parse(String value) {
        if (value.matches("0*[0-7]{1,4}")) {
            return new Octal(Integer.parseInt(value, 8));
        }
        if (value.isEmpty() || "0123456789".indexOf(value.charAt(0)) >= 0) {
            throw new DockerfileException(Code.FLAG, "invalid chmod parameter: '" + value
                    + "'. it should be octal string and between 0 and 07777");
        }
        return new Symbolic(value, new ModeChanges(value).parse());
    }
}
