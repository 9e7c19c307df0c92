package dev.kiln.dockerfile.remote;

import java.util.Optional;

/**
 * How a repository is checked out; what is empty was not said.
 *
 * @param keepGitDir    whether its history stays beside its files
 * @param submodules    whether the repositories inside it are fetched too
 * @param mtime         where the files' times come from
 * @param fetchByCommit whether the checksum is taken for the commit without asking the remote what the reference is
 */
public record GitOptions(Optional<Boolean> keepGitDir, Optional<Boolean> submodules, Optional<Mtime> mtime,
        boolean fetchByCommit) {

    /** What files were last changed by, as their times say. */
    public enum Mtime {
        /** The checkout; the default. */
        CHECKOUT,
        /** The commit. */
        COMMIT
    }

    static final GitOptions NONE = new GitOptions(Optional.empty(), Optional.empty(), Optional.empty(), false);
}
