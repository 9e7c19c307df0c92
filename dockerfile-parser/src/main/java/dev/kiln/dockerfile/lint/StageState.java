package dev.kiln.dockerfile.lint;

import java.util.Optional;

/**
 * What a stage hands on to the stages built on it, besides its variables.
 *
 * @param unknownBase the image at the bottom, if its environment is not known
 * @param shell whether a shell for shell-form commands is set
 * @param workdir whether the file has set a working directory
 */
record StageState(Optional<String> unknownBase, boolean shell, boolean workdir) {

    StageState withShell() {
        return new StageState(unknownBase, true, workdir);
    }

    StageState withWorkdir() {
        return new StageState(unknownBase, shell, true);
    }
}
