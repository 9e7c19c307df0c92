package dev.kiln.queue.job;

import java.util.Optional;

/**
 * What an executor takes from the queue: a request, and where its secrets are. Events and records hold the request only.
 *
 * @param secrets there when the request names any
 */
public record Job(BuildRequest request, Optional<SealedSecrets> secrets) {

    public Job {
        Checks.check(request.secrets().isEmpty() == secrets.isEmpty(),
                "a job has sealed secrets when its request names secrets, and only then");
    }

    /** A job without secrets. */
    public static Job of(BuildRequest request) {
        return new Job(request, Optional.empty());
    }
}
