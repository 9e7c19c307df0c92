package dev.kiln.executor.ssh;

import java.io.IOException;
import java.nio.file.Path;

import dev.kiln.layercache.posix.Posix;
import dev.kiln.layercache.posix.RawPath;

/** The agent of one step. After closing it no process of it is left, and no key. */
public final class StepAgent implements AutoCloseable {
    private final Path directory;
    private final AgentProcess agent;
    private final AgentRelay relay;

    StepAgent(Path directory, AgentProcess agent, AgentRelay relay) {
        this.directory = directory;
        this.agent = agent;
        this.relay = relay;
    }

    /** What a step connects to. */
    public Path socket() {
        return relay.socket();
    }

    @Override
    public void close() throws IOException {
        try (agent; relay) {
            // in this order: first nobody connects any more
        }
        Posix.deleteTree(RawPath.of(directory));
    }
}
