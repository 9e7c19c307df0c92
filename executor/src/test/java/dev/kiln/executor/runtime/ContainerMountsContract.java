package dev.kiln.executor.runtime;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

import dev.kiln.executor.runtime.ContainerMount.Bind;
import dev.kiln.executor.runtime.ContainerMount.InMemory;
import dev.kiln.executor.runtime.ContainerMount.Tmpfs;
import dev.kiln.executor.runtime.ProcessSpec.Network;
import dev.kiln.executor.runtime.ProcessSpec.Rlimit;
import dev.kiln.executor.runtime.ProcessSpec.Surroundings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** What every runtime promises of mounts and surroundings. Needs root, overlayfs and a static busybox. */
abstract class ContainerMountsContract extends RuntimeFixture {

    private ProcessSpec mounted(String script, ContainerMount... mounts) {
        return with(script, Surroundings.USUAL, mounts);
    }

    private ProcessSpec with(String script, Surroundings surroundings, ContainerMount... mounts) {
        ProcessSpec s = shell(script);
        return new ProcessSpec(s.id(), s.root(), s.written(), s.args(), s.env(), s.cwd(), s.user(), Network.NONE,
                UNLIMITED, List.of(mounts), surroundings);
    }

    private Path host(String... files) throws IOException {
        Path source = Files.createTempDirectory(directory, "source");
        for (String file : files) {
            Files.createDirectories(source.resolve(file).getParent());
            Files.writeString(source.resolve(file), file);
        }
        return source;
    }

    private static InMemory secret(String target, String text, int mode) {
        return new InMemory(target, text.getBytes(StandardCharsets.UTF_8), mode, 12, 34);
    }

    private void assertStepsFault(ProcessSpec process, String message) {
        assertThatExceptionOfType(RuntimeFailure.class).isThrownBy(() -> run(process))
            .withMessageContaining(message)
            .satisfies(e -> assertThat(e.code()).isEqualTo(RuntimeFailure.Code.STEP));
    }

    @Test
    void bind_readOnlyAndWritable_isTheHosts() throws Exception {
        Path source = host("a/b");
        assertThat(output(mounted("cat /in/a/b /file; ! echo x 2>/dev/null >/in/x && ! echo x 2>/dev/null >/file",
                new Bind(source, "/in", true), new Bind(source.resolve("a/b"), "/file", true))))
            .isEqualTo("a/ba/b");
        output(mounted("echo new >/in/made", new Bind(source, "/in", false)));
        assertThat(source.resolve("made")).hasContent("new");
        assertThat(written()).isEmpty();
    }

    @Test
    void stubs_deepAndOfAllKinds_areGoneAfterwards_andParentsKeepTheirTimes() throws Exception {
        FileTime time = FileTime.from(Instant.parse("2001-02-03T04:05:06.789Z"));
        Files.createDirectory(step.base.resolve("opt"));
        Files.setLastModifiedTime(step.base.resolve("opt"), time);
        Files.setLastModifiedTime(step.base.resolve("etc"), time);
        run(mounted("test -d /opt/a/b/c && test -f /opt/a/file && test -f /etc/token",
                new Tmpfs("/opt/a/b/c", OptionalLong.empty()), secret("/opt/a/file", "x", 0400),
                secret("/etc/token", "y", 0400)));
        assertThat(written()).isEmpty();
        assertThat(Files.getLastModifiedTime(step.root.resolve("opt"))).isEqualTo(time);
        assertThat(Files.getLastModifiedTime(step.root.resolve("etc"))).isEqualTo(time);
        assertThat(step.root.resolve("opt")).isEmptyDirectory();
    }

    @Test
    void stub_besideWhatTheStepWrites_isTakenOutOfIt() throws Exception {
        output(mounted("echo 1 >/opt/x/mine", secret("/opt/x/secret", "s", 0400)));
        assertThat(written()).containsExactly("opt", "opt/x", "opt/x/mine");
    }

    @Test
    void mounts_insideOthers_whateverTheirOrder_areSeen() throws Exception {
        Path source = host("sub/x", "file");
        assertThat(output(mounted("cat /in/file; cat /in/sub/x; ls /in/sub; cat /tmp/t/secret; ls /in",
                new InMemory("/in/file", "over".getBytes(StandardCharsets.UTF_8), 0444, 0, 0),
                new Bind(source, "/in", true), secret("/tmp/t/secret", "deep", 0400),
                new Tmpfs("/tmp/t", OptionalLong.empty()), new Bind(host("x", "y"), "/in/sub", false))))
            .isEqualTo("overxx\ny\ndeepfile\nsub");
        assertThat(source.resolve("file")).hasContent("file");
        assertThat(written()).isEmpty();
    }

    @Test
    void mount_insideAReadOnlyOneThatLacksThePlace_isTheStepsFault() throws Exception {
        assertStepsFault(mounted("true", new Bind(host("a"), "/in", true), secret("/in/b", "x", 0400)),
                "invalid mount target \"/in/b\"");
        assertStepsFault(mounted("true", new Bind(host("a"), "/in", true), secret("/in/a/b", "x", 0400)),
                "invalid mount target \"/in/a/b\"");
        assertThat(written()).isEmpty();
    }

    @Test
    void target_ofTheWrongKind_isTheStepsFault_andLeavesNothing() throws Exception {
        assertStepsFault(mounted("true", secret("/a/b", "", 0), secret("/etc", "x", 0400)), "it is a directory");
        assertStepsFault(mounted("true", new Tmpfs("/etc/passwd", OptionalLong.empty())), "it is not a directory");
        assertStepsFault(mounted("true", new Tmpfs("/etc/passwd/x", OptionalLong.empty())),
                "\"/etc/passwd\" is not a directory");
        assertThat(written()).isEmpty();
    }

    @Test
    void target_thatTheContainerNeeds_isTheStepsFault() throws Exception {
        Files.createSymbolicLink(step.base.resolve("link"), Path.of("/proc"));
        Files.createSymbolicLink(step.base.resolve("top"), Path.of("/"));
        for (String target : List.of("/", "/proc", "/proc/self", "/sys/fs", "/dev", "/link/x", "/top")) {
            assertStepsFault(mounted("true", new Tmpfs(target, OptionalLong.empty())),
                    "invalid mount target \"" + target + "\"");
        }
    }

    @Test
    void target_behindLinksThatLeadOut_staysInside() throws Exception {
        Path outside = host("victim");
        Files.createSymbolicLink(step.base.resolve("abs"), outside);
        Files.createSymbolicLink(step.base.resolve("up"), Path.of("../../../../../../../.." + outside));
        run(mounted("test -f /abs/one && test -f /up/two && test -f " + outside + "/one", secret("/abs/one", "1", 0400),
                secret("/up/two", "2", 0400)));
        assertThat(Files.list(outside)).containsExactly(outside.resolve("victim"));
        assertThat(written()).isEmpty();
    }

    @Test
    void tmpfs_hasItsSizeAndTheModeOfThePlace() throws Exception {
        Files.createDirectory(step.base.resolve("secret"),
                java.nio.file.attribute.PosixFilePermissions.asFileAttribute(
                        java.nio.file.attribute.PosixFilePermissions.fromString("rwx------")));
        assertThat(output(mounted("stat -c %a /new /secret; dd if=/dev/zero of=/new/x bs=1k count=200 2>/dev/null;"
                + " stat -c %s /new/x", new Tmpfs("/new", OptionalLong.of(65536)),
                new Tmpfs("/secret", OptionalLong.empty()))))
            .isEqualTo("1777\n700\n65536");
        assertThat(written()).isEmpty();
    }

    @Test
    void tmpfs_onAUsualMount_takesItsTurn() throws Exception {
        assertThat(output(mounted("grep -c ' /dev/shm ' /proc/mounts; cat /etc/hosts; echo ok >/dev/shm/x",
                new Tmpfs("/dev/shm", OptionalLong.empty()), secret("/etc/hosts", "mine\n", 0444))))
            .isEqualTo("1\nmine");
        assertThat(output(mounted("cat /etc/hosts"))).contains("localhost");
    }

    @Test
    void inMemory_isAFileOfItsOwnerOnAFileSystemInMemory_andReadOnly() throws Exception {
        assertThat(output(mounted("stat -c '%u:%g %a' /run/s; cat /run/s; grep ' /run/s ' /proc/mounts",
                secret("/run/s", "hidden\n", 0440))))
            .startsWith("12:34 440\nhidden\nkiln /run/s ramfs ro,")
            .contains("noexec");
        assertThat(run(mounted("rm /run/s", secret("/run/s", "x", 0440))).code()).isNotZero();
        assertThat(written()).isEmpty();
    }

    @Test
    void inMemory_executable_runsAlsoBelowDev() throws Exception {
        ProcessSpec s = spec("/dev/pipes/EOF");
        assertThat(output(new ProcessSpec(s.id(), s.root(), s.written(), s.args(), s.env(), s.cwd(), s.user(),
                Network.NONE, UNLIMITED,
                List.of(secret("/dev/pipes/EOF", "#!/bin/sh\necho ran $0\n", 0755)), Surroundings.USUAL)))
            .isEqualTo("ran /dev/pipes/EOF");
    }

    @Test
    void environment_ofARunningContainer_isOnNoDisk() throws Exception {
        String token = "very-secret-value";
        ProcessSpec s = shell("echo ready; sleep 30");
        ProcessSpec secret = new ProcessSpec(s.id(), s.root(), s.written(), s.args(),
                List.of("PATH=/bin", "T=" + token),
                "/", "", Network.NONE, UNLIMITED, List.of(secret("/run/s", token, 0400)), Surroundings.USUAL);
        assertThat(secret.toString()).doesNotContain(token);
        java.util.concurrent.CountDownLatch ready = new java.util.concurrent.CountDownLatch(1);
        Thread thread = Thread.ofVirtual().start(() -> {
            try {
                runtime.run(secret, (_, _, _) -> ready.countDown());
            } catch (IOException | InterruptedException _) {
                // ended below
            }
        });
        ready.await();
        try (Stream<Path> files = Files.walk(directory.resolve("state"))) {
            Path network = directory.resolve("state/net");
            for (Path file : files.filter(f -> Files.isRegularFile(f) && !f.startsWith(network)).toList()) {
                if (Files.readString(file, StandardCharsets.ISO_8859_1).contains(token)) {
                    assertThat(Files.getFileStore(file).type()).as(file.toString()).isEqualTo("ramfs");
                }
            }
        } finally {
            thread.interrupt();
            thread.join();
        }
    }

    @Test
    void hostnameAndHosts_areTheSteps_andInNoOther() throws Exception {
        Surroundings own = new Surroundings(false, "builder.test", List.of(new ProcessSpec.Host("db", "10.1.2.3")),
                OptionalLong.empty(),
                List.of());
        assertThat(output(with("hostname; cat /etc/hosts", own))).isEqualTo(
                "builder.test\n127.0.0.1\tlocalhost builder.test\n::1\tlocalhost ip6-localhost ip6-loopback\n10.1.2.3\tdb");
        assertThat(output(with("hostname; cat /etc/hosts", Surroundings.USUAL))).startsWith("buildkitsandbox")
            .doesNotContain("10.1.2.3");
        assertStepsFault(with("true", new Surroundings(false, "a\nb", List.of(), OptionalLong.empty(), List.of())),
                "invalid hostname");
        assertStepsFault(with("true",
                new Surroundings(false, "", List.of(new ProcessSpec.Host("a b", "1.2.3.4")), OptionalLong.empty(),
                        List.of())),
                "invalid extra host");
    }

    @Test
    void sharedMemory_hasItsSize() throws Exception {
        assertThat(output(with("grep ' /dev/shm ' /proc/mounts", new Surroundings(false, "", List.of(),
                OptionalLong.of(8 << 20), List.of()))))
            .contains("size=8192k");
    }

    @Test
    void rlimits_areGiven_butNeverBeyondTheHosts() throws Exception {
        Surroundings few = new Surroundings(false, "", List.of(), OptionalLong.empty(),
                List.of(new Rlimit("nofile", 100, 200), new Rlimit("fsize", -1, -1), new Rlimit("core", 0, 4096)));
        assertThat(output(with("ulimit -n; ulimit -Hn; ulimit -f; ulimit -Hc", few)))
            .isEqualTo("100\n200\nunlimited\n8");
        long hard = HostLimits.read().hard().get("nofile");
        assertStepsFault(with("true", new Surroundings(false, "", List.of(), OptionalLong.empty(),
                List.of(new Rlimit("nofile", 10, hard + 1)))),
                "ulimit nofile=" + (hard + 1) + " is more than this executor may give");
    }

    @Test
    void insecure_hasWhatThisProcessHas() throws Exception {
        Surroundings insecure = new Surroundings(true, "", List.of(), OptionalLong.empty(), List.of());
        String own = Files.readAllLines(Path.of("/proc/self/status"))
            .stream()
            .filter(line -> line.startsWith("CapBnd"))
            .findFirst()
            .orElseThrow()
            .substring("CapBnd:\t".length());
        assertThat(output(with("grep -E 'Cap|Seccomp:' /proc/self/status", insecure))).contains("CapInh:\t" + own,
                "CapPrm:\t" + own, "CapEff:\t" + own, "CapBnd:\t" + own, "CapAmb:\t" + own, "Seccomp:\t0");
        assertThat(output(with("mkdir /m && mount -t tmpfs x /m && umount /m && rm -r /m && echo mounted;"
                + " grep ' /sys ' /proc/mounts; grep -q ' /proc/.' /proc/mounts || echo unmasked;"
                + " test -c /dev/fuse && test -b /dev/loop0 && echo devices", insecure)))
            .contains("mounted", "/sys sysfs rw", "unmasked", "devices");
        ProcessSpec user = with("grep CapEff /proc/self/status", insecure);
        assertThat(output(new ProcessSpec(newId(), user.root(), user.written(), user.args(), user.env(), "/", "bob",
                Network.NONE, UNLIMITED, List.of(), insecure)))
            .isEqualTo("CapEff:\t" + own);
    }
}
