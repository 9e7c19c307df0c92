package dev.kiln.executor.runtime;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import dev.kiln.executor.mount.LinuxMounter;
import dev.kiln.executor.runtime.ContainerRuntime.ExitStatus;
import dev.kiln.executor.runtime.ProcessSpec.Limits;
import dev.kiln.executor.runtime.ProcessSpec.Network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;

/** A runtime and a step's root, thrown away after each test; nothing of them may be left then. */
@Timeout(60)
abstract class RuntimeFixture {
    static final Limits UNLIMITED = new Limits(OptionalLong.empty(), OptionalDouble.empty(), OptionalLong.empty());

    @TempDir
    Path temporary;

    Path directory;
    StepRoot step;
    OciRuntime runtime;
    final ByteArrayOutputStream out = new ByteArrayOutputStream();
    final ByteArrayOutputStream err = new ByteArrayOutputStream();

    abstract OciRuntime open(Path state) throws IOException, InterruptedException;

    @BeforeEach
    void open() throws Exception {
        directory = temporary.toRealPath();
        runtime = open(directory.resolve("state"));
        runtime.cleanUp();
        step = new StepRoot(Files.createDirectory(directory.resolve("step")));
    }

    @AfterEach
    void nothingIsLeft() throws IOException {
        assertNothingRuns();
        runtime.close();
        step.close();
        assertThat(LinuxMounter.mountsBelow(directory)).isEmpty();
        assertThat(cgroups()).isEmpty();
    }

    void assertNothingRuns() throws IOException {
        assertThat(directory.resolve("state/bundles")).isEmptyDirectory();
        assertThat(directory.resolve("state/state")).isEmptyDirectory();
        assertThat(cgroups().stream().filter(c -> c.getNameCount() > 6)).isEmpty();
    }

    /** The cgroups of this test's runtime, in all hierarchies. */
    List<Path> cgroups() throws IOException {
        String name = StateDirectoryNames.of(directory.resolve("state"));
        List<Path> found = new ArrayList<>();
        for (CgroupHierarchy hierarchy : CgroupHierarchy.mounted()) {
            Path top = hierarchy.directory("/kiln/" + name);
            if (Files.exists(top)) {
                try (Stream<Path> all = Files.walk(top)) {
                    all.filter(Files::isDirectory).filter(d -> !d.equals(top)).forEach(found::add);
                }
            }
        }
        return found;
    }

    static String newId() {
        return "t-" + UUID.randomUUID();
    }

    ProcessSpec spec(String... args) {
        return new ProcessSpec(newId(), step.root, step.written, List.of(args), List.of("PATH=/bin", "A=1 2"), "/", "",
                Network.NONE, UNLIMITED);
    }

    ProcessSpec shell(String script) {
        return spec("/bin/sh", "-c", script);
    }

    static ProcessSpec with(ProcessSpec s, String cwd, String user, Network network, Limits limits) {
        return new ProcessSpec(s.id(), s.root(), s.written(), s.args(), s.env(), cwd, user, network, limits);
    }

    ExitStatus run(ProcessSpec process) throws IOException, InterruptedException {
        return runtime.run(process, (stream, bytes, length) -> (stream == 1 ? out : err).write(bytes, 0, length));
    }

    String output(ProcessSpec process) throws IOException, InterruptedException {
        out.reset();
        err.reset();
        ExitStatus status = run(process);
        assertThat(status.code()).as("%s%s", out, err).isZero();
        return out.toString(StandardCharsets.UTF_8).strip();
    }

    List<String> written() throws IOException {
        try (Stream<Path> all = Files.walk(step.written)) {
            return all.filter(p -> !p.equals(step.written))
                .map(p -> step.written.relativize(p).toString())
                .sorted()
                .toList();
        }
    }
}
