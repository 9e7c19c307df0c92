package dev.kiln.queue;

/**
 * What API processes share of jobs.
 *
 * @param open those that were accepted and have not ended
 * @param dead those that failed for no fault of their own, after all tries
 * @param leadership who hands them out
 */
public record Backlogs(Backlog open, Backlog dead, Leadership leadership) implements AutoCloseable {

    @Override
    public void close() {
        leadership.close();
        open.close();
        dead.close();
    }
}
