package dev.kiln.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

import dev.kiln.cli.client.ApiClient;
import dev.kiln.cli.client.ApiException;
import dev.kiln.cli.client.EventReader;
import dev.kiln.cli.progress.Progress;
import dev.kiln.queue.event.BuildEvent;
import dev.kiln.queue.event.EventJson;
import dev.kiln.queue.job.BuildId;

/** Follows a build to its end, over as many connections as it takes. */
final class BuildFollower {
    private static final int ATTEMPTS = 30;
    private static final Duration PAUSE = Duration.ofSeconds(1);
    private final ApiClient client;

    BuildFollower(ApiClient client) {
        this.client = client;
    }

    /** Shows all events of the build, past ones first, and returns the last. */
    BuildEvent.Final follow(BuildId build, Progress progress) throws ApiException, InterruptedException {
        long position = -1;
        int failures = 0;
        while (true) {
            try (EventReader events = client.events(build, position)) {
                Optional<String> data;
                while ((data = next(events)).isPresent()) {
                    failures = 0;
                    position = events.position();
                    Optional<BuildEvent> event = EventJson.read(data.get().getBytes(StandardCharsets.UTF_8));
                    if (event.isPresent()) {
                        progress.show(event.get(), data.get());
                        if (event.get() instanceof BuildEvent.Final end) {
                            return end;
                        }
                    }
                }
            } catch (ApiException e) {
                if (e.kind() != ApiException.Kind.UNREACHABLE || failures >= ATTEMPTS) {
                    throw e;
                }
            } catch (IOException _) {
                // Closing a connection that broke: the next one goes on from the last event.
            }
            failures++;
            Thread.sleep(PAUSE);
        }
    }

    /** A connection that breaks ends the stream; what follows comes over the next. */
    private static Optional<String> next(EventReader events) {
        try {
            return events.next();
        } catch (IOException _) {
            return Optional.empty();
        }
    }
}
