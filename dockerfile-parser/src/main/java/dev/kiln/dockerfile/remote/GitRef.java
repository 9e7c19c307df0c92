package dev.kiln.dockerfile.remote;

import java.util.Optional;

import dev.kiln.dockerfile.source.DockerfileException;

/**
 * A repository and what to take from it, as one word says it: {@code https://host/name.git?tag=v1#:docs}.
 *
 * @param ref      branch, tag or commit, empty for the default branch
 * @param subdir   the directory whose content is taken, without leading slash and without {@code ..}
 * @param checksum the first digits of the commit that it must be
 */
public record GitRef(GitRemote remote, Optional<String> ref, Optional<String> subdir, Optional<String> checksum,
        GitOptions options) {

    /**
     * What the word addresses, empty if it is no git address.
     *
     * @throws DockerfileException without a place, for a git address that contradicts itself or asks for what is unknown
     */
    public static Optional<GitRef> parse(String word) {
        return GitRemote.parse(word).map(GitRefReader::read);
    }

    /** {@code remote#ref:subdir}, without credentials. */
    @Override
    public String toString() {
        String fragment = ref.orElse("") + subdir.map(directory -> ":" + directory).orElse("");
        return fragment.isEmpty() ? remote.shown() : remote.shown() + "#" + fragment;
    }
}
