package dev.kiln.executor.worker;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import dev.kiln.executor.op.StepSecrets;
import dev.kiln.executor.remote.RemoteAuth;
import dev.kiln.executor.ssh.SshAgents;
import dev.kiln.executor.ssh.StepAgent;

/**
 * The agent with which git reaches the repositories of one build over ssh: it holds the build's keys of the id
 * {@code default}, and is started when git first asks for it. Safe for many threads.
 */
final class BuildAgent implements RemoteAuth.Agent, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BuildAgent.class);
    private static final String ID = "default";
    private static final SshAgents.Access OWN = new SshAgents.Access(0600, 0, 0);

    private final SshAgents agents;
    private final StepSecrets secrets;
    /** Guarded by this. */
    private Optional<StepAgent> started = Optional.empty();
    /** Guarded by this. */
    private boolean closed;

    BuildAgent(SshAgents agents, StepSecrets secrets) {
        this.agents = agents;
        this.secrets = secrets;
    }

    @Override
    public synchronized Optional<Path> socket() throws IOException, InterruptedException {
        if (closed) {
            throw new IOException("the build that has the ssh keys for this repository has ended; build again");
        }
        List<byte[]> keys = secrets.sshKeys(ID);
        if (started.isEmpty() && !keys.isEmpty()) {
            started = Optional.of(agents.start(keys, OWN));
        }
        return started.map(StepAgent::socket);
    }

    @Override
    public synchronized void close() {
        closed = true;
        started.ifPresent(agent -> {
            try {
                agent.close();
            } catch (IOException e) {
                LOG.warn("the socket of an ssh agent stays behind until the next start", e);
            }
        });
        started = Optional.empty();
    }
}
