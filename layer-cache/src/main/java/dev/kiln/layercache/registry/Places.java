package dev.kiln.layercache.registry;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

import dev.kiln.layercache.content.ContentException;

/**
 * Where a repository can be pulled from: its mirrors, then the registry itself. A mirror is asked once, for there is
 * somewhere else to go; one that does not answer is left alone for a while.
 *
 * @param origin the registry itself
 */
record Places(List<Endpoint> mirrors, Endpoint origin, RetryPolicy retries, Rests rests) {
    private static final Logger LOG = LoggerFactory.getLogger(Places.class);

    Places {
        mirrors = List.copyOf(mirrors);
    }

    interface Request<T> {
        /** @param tries of the whole, for what goes on trying itself */
        T at(Endpoint place, Tries tries) throws IOException, InterruptedException;
    }

    /** @return what the first place that has it answers */
    <T> T first(Request<T> request) throws IOException, InterruptedException {
        return first(request, answer -> true);
    }

    interface Found<T> {
        boolean test(T answer);
    }

    /** @param found false of an answer that means that a mirror does not have it */
    <T> T first(Request<T> request, Found<T> found) throws IOException, InterruptedException {
        for (Endpoint mirror : mirrors) {
            if (rests.isAwake(mirror.registry())) {
                Optional<T> answer = mirrored(mirror, request);
                if (answer.isPresent() && found.test(answer.get())) {
                    return answer.get();
                }
            }
        }
        return retries.counted(tries -> request.at(origin, tries));
    }

    private <T> Optional<T> mirrored(Endpoint mirror, Request<T> request) throws IOException, InterruptedException {
        try {
            return Optional.of(request.at(mirror, new Tries(retries)));
        } catch (InterruptedIOException e) {
            throw e;
        } catch (IOException e) {
            LOG.atLevel(isMiss(e) ? Level.DEBUG : Level.INFO)
                .log("action=mirror mirror={} of={} outcome=failed reason=\"{}\"", mirror, origin, e.getMessage());
            if (e instanceof RegistryException registry && registry.retryable()) {
                rests.rest(mirror.registry(), registry.retryAfter());
            }
            return Optional.empty();
        }
    }

    /** A mirror may have a part only of what there is. */
    private static boolean isMiss(IOException e) {
        return switch (e) {
            case RegistryException registry -> registry.code() == RegistryException.Code.NOT_FOUND;
            case ContentException content -> content.code() == ContentException.Code.NOT_FOUND;
            default -> false;
        };
    }

    /** Mirrors that did not answer. Safe for many threads. */
    static final class Rests {
        private static final Duration USUAL = Duration.ofSeconds(30);

        private final InstantSource clock;
        private final Map<String, Instant> until = new ConcurrentHashMap<>();

        Rests(InstantSource clock) {
            this.clock = clock;
        }

        boolean isAwake(String registry) {
            Instant end = until.get(registry);
            return end == null || !clock.instant().isBefore(end);
        }

        void rest(String registry, Optional<Duration> asked) {
            Duration time = asked.filter(t -> t.compareTo(USUAL) > 0).orElse(USUAL);
            until.put(registry, clock.instant().plus(time));
        }
    }

    /** For the reading role, which knows no interrupts: the interrupt stays set. */
    static <T> T uninterrupted(RetryPolicy.Call<T> call) throws IOException {
        try {
            return call.run();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while waiting for a registry");
        }
    }
}
