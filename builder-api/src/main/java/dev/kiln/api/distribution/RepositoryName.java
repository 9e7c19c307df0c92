package dev.kiln.api.distribution;

import java.util.Optional;

import dev.kiln.layercache.oci.ImageReference;

/**
 * The name of a repository, in the grammar of the distribution-spec. So it holds no empty part, none that begins with a
 * dot, and none that begins with an underscore: it can stand in a path.
 */
record RepositoryName(String value) implements Comparable<RepositoryName> {

    RepositoryName {
        try {
            var unused = new ImageReference(Optional.empty(), value, Optional.empty(), Optional.empty());
        } catch (IllegalArgumentException e) {
            throw new DistributionException(DistributionError.NAME_INVALID, String.valueOf(e.getMessage()));
        }
    }

    /** Whether the text is a tag that this repository could have. */
    boolean admitsTag(String tag) {
        try {
            var unused = new ImageReference(Optional.empty(), value, Optional.of(tag), Optional.empty());
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    @Override
    public int compareTo(RepositoryName other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
