package dev.kiln.cli;

import java.io.PrintWriter;

import dev.kiln.queue.event.BuildEvent;
import dev.kiln.queue.job.BuildId;

/** How a build ended, for a person and for the shell. */
final class Outcome {

    private Outcome() {}

    static int report(BuildEvent.Final end, BuildId id, PrintWriter err) {
        return switch (end) {
            case BuildEvent.Succeeded succeeded -> {
                err.println("built " + id + " " + succeeded.image().digest());
                yield ExitCode.DONE;
            }
            case BuildEvent.Failed failed -> {
                err.println("kiln: build " + id + " failed: " + failed.message());
                yield ExitCode.BUILD_FAILED;
            }
            case BuildEvent.Cancelled cancelled -> {
                err.println("kiln: build " + id + " was cancelled: " + cancelled.reason());
                yield ExitCode.BUILD_FAILED;
            }
        };
    }
}
