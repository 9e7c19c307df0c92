package dev.kiln.api.builds;

import dev.kiln.queue.Backlogs;
import dev.kiln.queue.BuildRecords;
import dev.kiln.queue.Cancellations;
import dev.kiln.queue.EventLog;
import dev.kiln.queue.JobQueue;
import dev.kiln.queue.Upkeep;

/** All that the API and the executors share through the broker. Whoever opened them closes them. */
public record Queues(JobQueue jobs, EventLog events, BuildRecords records, Cancellations cancellations,
        Upkeep upkeep, Backlogs backlogs) {

    /** The same with another way to the events. */
    public Queues with(EventLog other) {
        return new Queues(jobs, other, records, cancellations, upkeep, backlogs);
    }
}
