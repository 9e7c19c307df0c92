package dev.kiln.executor.op;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.kiln.executor.cachemount.Lent;
import dev.kiln.executor.cachemount.Wanted;
import dev.kiln.executor.graph.GraphBuilder;
import dev.kiln.executor.graph.OpSpec;
import dev.kiln.executor.graph.Sandbox;
import dev.kiln.executor.graph.StepMount;
import dev.kiln.executor.graph.StepMount.Permissions;
import dev.kiln.executor.graph.StepMount.Sharing;
import dev.kiln.executor.graph.Vertex;
import dev.kiln.executor.runtime.ContainerRuntime.ExitStatus;
import dev.kiln.executor.runtime.ProcessSpec;
import dev.kiln.executor.solver.Op;
import dev.kiln.executor.solver.Result;
import dev.kiln.executor.solver.StepFailed;
import dev.kiln.layercache.index.CacheEntry.CachedLayer;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.ImageReference;
import dev.kiln.layercache.posix.FileStat.Owner;
import dev.kiln.layercache.posix.Posix;
import dev.kiln.layercache.posix.RawPath;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

class OpsTest {
    private static final Result NOTHING = new Result(List.of());

    @TempDir
    Path temp;
    private Workshop workshop;
    private final GraphBuilder graph = new GraphBuilder();
    private final StringBuffer log = new StringBuffer();

    @BeforeEach
    void make() throws Exception {
        workshop = new Workshop(temp.resolve("snapshots"));
    }

    @AfterEach
    void end() {
        assertThat(workshop.snapshots.open).as("views left open").hasValue(0);
        workshop.close();
    }

    private Op op(OpSpec spec, Vertex... inputs) {
        return workshop.ops().resolve(graph.add("n", spec, List.of(inputs), false));
    }

    private Result execute(OpSpec spec, Result... inputs) throws Exception {
        return op(spec).execute(List.of(inputs),
                (stream, bytes, length) -> log.append(new String(bytes, 0, length, StandardCharsets.UTF_8)));
    }

    private static OpSpec.Run run(String command) {
        return new OpSpec.Run(List.of("/bin/sh", "-c", command), List.of("A=1"), "/w", "u", OpSpec.Network.DEFAULT);
    }

    private Tree top(Result result) {
        return new Tree(workshop.snapshots.directory(result.layers().getLast().snapshot().orElseThrow()));
    }

    @Test
    void run_thatSucceeds_givesALayerPackedInTheBackground() throws Exception {
        workshop.behaviour = (process, output) -> {
            Files.writeString(process.root().resolve("made"), "x");
            output.accept(1, "hello\n".getBytes(StandardCharsets.UTF_8), 6);
            return new ExitStatus(0, false);
        };
        Result result = execute(run("make"), NOTHING);
        assertThat(top(result).content()).containsExactly(java.util.Map.entry("made", "x"));
        CachedLayer packed = result.layers().getLast().packed().get();
        assertThat(packed.snapshot()).isEqualTo(result.layers().getLast().snapshot());
        assertThat(packed.created()).contains(Workshop.NOW);
        assertThat(log).hasToString("hello\n");
        ProcessSpec process = workshop.ran.getFirst();
        assertThat(process.network()).isEqualTo(ProcessSpec.Network.PRIVATE);
        assertThat(process.limits()).isEqualTo(Workshop.SETTINGS.limits());
        assertThat(process.env()).containsExactly("A=1",
                "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "http_proxy=p");
    }

    @Test
    @Tag("row:6.3")
    void run_thatFails_saysItInBuildKitsWords() {
        workshop.behaviour = (process, output) -> new ExitStatus(3, false);
        assertThatThrownBy(() -> execute(run("echo \"x\"; exit 3"), NOTHING)).isInstanceOfSatisfying(StepFailed.class,
                failed -> assertThat(failed.exitCode()).contains(3))
            .hasMessage("process \"/bin/sh -c echo \\\"x\\\"; exit 3\" did not complete successfully: exit code: 3");
    }

    @Test
    void run_killedForItsMemory_saysSo() {
        workshop.behaviour = (process, output) -> new ExitStatus(137, true);
        assertThatThrownBy(() -> execute(run("eat"), NOTHING)).hasMessageEndingWith(
                "exit code: 137: out of memory (the step's limit is 1048576 bytes)");
    }

    @Test
    @Tag("row:6.10")
    void run_preimage_knowsWhatChangesTheResultOnly() {
        assertThat(op(run("make")).preimage()).containsEntry("arg.2", "make")
            .containsEntry("env.0", "A=1")
            .containsEntry("cwd", "/w")
            .containsEntry("user", "u")
            .containsEntry("network", "DEFAULT")
            .doesNotContainValue("http_proxy=p");
    }

    @Test
    @Tag("row:6.10")
    void run_preimage_knowsOfMountsWhatMayChangeTheResult() {
        Permissions look = new Permissions(0700, 1, 2);
        OpSpec.Run run = new OpSpec.Run(List.of("x"), List.of(), "/", "",
                new Sandbox(OpSpec.Network.NONE, true, "host", List.of("db"), OptionalLong.of(5),
                        List.of(new Sandbox.Ulimit("nofile", 1, 2)), Optional.empty()),
                List.of(new StepMount.Cache("the-id", StepMount.Sharing.LOCKED, OptionalInt.of(1), "part", "/cache",
                        true, Optional.of(look)),
                        new StepMount.Secret("sid", Optional.of("/s"), Optional.of("S"), look, true),
                        new StepMount.Bind(2, "src", "/b", true), new StepMount.Inline("/dev/pipes/EOF", "text"),
                        new StepMount.Tmpfs("/t", OptionalLong.of(7)), new StepMount.Ssh("k", "/k", look, false)));
        Op op = op(run);
        assertThat(op.preimage()).contains(Map.entry("security", "insecure"), Map.entry("hostname", "host"),
                Map.entry("hosts", "db"), Map.entry("shm", "5"),
                Map.entry("mount.0", "read-only cache from input 1 700 1:2"), Map.entry("mount.0.source", "part"),
                Map.entry("mount.0.target", "/cache"), Map.entry("mount.1", "required secret 700 1:2"),
                Map.entry("mount.1.id", "sid"), Map.entry("mount.1.env", "S"),
                Map.entry("mount.2", "writable bind of input 2"), Map.entry("mount.3.content", "text"),
                Map.entry("mount.4", "tmpfs of 7"), Map.entry("mount.5", "ssh 700 1:2"))
            .containsKey("ulimit.0");
        assertThat(op.preimage().toString()).doesNotContain("the-id", "LOCKED");
        assertThat(List.of(op.hasContentKey(0), op.hasContentKey(1), op.hasContentKey(2), op.hasContentKey(3)))
            .containsExactly(false, true, true, false);
    }

    @Test
    void run_whoseCacheAnotherHas_saysWhatItWaitsFor() throws Exception {
        Owner owner = Posix.lstat(RawPath.of(temp)).owner();
        Permissions root = new Permissions(0755, owner.uid(), owner.gid());
        OpSpec.Run spec = new OpSpec.Run(List.of("x"), List.of(), "/", "", Sandbox.of(OpSpec.Network.NONE),
                List.of(new StepMount.Cache("/pip", Sharing.LOCKED, OptionalInt.empty(), ".", "/c", false,
                        Optional.empty())));
        Lent held = workshop.keepers.caches()
            .lend(List.of(new Wanted("/pip", "", Sharing.LOCKED, false, root,
                    Wanted.NOTHING)));
        FutureTask<Result> step = new FutureTask<>(() -> execute(spec, NOTHING));
        Thread.ofPlatform().start(step);
        await().atMost(Duration.ofSeconds(30)).until(() -> log.length() > 0);
        assertThat(workshop.ran).isEmpty();
        held.close();
        step.get(30, TimeUnit.SECONDS);
        assertThat(log).hasToString("waiting for cache /pip, which another step has\n");
        assertThat(workshop.ran).hasSize(1);
    }

    @Test
    void image_isNamedWithoutPulling_andUnpackedWhenARunNeedsIt() throws Exception {
        CachedLayer base = workshop.remoteLayer("base");
        CachedLayer second = workshop.remoteLayer("second");
        ImageReference reference = ImageReference.parse("base").withDigest(Digest.sha256(new byte[0]));
        workshop.images.put(reference, List.of(base, second));
        Result image = execute(new OpSpec.Image(reference, List.of(base.diffId(), second.diffId())));
        assertThat(workshop.pulled).isEmpty();
        Result result = execute(run("x"), image);
        assertThat(workshop.pulled).containsExactlyInAnyOrder(base.blob().digest(), second.blob().digest());
        assertThat(top(result).content()).containsEntry("unpacked", "second");
        execute(run("y"), image);
        assertThat(workshop.pulled).hasSize(2);
    }

    @Test
    void image_otherLayersThanItsConfiguration_isRefused() {
        ImageReference reference = ImageReference.parse("base").withDigest(Digest.sha256(new byte[0]));
        workshop.images.put(reference, List.of(workshop.remoteLayer("base")));
        assertThatThrownBy(() -> execute(new OpSpec.Image(reference, List.of()))).isInstanceOf(IOException.class)
            .hasMessageContaining("does not have the layers");
    }

    @Test
    void layer_thatCannotBePulled_failsTheStep() {
        CachedLayer layer = workshop.remoteLayer("x");
        workshop.registry.clear();
        Result image = new Result(List.of(Result.Layer.of(layer)));
        assertThatThrownBy(() -> execute(run("x"), image)).isInstanceOf(IOException.class)
            .hasMessage("no registry has it");
    }

    @Test
    void copy_fromContextAndStage_takesFilesFromBoth() throws Exception {
        Digest archive = Digest.sha256(new byte[]{1});
        workshop.contexts.put(archive, new Tree(temp.resolve("context")).file("a", "1").root());
        Result context = execute(new OpSpec.Context(archive, 1));
        Result first = execute(new OpSpec.Copy(List.of("a"), "/one/", Optional.empty()), NOTHING, context);
        Result second = execute(new OpSpec.Copy(List.of("one"), "/two", Optional.empty()), NOTHING, first);
        assertThat(top(second).content()).containsEntry("two/a", "1").hasSize(2);
    }

    @Test
    void copy_contentKey_isTheSameForTheSameFiles() throws Exception {
        Digest one = Digest.sha256(new byte[]{1});
        Digest two = Digest.sha256(new byte[]{2});
        workshop.contexts.put(one, new Tree(temp.resolve("one")).file("a", "1").file("readme", "x").root());
        workshop.contexts.put(two, new Tree(temp.resolve("two")).file("a", "1").file("readme", "y").root());
        Op copy = op(new OpSpec.Copy(List.of("a"), "/", Optional.empty()));
        assertThat(copy.contentKey(1, Result.ofTree(one))).isPresent()
            .isEqualTo(copy.contentKey(1, Result.ofTree(two)));
        assertThatThrownBy(() -> op(new OpSpec.Copy(List.of("no"), "/", Optional.empty())).contentKey(1,
                Result.ofTree(one)))
            .isInstanceOf(StepFailed.class)
            .hasMessage("\"/no\": not found");
    }

    @Test
    @Tag("row:9.6")
    void makeDirectory_missingAndThere_makesOnlyWhatIsMissing() throws Exception {
        Result made = execute(new OpSpec.MakeDirectory("/a/b", Optional.empty()), NOTHING);
        assertThat(top(made).content()).containsOnlyKeys("a", "a/b");
        Files.writeString(top(made).root().resolve("a/file"), "x");
        assertThatThrownBy(() -> execute(new OpSpec.MakeDirectory("/a/file/c", Optional.empty()), made))
            .isInstanceOf(StepFailed.class)
            .hasMessage("mkdir /a/file: not a directory");
    }

    @Test
    void keptLayer_withSnapshotButNoBlob_isPackedAgain() throws Exception {
        workshop.behaviour = (process, output) -> {
            Files.writeString(process.root().resolve("made"), "x");
            return new ExitStatus(0, false);
        };
        CachedLayer layer = execute(run("make"), NOTHING).layers().getLast().packed().get();
        workshop.blobs.clear();
        assertThat(workshop.kept().restore(layer)).isPresent();
        assertThat(workshop.blobs).containsKey(layer.blob().digest());
        workshop.snapshots.remove(layer.snapshot().orElseThrow());
        assertThat(workshop.kept().restore(layer).orElseThrow().snapshot()).isEmpty();
        workshop.blobs.clear();
        assertThat(workshop.kept().restore(layer)).isEmpty();
    }
}
