package dev.kiln.executor.worker;

import java.io.IOException;

import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.queue.job.BuildId;
import dev.kiln.queue.job.Job;

/** From a request to an image, and from there to where it is wanted. Safe for many threads; an interrupt ends a call. */
interface BuildPipeline {

    /** Brings the context, makes the graph, solves it and assembles the image. Nothing leaves the executor. */
    Built build(Job job, AttemptReporter reporter) throws BuildFailed, InterruptedException;

    /** Puts a log where the API finds it. */
    void keepLog(BuildId build, Descriptor log) throws IOException, InterruptedException;

    /** An image that is complete and not published. Holds what it is made of until closed. */
    interface Built extends AutoCloseable {

        Descriptor image();

        /** Pushes the image under all its names and tells the reporter of each. */
        void publish(AttemptReporter reporter) throws BuildFailed, InterruptedException;

        @Override
        void close();
    }
}
