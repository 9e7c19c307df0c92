package dev.kiln.queue.job;

import java.util.Optional;

/**
 * What an executor takes from the queue: a request, and where its secrets are. Events and records hold the request only.
 *
 * @param secrets there when the request names any, or when the build brought logins for registries, which it does not name
 */
public record Job(BuildRequest request, Optional<SealedSecrets> secrets) {

    public Job {
        Checks.check(request.secrets().isEmpty() || secrets.isPresent(),
                "a job has sealed secrets when its request names secrets");
    }

    /** A job without secrets. */
    public static Job of(BuildRequest request) {
        return new Job(request, Optional.empty());
    }
}
