package dev.kiln.queue.job;

import java.time.Instant;

/**
 * A build as it was accepted. Names its secrets and never holds one: what a {@link Job} carries sealed is apart.
 *
 * @param files what is built
 * @param options what the Dockerfile is told
 * @param output what becomes of the image
 * @param steps how its steps run
 * @param secrets which secrets and keys its steps may ask for
 * @param queueing how it waits
 */
public record BuildRequest(BuildId id, Instant submitted, BuildFiles files, BuildOptions options, BuildOutput output,
        StepOptions steps, SecretNames secrets, QueueOptions queueing) {

    /** A build that says nothing but where its files are. */
    public static BuildRequest of(BuildId id, Instant submitted, ContextRef context) {
        return new BuildRequest(id, submitted, BuildFiles.of(context), BuildOptions.NONE, BuildOutput.NONE,
                StepOptions.NONE, SecretNames.NONE, QueueOptions.DEFAULT);
    }

    /** The same build, accepted under another id at another time. */
    public BuildRequest as(BuildId other, Instant time) {
        return new BuildRequest(other, time, files, options, output, steps, secrets, queueing);
    }

    public BuildRequest withFiles(BuildFiles other) {
        return new BuildRequest(id, submitted, other, options, output, steps, secrets, queueing);
    }

    public BuildRequest withOptions(BuildOptions other) {
        return new BuildRequest(id, submitted, files, other, output, steps, secrets, queueing);
    }

    public BuildRequest withOutput(BuildOutput other) {
        return new BuildRequest(id, submitted, files, options, other, steps, secrets, queueing);
    }

    public BuildRequest withSteps(StepOptions other) {
        return new BuildRequest(id, submitted, files, options, output, other, secrets, queueing);
    }

    public BuildRequest withSecrets(SecretNames other) {
        return new BuildRequest(id, submitted, files, options, output, steps, other, queueing);
    }

    public BuildRequest withQueueing(QueueOptions other) {
        return new BuildRequest(id, submitted, files, options, output, steps, secrets, other);
    }
}
