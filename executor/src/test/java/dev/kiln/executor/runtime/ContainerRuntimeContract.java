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

/** What every runtime promises. Needs root, overlayfs and a static busybox. */
abstract class ContainerRuntimeContract extends RuntimeFixture {

    @Test
    void output_ofBothStreams_comesApartAndWhole() throws Exception {
        ExitStatus status = run(shell("echo one; echo two >&2; echo three; cat"));

        assertThat(status).isEqualTo(new ExitStatus(0, false));
        assertThat(out.toString()).isEqualTo("one\nthree\n");
        assertThat(err.toString()).isEqualTo("two\n");
    }

    @Test
    void output_ofManyMegabytes_isNotClipped() throws Exception {
        run(shell("seq 1 1000000"));

        assertThat(out.size()).isEqualTo(6_888_896);
        assertThat(out.toString()).endsWith("\n999999\n1000000\n");
    }

    @Test
    void output_thatCannotBeDelivered_endsTheProcess() {
        assertThatIOException().isThrownBy(() -> runtime.run(shell("yes"), (_, _, _) -> {
            throw new IOException("log is gone");
        })).withMessage("log is gone");
    }

    @Test
    void exitCode_isTheProcesss() throws Exception {
        assertThat(run(shell("exit 7")).code()).isEqualTo(7);
        assertThat(run(spec("false")).code()).isEqualTo(1);
    }

    @Test
    void exitCode_ofASignal_is128AndTheSignal() throws Exception {
        assertThat(run(shell("sh -c 'kill -9 $$'; exit $?")).code()).isEqualTo(137);
        assertThat(run(shell("(sleep 0.2; kill -15 1) & trap 'exit 99' 9; trap - 15; sleep 1; exit 5")).code())
            .as("the first process is only hit by signals that it handles")
            .isEqualTo(5);
    }

    @Test
    void program_notThere_is127() throws Exception {
        assertThat(run(spec("nosuch")).code()).isEqualTo(127);
        assertThat(run(spec("/nosuch", "x")).code()).isEqualTo(127);
        assertThat(err.toString()).contains("nosuch");
    }

    @Test
    void program_notExecutable_is126() throws Exception {
        assertThat(run(spec("/etc/passwd")).code()).isEqualTo(126);
        assertThat(run(spec("/etc")).code()).isEqualTo(126);
    }

    @Test
    void environmentAndDirectory_areTheSteps() throws Exception {
        assertThat(output(spec("env"))).contains("PATH=/bin", "A=1 2").doesNotContain("LC_ALL");
        assertThat(output(with(spec("pwd"), "/made/for it", "", Network.NONE, UNLIMITED))).isEqualTo("/made/for it");
        assertThat(written()).containsExactly("made", "made/for it");
        assertThat(output(spec("hostname"))).isEqualTo("buildkitsandbox");
    }

    @Test
    void workingDirectory_madeForAUser_belongsToIt() throws Exception {
        assertThat(output(with(shell("stat -c '%u:%g %a' ."), "/home/bob", "bob", Network.NONE, UNLIMITED)))
            .isEqualTo("1000:1001 755");
    }

    @Test
    void workingDirectory_thatIsAFile_isTheStepsFault() {
        assertThatExceptionOfType(RuntimeFailure.class)
            .isThrownBy(() -> run(with(spec("true"), "/etc/passwd", "", Network.NONE, UNLIMITED)))
            .satisfies(e -> assertThat(e.code()).isEqualTo(RuntimeFailure.Code.STEP));
    }

    @Test
    void user_isLookedUpInTheRoot() throws Exception {
        assertThat(output(with(spec("id"), "/", "bob", Network.NONE, UNLIMITED)))
            .isEqualTo("uid=1000(bob) gid=1001(bob) groups=10(wheel),29(audio),1001(bob)");
        assertThat(output(spec("id"))).isEqualTo("uid=0(root) gid=0(root) groups=0(root),10(wheel)");
        assertThat(output(with(spec("id", "-u"), "/", "4242", Network.NONE, UNLIMITED))).isEqualTo("4242");
        assertThatExceptionOfType(RuntimeFailure.class)
            .isThrownBy(() -> run(with(spec("id"), "/", "nobody", Network.NONE, UNLIMITED)))
            .withMessageContaining("nobody")
            .satisfies(e -> assertThat(e.code()).isEqualTo(RuntimeFailure.Code.STEP));
    }

    @Test
    void sandbox_isDockers() throws Exception {
        assertThat(output(shell("grep Cap /proc/self/status"))).contains("CapInh:\t0000000000000000",
                "CapPrm:\t00000000a80425fb", "CapEff:\t00000000a80425fb", "CapBnd:\t00000000a80425fb",
                "CapAmb:\t0000000000000000");
        assertThat(output(with(shell("grep Cap /proc/self/status"), "/", "bob", Network.NONE, UNLIMITED)))
            .contains("CapEff:\t0000000000000000", "CapBnd:\t00000000a80425fb");
        assertThat(output(shell("grep -E 'Seccomp:|NoNewPrivs' /proc/self/status")))
            .contains("NoNewPrivs:\t0", "Seccomp:\t2");
        assertThat(run(shell("unshare -U true")).code()).as("a user namespace, refused by the filter alone")
            .isNotZero();
        assertThat(output(shell("mount -t tmpfs x /etc; echo $?; echo b > /proc/sysrq-trigger; echo $?")))
            .doesNotContain("0");
        assertThat(output(shell("cat /proc/keys /proc/kcore | wc -c"))).isEqualTo("0");
        assertThat(run(shell("touch /sys/x || echo 1 > /proc/sys/kernel/hostname")).code()).isNotZero();
        assertThat(run(shell("for d in /sys/fs/cgroup /sys/fs/cgroup/*; do"
                + " test -f $d/cgroup.procs && mkdir $d/x && exit 0; done; exit 1"))
            .code()).isEqualTo(1);
        assertThat(output(shell("mknod /dev/sda b 8 0 && cat /dev/sda 2>&1 || true"))).contains("not permitted");
    }

    @Test
    void network_none_hasOnlyLoopback() throws Exception {
        assertThat(output(shell("ls /sys/class/net"))).isEqualTo("lo");
        assertThat(output(spec("ping", "-c1", "127.0.0.1"))).contains("1 packets received");
    }

    @Test
    void network_host_isTheHosts() throws Exception {
        Path namespace = Files.readSymbolicLink(Path.of("/proc/self/ns/net"));

        assertThat(output(with(shell("ls -l /proc/self/ns/net"), "/", "", Network.HOST, UNLIMITED)))
            .endsWith(namespace.toString());
    }

    @Test
    void stepThatWritesNothing_leavesNothing() throws Exception {
        FileTime time = FileTime.from(Instant.parse("2001-02-03T04:05:06.789Z"));
        Files.setLastModifiedTime(step.written, time);

        run(spec("true"));

        assertThat(written()).isEmpty();
        assertThat(Files.getLastModifiedTime(step.written)).isEqualTo(time);
        assertThat(Files.list(step.root).map(p -> p.getFileName().toString())).containsExactlyInAnyOrder("bin", "etc",
                "proc", "dev", "sys");
    }

    /** As BuildKit. */
    @Test
    void rootWithoutProcDevAndSys_keepsTheirDirectories() throws Exception {
        for (String directory : List.of("proc", "dev", "sys")) {
            Files.delete(step.base.resolve(directory));
        }

        run(spec("true"));

        assertThat(written()).containsExactlyInAnyOrder("proc", "dev", "sys");
    }

    @Test
    void stepThatWritesBesideMountPoints_leavesOnlyThat() throws Exception {
        run(shell("echo 1 > /etc/mine; cat /etc/hosts /etc/resolv.conf"));

        assertThat(written()).containsExactly("etc", "etc/mine");
        assertThat(out.toString()).contains("buildkitsandbox", "nameserver");
    }

    @Test
    void stepThatChangesADirectoryWithMountPoints_keepsTheChange() throws Exception {
        run(shell("chmod 700 /etc"));

        assertThat(written()).containsExactly("etc");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(step.written.resolve("etc"))))
            .isEqualTo("rwx------");
    }

    @Test
    void mountPoint_behindALink_isMadeAndRemovedThere() throws Exception {
        Files.createSymbolicLink(step.base.resolve("etc/resolv.conf"), Path.of("../run/resolved/stub.conf"));

        assertThat(output(shell("cat /run/resolved/stub.conf"))).contains("nameserver");

        assertThat(written()).isEmpty();
    }

    @Test
    void limits_ofMemory_killAndAreToldApart() throws Exception {
        Limits limits = new Limits(OptionalLong.of(32 << 20), OptionalDouble.empty(), OptionalLong.empty());

        ExitStatus status = run(
                with(shell("dd if=/dev/zero of=/dev/null bs=200M count=1; exit 3"), "/", "", Network.NONE,
                        limits));

        assertThat(status).isEqualTo(new ExitStatus(3, true));
        assertThat(run(with(shell("exit 3"), "/", "", Network.NONE, limits))).isEqualTo(new ExitStatus(3, false));
    }

    @Test
    void limits_ofProcesses_hold() throws Exception {
        Limits limits = new Limits(OptionalLong.empty(), OptionalDouble.of(0.5), OptionalLong.of(10));

        ExitStatus status = run(with(shell("for i in $(seq 20); do sleep 5 & done; echo made"), "/", "", Network.NONE,
                limits));

        assertThat(status.code()).isNotZero();
        assertThat(err.toString()).contains("can't fork");
    }

    @Test
    void interrupt_killsAForkBombAtOnce() throws Exception {
        Limits limits = new Limits(OptionalLong.of(200 << 20), OptionalDouble.empty(), OptionalLong.of(300));
        ProcessSpec bomb = with(shell("echo go; bomb() { bomb | bomb & }; bomb; sleep 100"), "/", "", Network.NONE,
                limits);
        CountDownLatch going = new CountDownLatch(1);
        AtomicReference<Throwable> end = new AtomicReference<>();
        Thread thread = Thread.ofVirtual().start(() -> {
            try {
                runtime.run(bomb, (_, _, _) -> going.countDown());
            } catch (Throwable e) {
                end.set(e);
            }
        });
        going.await();

        Instant start = Instant.now();
        thread.interrupt();
        thread.join();

        assertThat(end.get()).isInstanceOf(InterruptedException.class);
        assertThat(Duration.between(start, Instant.now())).isLessThan(Duration.ofSeconds(3));
        assertNothingRuns();
    }

    @Test
    void interrupt_atAnyMoment_leavesNothing() throws Exception {
        for (int delay = 0; delay < 60; delay += 3) {
            AtomicReference<Throwable> end = new AtomicReference<>();
            ProcessSpec process = shell("sleep 100");
            Thread thread = Thread.ofPlatform().start(() -> {
                try {
                    run(process);
                } catch (Throwable e) {
                    end.set(e);
                }
            });
            thread.join(Duration.ofMillis(delay + 1));
            thread.interrupt();
            thread.join();
            assertThat(end.get()).as("after %s ms", delay).isInstanceOf(InterruptedException.class);
            assertNothingRuns();
            assertThat(written()).isEmpty();
        }
    }

    @Test
    void run_manyAtATime_doNotMix() throws Exception {
        try (var threads = java.util.concurrent.Executors.newVirtualThreadPerTaskExecutor()) {
            var results = new ArrayList<java.util.concurrent.Future<String>>();
            for (int i = 0; i < 8; i++) {
                String text = "step " + i;
                StepRoot own = new StepRoot(Files.createDirectory(directory.resolve("step" + i)));
                results.add(threads.submit(() -> {
                    try (own) {
                        ByteArrayOutputStream mine = new ByteArrayOutputStream();
                        runtime.run(
                                new ProcessSpec(newId(), own.root, own.written, List.of("/bin/echo", text), List.of(),
                                        "/", "", Network.NONE, UNLIMITED),
                                (_, bytes, length) -> mine.write(bytes, 0, length));
                        return mine.toString();
                    }
                }));
            }
            for (int i = 0; i < 8; i++) {
                assertThat(results.get(i).get()).isEqualTo("step " + i + "\n");
            }
        }
    }

    @Test
    void id_isNoPath() {
        for (String id : List.of("", "..", "a/b", "-x")) {
            ProcessSpec process = new ProcessSpec(id, step.root, step.written, List.of("true"), List.of(), "/", "",
                    Network.NONE, UNLIMITED);
            org.assertj.core.api.Assertions.assertThatIllegalArgumentException().isThrownBy(() -> run(process));
        }
    }
}
