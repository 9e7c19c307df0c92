package dev.kiln.executor.runtime;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import dev.kiln.executor.mount.LinuxMounter;
import dev.kiln.executor.runtime.MountPlacement.Placed;
import dev.kiln.executor.runtime.OciConfig.Container;
import dev.kiln.executor.runtime.RuntimeFailure.Code;
import dev.kiln.executor.runtime.UserLookup.Identity;
import dev.kiln.layercache.posix.FileStat;
import dev.kiln.layercache.posix.FileStat.Owner;
import dev.kiln.layercache.posix.Posix;
import dev.kiln.layercache.posix.RawPath;

/**
 * Runs steps through {@code crun}, {@code runc}, or another program with their command line.
 *
 * <p>Everything of a container is below two names that only this executor uses: its state directory, and its cgroup. So
 * what a killed executor left can be found and removed without asking any runtime.
 */
public final class OciRuntime implements ContainerRuntime, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(OciRuntime.class);
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9-]{0,120}");

    private final RuntimeCommand command;
    private final StateDirectory state;
    private final Cgroups cgroups;
    private final OciConfig config;
    private final Networks networks;
    private final HostFiles hostFiles;
    private final Emulation emulation;

    OciRuntime(RuntimeCommand command, StateDirectory state, Cgroups cgroups, OciConfig config, Networks networks) {
        this.command = command;
        this.state = state;
        this.cgroups = cgroups;
        this.config = config;
        this.networks = networks;
        this.hostFiles = new HostFiles(state.root());
        this.emulation = new Emulation(state.root().resolve("emulation"));
    }

    @Override
    public ExitStatus run(ProcessSpec process, OutputSink output) throws IOException, InterruptedException {
        if (!ID.matcher(process.id()).matches()) {
            throw new IllegalArgumentException("not an id of a container: " + process.id());
        }
        if (process.surroundings().platform().isPresent()) {
            emulation.require(process.surroundings().platform().get());
        }
        ContainerRoot root = new ContainerRoot(RawPath.of(process.root()));
        try (Networks.Attachment network = networks.attach(process.network());
                StateDirectory.Bundle bundle = state.newBundle(process.id());
                StepCgroup cgroup = cgroups.create(process.id(), process.limits())) {
            Identity user = new UserLookup(root).find(process.user());
            List<Placed> mounts = new MountPlacement(root, bundle.directory()).place(process.mounts());
            MountPoints points = new MountPoints(root, RawPath.of(process.written()));
            try {
                points.make(mounts);
                makeWorkingDirectory(root, process.cwd(), user);
                bundle.write(config.write(new Container(process, user, cgroup.containerPath(), files(process, bundle),
                        network.namespace(), mounts)));
                int code = ContainerProcess.run(
                        command.run(state.runtimeState(), bundle.log(), bundle.directory(), process.id()),
                        bundle.directory(), cgroup, output);
                return exitStatus(process, new ExecutableCheck(root, mounts), bundle,
                        new ExitStatus(code, cgroup.outOfMemory()));
            } finally {
                cgroup.killAll();
                if (points.remove()) {
                    LinuxMounter.refresh(process.root());
                }
            }
        }
    }

    private Container.HostFiles files(ProcessSpec process, StateDirectory.Bundle bundle) throws IOException {
        return new Container.HostFiles(hostFiles.resolvConf(process.network()),
                hostFiles.hosts(process.surroundings(), bundle.directory()));
    }

    /** As BuildKit: with its parents, owned by the user of the step. It belongs to what the step writes. */
    private static void makeWorkingDirectory(ContainerRoot root, String cwd, Identity user) throws IOException {
        if (!cwd.startsWith("/")) {
            throw new RuntimeFailure(Code.STEP, "the working directory " + cwd + " is not an absolute path");
        }
        ContainerRoot.Located place = root.locate(RawPath.ofUtf8(cwd));
        Optional<FileStat> stat = Posix.lstatIfExists(place.onHost());
        if (stat.isEmpty()) {
            make(place, new Owner(user.uid(), user.gid()));
        } else if (!stat.get().isDirectory()) {
            throw new RuntimeFailure(Code.STEP, "the working directory " + cwd + " is not a directory");
        }
    }

    private static void make(ContainerRoot.Located directory, Owner owner) throws IOException {
        Optional<FileStat> stat = Posix.lstatIfExists(directory.onHost());
        if (stat.isPresent() && !stat.get().isDirectory()) {
            throw new RuntimeFailure(Code.STEP, "the working directory cannot be made below "
                    + directory.in(RawPath.ofUtf8("/")) + ", which is not a directory");
        }
        if (stat.isEmpty()) {
            make(directory.parent(), owner);
            Posix.mkdir(directory.onHost(), 0755);
            Posix.chmod(directory.onHost(), 0755);
            Posix.chown(directory.onHost(), owner);
        }
    }

    /** When the runtime says that it failed, either the step's program is at fault, or this host is. */
    private ExitStatus exitStatus(ProcessSpec process, ExecutableCheck check, StateDirectory.Bundle bundle,
            ExitStatus status) throws IOException {
        Optional<String> error = status.code() == 0 || status.outOfMemory() ? Optional.empty() : bundle.error();
        if (error.isEmpty()) {
            return status;
        }
        OptionalInt problem = check.problem(process);
        if (problem.isPresent()) {
            return new ExitStatus(problem.getAsInt(), false);
        }
        throw new RuntimeFailure("running a container by " + description() + ": " + error.get());
    }

    @Override
    public void cleanUp() throws IOException {
        int steps = cgroups.removeLeftovers();
        int bundles = state.clean();
        emulation.clean();
        if (steps + bundles > 0) {
            LOG.info("runtime_state={} leftover_cgroups={} leftover_bundles={}", state.root(), steps, bundles);
        }
    }

    @Override
    public String description() {
        return command.version() + " (" + command.program() + ")";
    }

    /** What networks there are for steps, and why. */
    public Networks networks() {
        return networks;
    }

    /** Ends the networks, and gives the state directory free. No step may be running. */
    @Override
    public void close() throws IOException {
        try (state; networks) {
            cgroups.removeLeftovers();
            cgroups.removeParents();
        }
    }

    /** The platforms whose programs run here now, this machine's own first. */
    public List<String> platforms() throws IOException, InterruptedException {
        return emulation.platforms();
    }
}
