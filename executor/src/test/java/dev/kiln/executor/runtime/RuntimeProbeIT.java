package dev.kiln.executor.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import dev.kiln.executor.mount.LinuxMounter;
import dev.kiln.executor.runtime.ProcessSpec.Network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

@Tag("privileged")
@Timeout(60)
class RuntimeProbeIT {
    @TempDir
    Path temporary;

    private static RuntimeProbe.Found find(Path directory, List<String> candidates)
            throws IOException, InterruptedException {
        return RuntimeProbe.find(directory, candidates, Networks.Settings.DEFAULT);
    }

    private Path state() throws IOException {
        return temporary.toRealPath().resolve("state");
    }

    private void assertClean() throws IOException {
        assertThat(LinuxMounter.mountsBelow(state())).isEmpty();
        String name = StateDirectoryNames.of(state());
        for (CgroupHierarchy hierarchy : CgroupHierarchy.mounted()) {
            assertThat(hierarchy.directory("/kiln/" + name)).doesNotExist();
        }
        assertThat(Path.of("/sys/class/net/kiln" + name.substring(0, 6))).doesNotExist();
    }

    @Test
    void find_takesTheFirstThatWorks_andSaysWhatItFound() throws Exception {
        RuntimeProbe.Found found = find(state(), List.of("nosuch-runtime", "/bin/false", "runc", "crun"));

        assertThat(found.runtime().description()).startsWith("runc version");
        assertThat(found.findings().get(0)).isEqualTo("nosuch-runtime: not installed");
        assertThat(found.findings().get(1)).startsWith("/bin/false: refused: ").contains("exit code 1");
        assertThat(found.findings().get(2)).startsWith("runc: works");
        assertThat(found.findings().get(3)).startsWith("private network: steps get addresses of 10.215.");
        assertThat(found.runtime().networks().available()).containsExactly(Network.NONE, Network.HOST, Network.PRIVATE);
        found.runtime().close();
        assertClean();
    }

    @Test
    void find_noneThatWorks_saysWhyOfEach_andLeavesNothing() throws Exception {
        assertThatExceptionOfType(RuntimeFailure.class)
            .isThrownBy(() -> find(state(), List.of("nosuch-runtime", "/bin/true")))
            .withMessageContaining("nosuch-runtime: not installed")
            .withMessageContaining("/bin/true: refused");
        assertClean();
    }

    @Test
    void find_withAnImpossibleSubnet_runsWithoutPrivateNetwork() throws Exception {
        RuntimeProbe.Found first = find(state(), List.of("runc"));
        String taken = first.runtime().networks().explanation().split(" ")[4];
        Networks.Settings clash = new Networks.Settings(Optional.empty(), Optional.of(taken));

        RuntimeProbe.Found second = RuntimeProbe.find(temporary.resolve("other"), List.of("runc"), clash);

        assertThat(second.runtime().networks().available()).containsExactly(Network.NONE, Network.HOST);
        assertThat(second.runtime().networks().explanation()).contains(taken, "overlaps with a route");
        second.runtime().close();
        first.runtime().close();
    }

    @Test
    void find_twiceInOneDirectory_isRefused() throws Exception {
        try (OciRuntime first = find(state(), List.of("runc")).runtime()) {
            assertThatExceptionOfType(RuntimeFailure.class).isThrownBy(() -> find(state(), List.of("runc")))
                .withMessageContaining("another process");
            assertThat(first.networks().available()).contains(Network.PRIVATE);
        }
    }

    /** A child JVM is killed while a step of it runs on the private network. */
    @Test
    void find_afterAKill_removesContainerNetworkAndBundle() throws Exception {
        StepRoot step = new StepRoot(Files.createDirectory(temporary.toRealPath().resolve("step")));
        Process child = new ProcessBuilder(ProcessHandle.current().info().command().orElseThrow(),
                "--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path"),
                Abandoner.class.getName(), state().toString(), step.root.toString(), step.written.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
        assertThat(child.inputReader().readLine()).isEqualTo("ready");
        child.destroyForcibly();
        assertThat(child.waitFor(10, TimeUnit.SECONDS)).isTrue();

        RuntimeProbe.Found found = find(state(), RuntimeProbe.CANDIDATES);

        assertThat(state().resolve("bundles")).isEmptyDirectory();
        assertThat(state().resolve("state")).isEmptyDirectory();
        assertThat(ProcessHandle.allProcesses().filter(p -> p.info().commandLine().orElse("").contains("sleep 54321")))
            .isEmpty();
        assertThat(LinuxMounter.mountsBelow(state().resolve("net"))).hasSize(1);
        found.runtime().close();
        step.close();
        assertClean();
    }

    /** Main of the child JVM: prints {@code ready} when the step runs. */
    static final class Abandoner {
        private Abandoner() {}

        public static void main(String[] args) throws Exception {
            OciRuntime runtime = find(Path.of(args[0]), RuntimeProbe.CANDIDATES).runtime();
            runtime.run(new ProcessSpec("abandoned", Path.of(args[1]), Path.of(args[2]),
                    List.of("/bin/sh", "-c", "echo; sleep 54321"), List.of("PATH=/bin"), "/", "", Network.PRIVATE,
                    ContainerRuntimeContract.UNLIMITED), (_, _, _) -> System.out.println("ready"));
        }
    }
}
