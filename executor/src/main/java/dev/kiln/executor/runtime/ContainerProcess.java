package dev.kiln.executor.runtime;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

import org.jspecify.annotations.Nullable;

import dev.kiln.executor.runtime.ContainerRuntime.OutputSink;

/** A runtime at work on one container, from its start until every process of both is gone. */
final class ContainerProcess {
    private static final int BUFFER = 32 << 10;
    private static final long RUNTIME_EXIT_MILLIS = 500;

    private final Process process;
    private final StepCgroup cgroup;
    private final OutputSink sink;
    private final AtomicReference<@Nullable IOException> sinkFailure = new AtomicReference<>();

    private ContainerProcess(Process process, StepCgroup cgroup, OutputSink sink) {
        this.process = process;
        this.cgroup = cgroup;
        this.sink = sink;
    }

    /** Runs the command to its end and returns its exit code. */
    static int run(List<String> command, Path directory, StepCgroup cgroup, OutputSink sink)
            throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile())
            .redirectInput(Path.of("/dev/null").toFile());
        Tool.cleanEnvironment(builder);
        return new ContainerProcess(builder.start(), cgroup, sink).await();
    }

    private int await() throws IOException, InterruptedException {
        Thread out = Thread.ofVirtual().start(() -> pump(process.getInputStream(), 1));
        Thread err = Thread.ofVirtual().start(() -> pump(process.getErrorStream(), 2));
        try {
            int code = process.waitFor();
            // Normally nobody is left. But a runtime that was killed leaves its container, which keeps the streams open.
            cgroup.killAll();
            out.join();
            err.join();
            IOException failure = sinkFailure.get();
            if (failure != null) {
                throw failure;
            }
            return code;
        } catch (InterruptedException e) {
            kill();
            throw e;
        }
    }

    /** What the sink does not take is read all the same, so that nobody waits for a reader while being killed. */
    private void pump(InputStream stream, int number) {
        byte[] buffer = new byte[BUFFER];
        try (stream) {
            int length;
            while ((length = stream.read(buffer)) >= 0) {
                if (sinkFailure.get() == null) {
                    deliver(number, buffer, length);
                }
            }
        } catch (IOException e) {
            sinkFailure.compareAndSet(null, e);
        }
    }

    private void deliver(int number, byte[] buffer, int length) throws IOException {
        try {
            sink.accept(number, buffer, length);
        } catch (IOException | RuntimeException e) {
            sinkFailure.compareAndSet(null,
                    e instanceof IOException io ? io : new IOException("taking output: " + e, e));
            cgroup.killAll();
        }
    }

    /** The container first: its runtime then ends by itself, having tidied up. One that does not is killed too. */
    private void kill() throws IOException {
        List<ProcessHandle> helpers = process.descendants().toList();
        cgroup.killAll();
        if (!exited()) {
            process.destroyForcibly();
            helpers.forEach(ProcessHandle::destroyForcibly);
            cgroup.killAll();
        }
    }

    private boolean exited() {
        boolean interrupted = Thread.interrupted();
        try {
            return process.waitFor(RUNTIME_EXIT_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException _) {
            interrupted = true;
            return false;
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
