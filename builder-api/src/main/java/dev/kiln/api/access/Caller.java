package dev.kiln.api.access;

import java.util.List;

import dev.kiln.layercache.oci.FarmRepositories;

/**
 * Who a request comes from, as far as rights go.
 *
 * @param name of the token, for logs; {@code <farm>} and {@code <anonymous>} are no names of tokens
 * @param isFarm that everything is allowed, and blobs are seen wherever they were pushed to
 */
public record Caller(String name, boolean isFarm, List<Grant> grants) {
    /** Whoever knows the farm's token; everybody, where there is no access list. */
    public static final Caller FARM = new Caller("<farm>", true, List.of());

    public Caller {
        grants = List.copyOf(grants);
    }

    static Caller named(String name, List<Grant> grants) {
        return new Caller(name, false, grants);
    }

    static Caller anonymous(List<Grant> grants) {
        return new Caller("<anonymous>", false, grants);
    }

    boolean isAnonymous() {
        return name.equals("<anonymous>");
    }

    /** Where the farm keeps what it trusts, only the farm's token writes, whatever a pattern says. */
    public boolean may(Right right, String repository) {
        boolean closed = right != Right.PULL && FarmRepositories.isReserved(repository);
        return isFarm || !closed && grants.stream().anyMatch(grant -> grant.allows(right, repository));
    }
}
