package dev.kiln.executor.worker;

import java.io.IOException;

import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.registry.RegistryClient;
import dev.kiln.queue.job.BuildId;
import dev.kiln.queue.job.Job;

/**
 * Runs each build with the logins that came with it, before those of the executor. A build that brought some has a view of
 * the client of its own, so that its tokens serve no other build; all others share one.
 */
final class LoggedInPipeline implements BuildPipeline {
    private final Pipelines pipelines;
    private final RegistryClient registries;
    private final SecretOpener secrets;
    private final BuildPipeline shared;

    LoggedInPipeline(Pipelines pipelines, RegistryClient registries, SecretOpener secrets) {
        this.pipelines = pipelines;
        this.registries = registries;
        this.secrets = secrets;
        this.shared = pipelines.over(registries);
    }

    @Override
    public Built build(Job job, AttemptReporter reporter) throws BuildFailed, InterruptedException {
        if (job.secrets().isEmpty()) {
            return shared.build(job, reporter);
        }
        return pipelines.over(registries.with(secrets.logins(job))).build(job, reporter);
    }

    @Override
    public void keepLog(BuildId build, Descriptor log) throws IOException, InterruptedException {
        shared.keepLog(build, log);
    }
}
