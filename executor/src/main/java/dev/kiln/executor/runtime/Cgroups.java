package dev.kiln.executor.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

import dev.kiln.executor.runtime.ProcessSpec.Limits;
import dev.kiln.layercache.posix.Posix;
import dev.kiln.layercache.posix.RawPath;

/**
 * The cgroups of one executor: {@code PARENT/ID} for each step, with its limits, and in it {@code PARENT/ID/c}, which the
 * runtime makes for the container and removes. So limits need nothing of the runtime, and what happened at them can still
 * be asked when the container is gone.
 */
final class Cgroups {
    private static final List<String> CONTROLLERS = List.of("memory", "cpu", "pids");
    private static final int CPU_PERIOD_MICROS = 100_000;
    private static final long MIN_CPU_QUOTA_MICROS = 1000;

    private final List<CgroupHierarchy> hierarchies;
    private final String parent;

    /** @param parent absolute path below the mount points; this executor's alone */
    Cgroups(List<CgroupHierarchy> hierarchies, String parent) throws IOException {
        this.hierarchies = List.copyOf(hierarchies);
        this.parent = parent;
        if (hierarchies.isEmpty()) {
            throw new RuntimeFailure("no cgroup hierarchy is mounted: mount one at /sys/fs/cgroup");
        }
        for (CgroupHierarchy hierarchy : hierarchies) {
            if (hierarchy.unified()) {
                enableControllers(hierarchy);
            }
        }
    }

    /** With v2 a cgroup has the controllers that all above it pass on. */
    private void enableControllers(CgroupHierarchy hierarchy) throws IOException {
        Path directory = hierarchy.mountPoint();
        List<String> available = List.of(CgroupHierarchy.read(directory.resolve("cgroup.controllers"))
            .orElse("")
            .strip()
            .split(" "));
        List<String> wanted = CONTROLLERS.stream().filter(available::contains).toList();
        if (wanted.isEmpty()) {
            return;
        }
        for (Path name : Path.of(parent)) {
            for (String controller : wanted) {
                CgroupHierarchy.write(directory.resolve("cgroup.subtree_control"), "+" + controller);
            }
            directory = Files.createDirectories(directory.resolve(name));
        }
        for (String controller : wanted) {
            CgroupHierarchy.write(directory.resolve("cgroup.subtree_control"), "+" + controller);
        }
    }

    /** True where v2 is all there is. */
    boolean unifiedOnly() {
        return hierarchies.stream().allMatch(CgroupHierarchy::unified);
    }

    /** Makes the cgroup of a step. */
    StepCgroup create(String id, Limits limits) throws IOException {
        StepCgroup step = new StepCgroup(hierarchies, parent + "/" + id);
        try {
            if (limits.memoryBytes().isPresent()) {
                limitMemory(step, limits.memoryBytes().getAsLong());
            }
            if (limits.cpus().isPresent()) {
                limitCpus(step, limits.cpus().getAsDouble());
            }
            if (limits.pids().isPresent()) {
                limit(step, "pids", List.of(new Setting("pids.max", Long.toString(limits.pids().getAsLong()))));
            }
            return step;
        } catch (IOException | RuntimeException e) {
            try {
                step.close();
            } catch (IOException closing) {
                e.addSuppressed(closing);
            }
            throw e;
        }
    }

    /** Without swap beyond the limit, where swap is counted at all. */
    private void limitMemory(StepCgroup step, long bytes) throws IOException {
        Path directory = limit(step, "memory", List.of(new Setting("memory.max", Long.toString(bytes)),
                new Setting("memory.limit_in_bytes", Long.toString(bytes))));
        CgroupHierarchy.writeIfThere(directory.resolve("memory.swap.max"), "0");
        CgroupHierarchy.writeIfThere(directory.resolve("memory.memsw.limit_in_bytes"), Long.toString(bytes));
        step.watchMemory(directory);
    }

    private void limitCpus(StepCgroup step, double cpus) throws IOException {
        long quota = Math.max(MIN_CPU_QUOTA_MICROS, Math.round(cpus * CPU_PERIOD_MICROS));
        Path directory = limit(step, "cpu", List.of(new Setting("cpu.max", quota + " " + CPU_PERIOD_MICROS),
                new Setting("cpu.cfs_quota_us", Long.toString(quota))));
        CgroupHierarchy.writeIfThere(directory.resolve("cpu.cfs_period_us"), Integer.toString(CPU_PERIOD_MICROS));
    }

    private record Setting(String file, String value) {}

    /** Writes the first of the settings that the hierarchy with the controller has. */
    private Path limit(StepCgroup step, String controller, List<Setting> settings) throws IOException {
        for (CgroupHierarchy hierarchy : hierarchies) {
            if (hierarchy.has(controller) || hierarchy.unified()) {
                Path directory = step.make(hierarchy);
                for (Setting setting : settings) {
                    if (Files.exists(directory.resolve(setting.file))) {
                        CgroupHierarchy.write(directory.resolve(setting.file), setting.value);
                        return directory;
                    }
                }
            }
        }
        throw new RuntimeFailure(
                "limiting " + controller + " of a step: this host has no cgroup controller " + controller
                        + "; enable it, or run without that limit");
    }

    /** Kills and removes the cgroups of all steps; returns how many steps there were. */
    int removeLeftovers() throws IOException {
        Set<String> ids = new HashSet<>();
        Optional<Path> vacant = CgroupHierarchy.vacantUnified(hierarchies);
        if (vacant.isPresent()) {
            Posix.deleteTree(RawPath.of(vacant.get().resolve(parent.substring(1))));
        }
        for (CgroupHierarchy hierarchy : hierarchies) {
            CgroupHierarchy.children(hierarchy.directory(parent)).forEach(c -> ids.add(c.getFileName().toString()));
        }
        for (String id : ids) {
            new StepCgroup(hierarchies, parent + "/" + id).close();
        }
        return ids.size();
    }

    /** Removes what is above the steps, up to the roots, as far as nothing else is in it. */
    void removeParents() throws IOException {
        for (CgroupHierarchy hierarchy : hierarchies) {
            boolean empty = true;
            for (Path path = Path.of(parent); empty && path != null
                    && path.getNameCount() > 0; path = path.getParent()) {
                Path directory = hierarchy.directory(path.toString());
                empty = CgroupHierarchy.children(directory).isEmpty() && CgroupHierarchy.remove(directory);
            }
        }
    }
}
