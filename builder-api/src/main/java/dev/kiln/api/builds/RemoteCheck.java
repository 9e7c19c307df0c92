package dev.kiln.api.builds;

import dev.kiln.api.http.ProblemException;
import dev.kiln.dockerfile.remote.GitRef;
import dev.kiln.dockerfile.remote.GitRemote;
import dev.kiln.dockerfile.source.DockerfileException;
import dev.kiln.queue.job.BuildFiles;
import dev.kiln.queue.job.ContextRef;
import dev.kiln.queue.job.NamedContext;

/** Refuses addresses of contexts that no executor could fetch, or that hold what must be a secret. */
final class RemoteCheck {

    private RemoteCheck() {}

    static void check(BuildFiles files) {
        check(files.context(), "context");
        files.named().forEach((name, named) -> {
            if (named instanceof NamedContext.Files(ContextRef context)) {
                check(context, "namedContexts." + name);
            }
        });
    }

    private static void check(ContextRef context, String place) {
        if (!(context instanceof ContextRef.Git(String address))) {
            return;
        }
        GitRemote remote;
        try {
            remote = GitRef.parse(address)
                .orElseThrow(
                        () -> ProblemException.invalid(place + ".address", "this is no address of a git repository"))
                .remote();
        } catch (DockerfileException e) {
            throw ProblemException.invalid(place + ".address", e.message());
        }
        boolean web = switch (remote.protocol()) {
            case HTTP, HTTPS -> true;
            case SSH, GIT -> false;
        };
        if (web && !remote.url().equals(remote.shown())) {
            throw ProblemException.invalid(place + ".address",
                    "an address must not hold credentials: give them as the secret GIT_AUTH_TOKEN or GIT_AUTH_HEADER");
        }
    }
}
