package dev.kiln.cli.context;

import java.net.URI;
import java.util.Optional;

import dev.kiln.dockerfile.remote.GitRef;
import dev.kiln.dockerfile.source.DockerfileException;
import dev.kiln.queue.job.ContextRef;

/** Contexts that the farm fetches. */
final class Addresses {

    private Addresses() {}

    /** Empty when the words are no address. */
    static Optional<ContextRef> find(String words) throws ContextException {
        try {
            if (GitRef.parse(words).isPresent()) {
                return Optional.of(new ContextRef.Git(words));
            }
            return words.startsWith("http://") || words.startsWith("https://")
                    ? Optional.of(new ContextRef.Http(URI.create(words)))
                    : Optional.empty();
        } catch (DockerfileException e) {
            throw new ContextException("invalid context address: " + e.message());
        } catch (IllegalArgumentException e) {
            throw new ContextException("invalid context address: " + e.getMessage());
        }
    }
}
