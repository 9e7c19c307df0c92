package dev.kiln.executor.runtime;

import java.io.IOException;

/** Runs one process in a container of its own. Safe for many threads. */
public interface ContainerRuntime {

    /**
     * Runs the process to its end and returns how it ended. Interrupting the calling thread kills every process of the
     * container; then, and on every other way out, nothing of it stays behind: no process, cgroup, mount or bundle.
     *
     * @throws RuntimeFailure when the container could not be set up; that its process failed is a result
     */
    ExitStatus run(ProcessSpec process, OutputSink output) throws IOException, InterruptedException;

    /** Kills and removes whatever an earlier process of this executor left behind. Call before the first run. */
    void cleanUp() throws IOException;

    /** The runtime's name and version, for people. */
    String description();

    /** Takes output as it comes. Called from one thread per stream; slowness slows the process down. */
    interface OutputSink {
        /** @param stream 1 or 2; the buffer is reused after the call */
        void accept(int stream, byte[] bytes, int length) throws IOException;
    }

    /**
     * @param code the exit code, 128 + signal when a signal ended it
     * @param outOfMemory true when the kernel killed a process of the container for its memory limit
     */
    record ExitStatus(int code, boolean outOfMemory) {}
}
