package dev.kiln.executor.op;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import dev.kiln.executor.graph.OpSpec;
import dev.kiln.executor.graph.Sandbox;
import dev.kiln.executor.graph.StepMount;
import dev.kiln.executor.graph.StepMount.Bind;
import dev.kiln.executor.graph.StepMount.Inline;
import dev.kiln.executor.graph.StepMount.Secret;
import dev.kiln.executor.graph.StepMount.Tmpfs;
import dev.kiln.executor.graph.Vertex;
import dev.kiln.executor.mount.Mounter.Mounted;
import dev.kiln.executor.solver.Result;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** RUN with bind, tmpfs, secret and inline mounts, and its sandbox, for real. */
class RunMountsIT extends StepsFixture {

    private static Bind bind(String source, String target) {
        return new Bind(1, source, target, false);
    }

    private Result solve(Vertex vertex) throws Exception {
        return machine.solve(graph, vertex);
    }

    @Test
    @Tag("row:6.1.1")
    @Tag("row:6.1.2")
    @Tag("row:6.1.4")
    void bind_ofTheContext_isReadOnlyAndLeavesNothing() throws Exception {
        Vertex context = context(Map.of("dir/file", "hello", "readme", "x"));
        Result result = solve(run("cat /in/file; ! echo 1 2>/dev/null >/in/new; cat /one/f >/out; ls -a /in",
                List.of(bind("dir", "/in"), bind("dir/file", "/one/f")), busybox(), context));
        assertThat(log()).isEqualTo("hello.\n..\nfile\n");
        assertThat(newFiles(result)).containsExactly("out");
    }

    @Test
    @Tag("row:6.1.3")
    void bind_ofAStageAndAnImage_showsTheirFiles() throws Exception {
        Vertex stage = run("mkdir /made; echo stage >/made/x", List.of(), busybox());
        Result result = solve(run("cat /s/x; test -x /img/busybox && echo busybox",
                List.of(new Bind(1, "made", "/s", false), new Bind(2, "bin", "/img", false)), busybox(), stage,
                busybox()));
        assertThat(log()).isEqualTo("stage\nbusybox\n");
        assertThat(newFiles(result)).isEmpty();
    }

    @Test
    @Tag("row:6.1.13")
    @Tag("row:6.1.4")
    void bind_writable_takesWritesAndThrowsThemAway() throws Exception {
        Vertex context = context(Map.of("a", "1"));
        Vertex stage = run("mkdir /made; echo 1 >/made/x", List.of(), busybox());
        String script = "echo 2 >/in/a; rm /st/x; echo new >/st/y; cat /in/a; ls /st";
        Result result = solve(run(script, List.of(new Bind(1, ".", "/in", true), new Bind(2, "made", "/st", true)),
                busybox(), context, stage));
        assertThat(log()).isEqualTo("2\ny\n");
        assertThat(newFiles(result)).isEmpty();
        int ran = machine.ran.get();
        solve(run("cat /in/a /st/x", List.of(bind(".", "/in"), new Bind(2, "made", "/st", false)), busybox(), context,
                stage));
        assertThat(log()).isEqualTo("2\ny\n11\n");
        assertThat(machine.ran).as("the stage is found").hasValue(ran + 1);
        solve(run(script, List.of(new Bind(1, ".", "/in", true), new Bind(2, "made", "/st", true)), busybox(),
                context(Map.of("a", "1")), stage));
        assertThat(machine.ran).as("the same again").hasValue(ran + 1);
    }

    @Test
    @Tag("row:6.10")
    void bind_whatItDoesNotShowChanged_runsNothing() throws Exception {
        List<StepMount> mounts = List.of(bind("src", "/src"));
        solve(run("true", mounts, busybox(), context(Map.of("src/a", "1", "readme", "1"))));
        solve(run("true", mounts, busybox(), context(Map.of("src/a", "1", "readme", "2"))));
        assertThat(machine.ran).hasValue(1);
        solve(run("true", mounts, busybox(), context(Map.of("src/a", "2", "readme", "2"))));
        assertThat(machine.ran).hasValue(2);
    }

    @Test
    void bind_ofNothing_saysNotFound() throws Exception {
        Vertex context = context(Map.of("a", "1"));
        assertStepFails(run("true", List.of(bind("b/c", "/in")), busybox(), context), "\"/b/c\": not found");
    }

    @Test
    @Tag("row:6.1.16")
    void bind_throughLinks_staysInTheSource() throws Exception {
        Vertex stage = run("mkdir /d; echo inside >/d/hostname; ln -s /d /abs; ln -s ../../../../../d /up;"
                + " ln -s /etc/nothere /out", List.of(), busybox());
        solve(run("cat /a/hostname /u/hostname", List.of(bind("abs", "/a"), bind("up", "/u")), busybox(), stage));
        assertThat(log()).isEqualTo("inside\ninside\n");
        assertStepFails(run("true", List.of(bind("out", "/in")), busybox(), stage), "\"/out\": not found");
    }

    @Test
    @Tag("row:6.1.12")
    void mounts_nestedAndTwiceOnATarget_lastAndDeepestWin() throws Exception {
        Vertex context = context(Map.of("a.txt", "a", "b.txt", "b", "d/x", "x"));
        solve(run("cat /t/a.txt; ls /t/d; cat /t2", List.of(bind("b.txt", "/t/a.txt"), bind(".", "/t"),
                new Tmpfs("/t/d", OptionalLong.empty()), bind("a.txt", "/t2"), bind("b.txt", "/t2")), busybox(),
                context));
        assertThat(log()).isEqualTo("bb");
        assertStepFails(run("true", List.of(bind(".", "/t"), bind("a.txt", "/t/missing")), busybox(), context),
                "invalid mount target \"/t/missing\"");
    }

    @Test
    @Tag("row:6.1.17")
    void stubs_leaveNeitherFilesNorTimes() throws Exception {
        machine.secrets = secrets(Map.of("s", "1"));
        Vertex made = run("mkdir -p /opt/deep", List.of(), busybox());
        Instant time = modified(solve(made), "opt/deep");
        Result result = solve(run("test -f /opt/deep/er/secret && test -f /etc/token",
                List.of(secret("s", "/opt/deep/er/secret", null, true), secret("s", "/etc/token", null, true)), made));
        assertThat(newFiles(result)).isEmpty();
        assertThat(modified(result, "opt/deep")).isEqualTo(time);
    }

    private Instant modified(Result result, String path) throws Exception {
        try (Mounted view = machine.view(result)) {
            return Files.getLastModifiedTime(view.target().resolve(path)).toInstant();
        }
    }

    private static Secret secret(String id, String target, String env, boolean required) {
        return new Secret(id, Optional.ofNullable(target), Optional.ofNullable(env),
                new StepMount.Permissions(0400, 0, 0), required);
    }

    @Test
    @Tag("row:6.1.5")
    @Tag("row:6.1.10")
    void secret_asFileAndVariable_isInMemoryOnly() throws Exception {
        machine.secrets = secrets(Map.of("tok", "s3cr3t-value"));
        Result result = solve(run("test \"$(cat /run/secrets/tok)\" = \"$TOK\" && test ${#TOK} = 12"
                + " && stat -c '%a %u:%g' /run/secrets/tok && grep -c ' /run/secrets/tok ramfs '"
                + " /proc/mounts", List.of(secret("tok", "/run/secrets/tok", "TOK", true)), busybox()));
        assertThat(log()).isEqualTo("400 0:0\n1\n");
        assertThat(newFiles(result)).isEmpty();
        assertNoFileHas("s3cr3t-value");
    }

    @Test
    @Tag("row:6.1.8")
    void secret_withModeAndOwner_isReadableByThem() throws Exception {
        machine.secrets = secrets(Map.of("tok", "value"));
        Secret secret = new Secret("tok", Optional.of("/x"), Optional.empty(), new StepMount.Permissions(0440, 12, 34),
                true);
        solve(run("stat -c '%a %u:%g' /x; cat /x; test \"$(cat /x)\" = value", List.of(secret), busybox()));
        assertThat(log()).as("what is printed of it").isEqualTo("440 12:34\n***");
    }

    @Test
    @Tag("row:6.1.18")
    @Tag("row:6.1.9")
    void secret_missing_failsOnlyWhenRequired() throws Exception {
        assertStepFails(run("true", List.of(secret("nope", "/x", null, true)), busybox()), "secret nope: not found");
        assertStepFails(run("true", List.of(secret("nope", null, "X", true)), busybox()), "secret nope: not found");
        solve(run("test ! -e /x && echo \"[$X]\"", List.of(secret("nope", "/x", "X", false)), busybox()));
        assertThat(log()).isEqualTo("[]\n");
    }

    @Test
    void secret_thatIsNoText_cannotBeAVariable_andIsNotTold() throws Exception {
        machine.secrets = new MapSecrets(Map.of("bin", new byte[]{'h', 'i', 'd', 0, (byte) 0xff}), Map.of());
        assertThatThrownBy(() -> solve(run("true", List.of(secret("bin", null, "X", true)), busybox())))
            .hasMessageContaining("secret bin: it is no text")
            .hasMessageNotContaining("hid");
        solve(run("stat -c %s /x", List.of(secret("bin", "/x", null, true)), busybox()));
        assertThat(log()).isEqualTo("5\n");
    }

    @Test
    @Tag("row:6.10")
    void secret_otherValue_isTheSameStep() throws Exception {
        machine.secrets = secrets(Map.of("tok", "one"));
        solve(run("true", List.of(secret("tok", "/x", "X", true)), busybox()));
        machine.secrets = secrets(Map.of("tok", "two"));
        solve(run("true", List.of(secret("tok", "/x", "X", true)), busybox()));
        assertThat(machine.ran).hasValue(1);
    }

    @Test
    @Tag("row:6.1.7")
    void tmpfs_isEmptyAndBounded() throws Exception {
        Vertex filled = run("mkdir /t; echo 1 >/t/x", List.of(), busybox());
        Result result = solve(run("ls /t; dd if=/dev/zero of=/t/big bs=1k count=100 2>/dev/null; stat -c %s /t/big",
                List.of(new Tmpfs("/t", OptionalLong.of(32768))), filled));
        assertThat(log()).isEqualTo("32768\n");
        assertThat(newFiles(result)).isEmpty();
    }

    @Test
    @Tag("row:7.4")
    void inline_isAProgramBelowDev() throws Exception {
        OpSpec.Run run = new OpSpec.Run(List.of("/dev/pipes/EOF"), List.of("PATH=/bin"), "/", "",
                Sandbox.of(OpSpec.Network.NONE),
                List.of(new Inline("/dev/pipes/EOF", "#!/bin/sh\necho \"from $0\"\nstat -c %a $0\n")));
        Result result = solve(graph.add("RUN <<EOF", run, List.of(busybox()), false));
        assertThat(log()).isEqualTo("from /dev/pipes/EOF\n755\n");
        assertThat(newFiles(result)).isEmpty();
    }

    private Vertex inSandbox(String command, Sandbox sandbox, String user) throws Exception {
        return graph.add("RUN " + command, new OpSpec.Run(List.of("/bin/sh", "-c", command), List.of("PATH=/bin"), "/",
                user, sandbox, List.of()), List.of(busybox()), false);
    }

    @Test
    @Tag("row:6.8")
    void hosts_haveTheBuildsAddresses_whichNoKeyKnows() throws Exception {
        Sandbox sandbox = new Sandbox(OpSpec.Network.NONE, false, "builder", List.of("db", "web"),
                OptionalLong.empty(), List.of(), Optional.empty());
        machine.hosts = Map.of("db", List.of("10.0.0.1", "10.0.0.2"), "web", List.of("::2"));
        Result result = solve(inSandbox("cat /etc/hosts; hostname", sandbox, ""));
        assertThat(log()).isEqualTo("127.0.0.1\tlocalhost builder\n::1\tlocalhost ip6-localhost ip6-loopback\n"
                + "10.0.0.1\tdb\n10.0.0.2\tdb\n::2\tweb\nbuilder\n");
        assertThat(newFiles(result)).isEmpty();
        machine.hosts = Map.of("db", List.of("10.0.0.9"), "web", List.of("::9"));
        solve(inSandbox("cat /etc/hosts; hostname", sandbox, ""));
        assertThat(machine.ran).hasValue(1);
    }

    @Test
    @Tag("row:6.9")
    void sharedMemoryAndUlimits_areTheSteps() throws Exception {
        solve(inSandbox("grep ' /dev/shm ' /proc/mounts; ulimit -n", new Sandbox(OpSpec.Network.NONE, false, "",
                List.of(), OptionalLong.of(4 << 20), List.of(new Sandbox.Ulimit("nofile", 64, 128)), Optional.empty()),
                ""));
        assertThat(log()).contains("size=4096k").endsWith("\n64\n");
        assertStepFails(inSandbox("true", new Sandbox(OpSpec.Network.NONE, false, "", List.of(), OptionalLong.empty(),
                List.of(new Sandbox.Ulimit("nofile", 1, 1L << 40)), Optional.empty()), ""),
                "is more than this executor may give");
    }

    @Test
    @Tag("row:6.5")
    void security_insecure_hasAllThatThisProcessHas_andIsAnotherStep() throws Exception {
        Sandbox sandbox = Sandbox.of(OpSpec.Network.NONE);
        String command = "grep -E 'CapBnd|Seccomp:' /proc/self/status";
        solve(inSandbox(command, sandbox, ""));
        assertThat(log()).isEqualTo("CapBnd:\t00000000a80425fb\nSeccomp:\t2\n");
        solve(inSandbox(command, new Sandbox(OpSpec.Network.NONE, true, "", List.of(), OptionalLong.empty(),
                List.of(), Optional.empty()), ""));
        assertThat(machine.ran).hasValue(2);
        String own = Files.readAllLines(Path.of("/proc/self/status"))
            .stream()
            .filter(line -> line.startsWith("CapBnd"))
            .findFirst()
            .orElseThrow();
        assertThat(log()).endsWith("\n" + own + "\nSeccomp:\t0\n");
    }

    @Test
    @Tag("row:6.4")
    void users_haveTheGroupsThatBuildKitGivesThem() throws Exception {
        Vertex base = run("mkdir -p /etc; echo 'bob:x:5:6::/:/bin/sh' >/etc/passwd;"
                + " echo 'root:x:0:0::/:/bin/sh' >>/etc/passwd; echo 'wheel:x:10:root,bob' >/etc/group", List.of(),
                busybox());
        StringBuilder expected = new StringBuilder();
        for (String[] row : new String[][]{{"", "0 0 0 10"}, {"bob", "5 6 6 10"}, {"5", "5 6 6 10"}, {"77", "77 0 0"},
            {"bob:wheel", "5 10 10"}, {"5:3", "5 3 3"}, {"77:78", "77 78 78"}}) {
            solve(graph.add("RUN id", new OpSpec.Run(List.of("/bin/sh", "-c",
                    "echo $(id -u) $(id -g) $(grep Groups /proc/self/status | cut -f2)"),
                    List.of("PATH=/bin"), "/", row[0], OpSpec.Network.NONE), List.of(base), false));
            expected.append(row[1]).append('\n');
        }
        assertThat(log()).hasToString(expected.toString());
    }

    @Test
    void step_thatFailsOrIsInterrupted_givesAllBack() throws Exception {
        machine.secrets = secrets(Map.of("tok", "s3cr3t-value"));
        Vertex context = context(Map.of("a", "1"));
        List<StepMount> mounts = List.of(secret("tok", "/run/x", "X", true), new Bind(1, ".", "/in", true),
                new Tmpfs("/t", OptionalLong.empty()),
                new StepMount.Cache("id", StepMount.Sharing.LOCKED, OptionalInt.empty(), ".", "/c", false,
                        Optional.empty()));
        assertStepFails(run("exit 3", mounts, busybox(), context), "exit code: 3");
        interrupt(run("echo here; sleep 76543", mounts, busybox(), context), "here\n");
        assertThat(machine.caches.list()).singleElement().satisfies(cache -> assertThat(cache.lent()).isFalse());
        assertNoFileHas("s3cr3t-value");
    }

    private static StepSecrets secrets(Map<String, String> values) {
        Map<String, byte[]> bytes = new java.util.HashMap<>();
        values.forEach((id, value) -> bytes.put(id, value.getBytes(StandardCharsets.UTF_8)));
        return new MapSecrets(bytes, Map.of());
    }
}
