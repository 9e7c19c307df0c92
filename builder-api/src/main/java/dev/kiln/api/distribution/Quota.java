package dev.kiln.api.distribution;

/**
 * How much some repositories may hold together.
 *
 * @param prefix {@code team} means the repository {@code team} and all below it; empty means all there are
 * @param bytes each blob once, whatever number of images has it
 */
public record Quota(String prefix, long bytes) {
    public Quota {
        if (bytes < 1) {
            throw new IllegalArgumentException("a quota is at least one byte");
        }
        if (!prefix.isEmpty()) {
            try {
                var unused = new RepositoryName(prefix);
            } catch (DistributionException e) {
                throw new IllegalArgumentException(e.getMessage(), e);
            }
        }
    }

    boolean covers(RepositoryName name) {
        return prefix.isEmpty() || name.value().equals(prefix) || name.value().startsWith(prefix + "/");
    }

    String where() {
        return prefix.isEmpty() ? "the registry" : "the repositories of " + prefix;
    }
}
