package dev.kiln.executor.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;

import dev.kiln.layercache.posix.Posix;
import dev.kiln.layercache.posix.RawPath;

/**
 * The cgroup of one step in every hierarchy. It may also have been made by the runtime alone, when there are no limits, or
 * by an executor that is no more.
 */
final class StepCgroup implements AutoCloseable {
    private static final long KILL_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final long FREEZE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long PAUSE_MILLIS = 2;

    private final List<CgroupHierarchy> hierarchies;
    private final String path;
    private @Nullable Path memory;
    private @Nullable OomEvents events;

    StepCgroup(List<CgroupHierarchy> hierarchies, String path) {
        this.hierarchies = hierarchies;
        this.path = path;
    }

    /** What goes into {@code cgroupsPath}. */
    String containerPath() {
        return path + "/c";
    }

    Path make(CgroupHierarchy hierarchy) throws IOException {
        return Files.createDirectories(hierarchy.directory(path));
    }

    /** Begins to note what happens at the memory limit that was set in this directory. */
    void watchMemory(Path directory) throws IOException {
        memory = directory;
        if (Files.exists(directory.resolve("cgroup.event_control"))) {
            events = OomEvents.of(directory);
        }
    }

    /** True when the kernel killed a process of the step for its memory limit. */
    boolean outOfMemory() throws IOException {
        if (events != null) {
            return events.happened();
        }
        Optional<String> text = memory == null
                ? Optional.empty()
                : CgroupHierarchy.read(memory.resolve("memory.events"));
        return text.stream().flatMap(String::lines).anyMatch(l -> l.startsWith("oom_kill ") && !l.equals("oom_kill 0"));
    }

    /**
     * Kills every process, those being forked included, and waits until they are gone. An interrupt does not cut it
     * short: it is kept for later.
     */
    void killAll() throws IOException {
        if (!hasContainer()) {
            return;
        }
        long deadline = System.nanoTime() + KILL_NANOS;
        while (true) {
            List<Long> alive = processes();
            if (alive.isEmpty()) {
                return;
            }
            if (System.nanoTime() > deadline) {
                throw new RuntimeFailure("killing the processes " + alive + " of the cgroup " + path
                        + ": they did not end; they hang in the kernel, perhaps on a dead disk or network mount");
            }
            for (CgroupHierarchy hierarchy : hierarchies) {
                kill(hierarchy.directory(path));
            }
            pause();
        }
    }

    /** A runtime that comes to its end in order has removed the container's cgroup. */
    private boolean hasContainer() throws IOException {
        for (CgroupHierarchy hierarchy : hierarchies) {
            if (Posix.lstatIfExists(RawPath.of(hierarchy.directory(containerPath()))).isPresent()) {
                return true;
            }
        }
        return false;
    }

    private List<Long> processes() throws IOException {
        List<Long> pids = new ArrayList<>();
        for (CgroupHierarchy hierarchy : hierarchies) {
            pids.addAll(CgroupHierarchy.processes(hierarchy.directory(path)));
        }
        return pids;
    }

    private static void kill(Path directory) throws IOException {
        Path killFile = directory.resolve("cgroup.kill");
        if (Files.exists(killFile)) {
            CgroupHierarchy.writeIfThere(killFile, "1");
            return;
        }
        boolean freezer = Files.exists(directory.resolve("freezer.state"));
        if (freezer) {
            freeze(directory);
        }
        for (Long pid : CgroupHierarchy.processes(directory)) {
            ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
        }
        if (freezer) {
            CgroupHierarchy.writeIfThere(directory.resolve("freezer.state"), "THAWED");
        }
    }

    /** Nobody can fork while frozen; what is killed then dies when it is thawed. */
    private static void freeze(Path directory) throws IOException {
        Path state = directory.resolve("freezer.state");
        CgroupHierarchy.writeIfThere(state, "FROZEN");
        long deadline = System.nanoTime() + FREEZE_NANOS;
        while (!CgroupHierarchy.read(state).orElse("FROZEN").startsWith("FROZEN") && System.nanoTime() < deadline) {
            pause();
        }
    }

    private static void pause() {
        boolean interrupted = Thread.interrupted();
        try {
            Thread.sleep(PAUSE_MILLIS);
        } catch (InterruptedException _) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Kills what is left, and removes the cgroup from every hierarchy. */
    @Override
    public void close() throws IOException {
        if (events != null) {
            events.close();
        }
        long deadline = System.nanoTime() + KILL_NANOS;
        while (!removed()) {
            killAll();
            if (System.nanoTime() > deadline) {
                throw new RuntimeFailure("removing the cgroup " + path + ": the kernel says it is in use");
            }
            pause();
        }
        Optional<Path> vacant = CgroupHierarchy.vacantUnified(hierarchies);
        if (vacant.isPresent()) {
            Posix.deleteTree(RawPath.of(vacant.get().resolve(path.substring(1))));
        }
    }

    private boolean removed() throws IOException {
        boolean removed = true;
        for (CgroupHierarchy hierarchy : hierarchies) {
            Path directory = hierarchy.directory(path);
            removed &= CgroupHierarchy.remove(directory);
        }
        return removed;
    }
}
