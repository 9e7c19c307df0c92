package dev.kiln.queue;

import java.time.Instant;
import java.util.Optional;

import dev.kiln.queue.job.BuildId;
import dev.kiln.queue.job.Job;

/**
 * A job that was accepted, and how it stands.
 *
 * @param since when it came to stand so
 * @param note why, in words, where that is not plain
 */
public record BacklogEntry(Job job, Standing standing, Instant since, Optional<String> note) {

    /** How a job stands. */
    public enum Standing {
        /** It waits to be handed out. */
        WAITING,
        /** It was put into the {@link JobQueue}, and has not ended as far as is known. */
        HANDED_OUT,
        /** It was tried and cannot be done; somebody must look. */
        DEAD
    }

    public static BacklogEntry waiting(Job job, Instant since) {
        return new BacklogEntry(job, Standing.WAITING, since, Optional.empty());
    }

    public BacklogEntry handedOut(Instant at) {
        return new BacklogEntry(job, Standing.HANDED_OUT, at, Optional.empty());
    }

    public BacklogEntry dead(Instant at, String why) {
        return new BacklogEntry(job, Standing.DEAD, at, Optional.of(why));
    }

    public BuildId build() {
        return job.request().id();
    }
}
