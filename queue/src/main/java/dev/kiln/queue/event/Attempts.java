package dev.kiln.queue.event;

import java.util.Optional;

import org.jspecify.annotations.Nullable;

/**
 * Tells which of a build's events count, given all of them in the order of the log. Belongs to one thread.
 *
 * <p>The rule: an attempt is current from its {@link BuildEvent.Started} until another attempt starts. Events of any
 * attempt but the current one do not count; a {@link BuildEvent.Final} without an attempt always does. The first
 * {@code Final} that counts is the outcome, and nothing after it counts. After a {@link BuildEvent.CancelRequested} an
 * attempt's {@link BuildEvent.Publishing} counts only if one of the same attempt counted before: what is being published
 * is not torn apart, and nothing else is begun.
 */
public final class Attempts {
    private @Nullable String current;
    private BuildEvent.@Nullable Final outcome;
    private int started;
    private boolean cancelRequested;
    private boolean publishing;

    /** Takes the next event and says whether it counts. */
    public boolean counts(BuildEvent event) {
        if (outcome != null) {
            return false;
        }
        if (event instanceof BuildEvent.Started start) {
            current = start.attempt();
            publishing = false;
            started++;
            return true;
        }
        if (event instanceof BuildEvent.CancelRequested) {
            cancelRequested = true;
            return true;
        }
        Optional<String> attempt = attempt(event);
        if (attempt.isPresent() && !attempt.get().equals(current)) {
            return false;
        }
        return switch (event) {
            case BuildEvent.Publishing _ -> {
                publishing |= !cancelRequested;
                yield publishing;
            }
            case BuildEvent.Final end -> {
                outcome = end;
                yield true;
            }
            default -> true;
        };
    }

    /** Takes the next event and says whether its attempt may publish. */
    public Permission judge(BuildEvent.Publishing event) {
        if (counts(event)) {
            return Permission.GRANTED;
        }
        return cancelRequested && outcome == null && event.attempt().equals(current)
                ? Permission.CANCELLED
                : Permission.REFUSED;
    }

    /** The attempt that started last before the outcome. */
    public Optional<String> current() {
        return Optional.ofNullable(current);
    }

    /** How many attempts started before the outcome. */
    public int started() {
        return started;
    }

    public Optional<BuildEvent.Final> outcome() {
        return Optional.ofNullable(outcome);
    }

    /** The attempt that an event belongs to, when it belongs to one. */
    public static Optional<String> attempt(BuildEvent event) {
        return switch (event) {
            case BuildEvent.Queued e -> Optional.empty();
            case BuildEvent.CancelRequested e -> Optional.empty();
            case BuildEvent.Started e -> Optional.of(e.attempt());
            case BuildEvent.VertexAdded e -> Optional.of(e.attempt());
            case BuildEvent.VertexStarted e -> Optional.of(e.attempt());
            case BuildEvent.VertexMissed e -> Optional.of(e.attempt());
            case BuildEvent.VertexCached e -> Optional.of(e.attempt());
            case BuildEvent.VertexCompleted e -> Optional.of(e.attempt());
            case BuildEvent.VertexLog e -> Optional.of(e.attempt());
            case BuildEvent.Warning e -> Optional.of(e.attempt());
            case BuildEvent.Publishing e -> Optional.of(e.attempt());
            case BuildEvent.Pushed e -> Optional.of(e.attempt());
            case BuildEvent.Exported e -> Optional.of(e.attempt());
            case BuildEvent.Final e -> e.attempt();
        };
    }
}
