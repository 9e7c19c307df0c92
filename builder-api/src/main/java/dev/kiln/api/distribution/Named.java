package dev.kiln.api.distribution;

import dev.kiln.api.http.Call;
import dev.kiln.layercache.oci.Digest;

/** The parts of a registry's URL. */
final class Named {

    private Named() {}

    static RepositoryName repository(Call call) {
        return new RepositoryName(call.pathParam("name"));
    }

    static Digest digest(String text) {
        try {
            return Digest.parse(text);
        } catch (IllegalArgumentException e) {
            throw new DistributionException(DistributionError.DIGEST_INVALID, String.valueOf(e.getMessage()));
        }
    }
}
