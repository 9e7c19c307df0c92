package dev.kiln.executor.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.kiln.executor.runtime.ProcessSpec.Limits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** Cgroup v2 as plain files: what is written where. The kernel's part is tried by the privileged tests. */
class CgroupsTest {
    @TempDir
    Path mount;

    private Path step;

    @BeforeEach
    void files() throws IOException {
        step = Files.createDirectories(mount.resolve("kiln/x/one"));
        Files.writeString(mount.resolve("cgroup.controllers"), "cpuset cpu io memory pids\n");
        for (String directory : List.of("", "kiln", "kiln/x")) {
            Files.writeString(mount.resolve(directory).resolve("cgroup.subtree_control"), "");
        }
        for (String file : List.of("memory.max", "memory.swap.max", "cpu.max", "pids.max")) {
            Files.writeString(step.resolve(file), "max");
        }
    }

    private Cgroups cgroups() throws IOException {
        return new Cgroups(List.of(new CgroupHierarchy(mount, Set.of(), true)), "/kiln/x");
    }

    @Test
    void controllers_arePassedDownToTheSteps() throws IOException {
        assertThat(cgroups().unifiedOnly()).isTrue();

        for (String directory : List.of("", "kiln", "kiln/x")) {
            assertThat(mount.resolve(directory).resolve("cgroup.subtree_control")).content().startsWith("+");
        }
    }

    @Test
    void limits_areWrittenAsV2HasThem() throws IOException {
        StepCgroup cgroup = cgroups().create("one",
                new Limits(OptionalLong.of(1 << 20), OptionalDouble.of(1.5), OptionalLong.of(7)));

        assertThat(cgroup.containerPath()).isEqualTo("/kiln/x/one/c");
        assertThat(step.resolve("memory.max")).hasContent("1048576");
        assertThat(step.resolve("memory.swap.max")).content().startsWith("0");
        assertThat(step.resolve("cpu.max")).hasContent("150000 100000");
        assertThat(step.resolve("pids.max")).content().startsWith("7");
    }

    @Test
    void outOfMemory_isReadFromTheEvents() throws IOException {
        StepCgroup cgroup = cgroups().create("one",
                new Limits(OptionalLong.of(1 << 20), OptionalDouble.empty(), OptionalLong.empty()));

        assertThat(cgroup.outOfMemory()).isFalse();
        Files.writeString(step.resolve("memory.events"), "low 0\nmax 12\noom 3\noom_kill 0\noom_group_kill 0\n");
        assertThat(cgroup.outOfMemory()).isFalse();
        Files.writeString(step.resolve("memory.events"), "low 0\nmax 12\noom 3\noom_kill 2\n");
        assertThat(cgroup.outOfMemory()).isTrue();
    }

    @Test
    void limit_withoutItsController_isRefused() throws IOException {
        Files.delete(step.resolve("pids.max"));

        assertThatExceptionOfType(RuntimeFailure.class)
            .isThrownBy(() -> cgroups().create("one", new Limits(OptionalLong.empty(), OptionalDouble.empty(),
                    OptionalLong.of(7))))
            .withMessageContaining("no cgroup controller pids");
    }

    @Test
    void parse_knowsBothVersions() {
        List<CgroupHierarchy> found = CgroupHierarchy.parse("""
                24 1 0:5 / /dev rw - devtmpfs devtmpfs rw
                35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
                36 31 0:33 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:3 - cgroup cgroup rw,cpu,cpuacct
                41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw,nsdelegate
                """);

        assertThat(found).extracting(h -> h.mountPoint().toString())
            .containsExactly("/sys/fs/cgroup/memory", "/sys/fs/cgroup/cpu,cpuacct", "/sys/fs/cgroup/unified");
        assertThat(found.get(1).has("cpuacct")).isTrue();
        assertThat(found.get(2).unified()).isTrue();
    }
}
