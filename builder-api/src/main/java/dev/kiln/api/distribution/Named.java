package dev.kiln.api.distribution;

import dev.kiln.api.access.Caller;
import dev.kiln.api.http.Call;
import dev.kiln.layercache.oci.Digest;

/** The parts of a registry's URL. */
final class Named {

    private Named() {}

    static RepositoryName repository(Call call) {
        return new RepositoryName(call.pathParam("name"));
    }

    /** Who calls; routes attach it before anything else happens. */
    static Caller caller(Call call) {
        return call.attached(Caller.class).orElseThrow(() -> new IllegalStateException("nobody was admitted"));
    }

    static Digest digest(String text) {
        try {
            return Digest.parse(text);
        } catch (IllegalArgumentException e) {
            throw new DistributionException(DistributionError.DIGEST_INVALID, String.valueOf(e.getMessage()));
        }
    }
}
