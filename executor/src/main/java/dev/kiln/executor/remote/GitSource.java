package dev.kiln.executor.remote;

import java.util.Optional;

/**
 * A reference in a repository, as a build asks for it.
 *
 * @param remote may hold credentials
 * @param ref branch, tag, full reference or commit; empty for the default branch
 * @param checksum the first digits of the commit that it must be, or of the tag's object
 * @param fetchByCommit whether the checksum is the commit, and the remote is not asked what the reference is
 */
public record GitSource(String remote, String ref, Optional<String> checksum, boolean fetchByCommit) {

    public static GitSource of(String remote, String ref) {
        return new GitSource(remote, ref, Optional.empty(), false);
    }

    /** Without the remote, which may hold credentials. */
    @Override
    public String toString() {
        return "GitSource[ref=" + ref + "]";
    }
}
