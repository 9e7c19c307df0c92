package dev.kiln.executor.history;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.kiln.executor.graph.Freshness;
import dev.kiln.executor.graph.GraphBuilder;
import dev.kiln.executor.graph.OpSpec;
import dev.kiln.executor.graph.StepOrigin;
import dev.kiln.executor.graph.Vertex;
import dev.kiln.executor.solver.StepFacts;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.ImageReference;
import dev.kiln.layercache.posix.FileType;
import dev.kiln.layercache.posix.RawPath;
import dev.kiln.queue.event.CacheMiss;
import dev.kiln.queue.event.CacheMissText;

import static org.assertj.core.api.Assertions.assertThat;

class DiskStepHistoryTest {
    private static final Instant MADE = Instant.parse("2026-01-02T03:04:05Z");
    private static final String TEXT = "RUN make $V";

    @TempDir
    Path data;
    private final GraphBuilder graph = new GraphBuilder();
    private FileLists lists;
    private DiskStepHistory history;

    @BeforeEach
    void open() throws Exception {
        lists = FileLists.open(data.resolve("files"), InstantSource.system());
        history = DiskStepHistory.open(data.resolve("steps"), lists, InstantSource.system());
    }

    @AfterEach
    void close() throws Exception {
        history.close();
        lists.close();
    }

    private StepFacts step(String project, String stage, String text, Map<String, String> preimage,
            StepFacts.Input... inputs) {
        Vertex vertex = graph.add("[" + stage + "] " + text,
                new OpSpec.Run(List.of(project, stage, text, preimage.toString()), List.of(), "/", "",
                        OpSpec.Network.NONE),
                List.of(), Freshness.ANY, new StepOrigin(project, stage, text, List.of("V")));
        return new StepFacts(vertex, preimage, List.of(inputs), Set.of(text));
    }

    private StepFacts make(String version) {
        return step("app", "build", TEXT, Map.of("op", "run", "env.0", "V=" + version));
    }

    private List<String> why(StepFacts step) {
        return CacheMissText.lines(history.explain(step).orElseThrow());
    }

    private static Digest digest(String text) {
        return Digest.sha256(text.getBytes(StandardCharsets.UTF_8));
    }

    private StepFacts.Input input(String name, String identity, Optional<String> content, boolean now) {
        return new StepFacts.Input(graph.source(name, new OpSpec.Context(digest(name), 1)), digest(name),
                identity.isEmpty() ? Optional.empty() : Optional.of(digest(identity)),
                content.map(DiskStepHistoryTest::digest), now);
    }

    private StepFacts copy(StepFacts.Input... inputs) {
        return step("app", "build", "COPY . .", Map.of("op", "copy"), inputs);
    }

    @Test
    void firstTime_thereIsNoEarlierResult() {
        assertThat(why(make("1"))).containsExactly("no earlier result of this step");
    }

    @Test
    void argument_changed_isComparedWithTheNearest() {
        history.add(make("1"), MADE);
        history.add(step("app", "build", TEXT, Map.of("op", "run", "env.0", "V=2", "user", "ada", "cwd", "/")), MADE);
        assertThat(why(make("3"))).containsExactly("argument V: 1 → 3");
    }

    @Test
    void equallyNear_theNewestCounts() {
        history.add(make("1"), MADE);
        history.add(make("2"), MADE.plusSeconds(5));
        assertThat(history.explain(make("3"))).hasValueSatisfying(miss -> {
            assertThat(CacheMissText.lines(miss)).containsExactly("argument V: 2 → 3");
            assertThat(((CacheMiss.Changed) miss).made()).isEqualTo(MADE.plusSeconds(5));
        });
    }

    @Test
    void sameAgain_mustHaveBeenRemoved() {
        history.add(make("1"), MADE);
        assertThat(why(make("1"))).containsExactly(
                "its result of 2026-01-02T03:04:05Z was removed from the cache: the cache has no entry for it");
    }

    @Test
    void restart_knowsWhatWasKept() throws Exception {
        history.add(make("1"), MADE);
        close();
        open();
        assertThat(why(make("2"))).containsExactly("argument V: 1 → 2");
    }

    @Test
    void otherProject_isNoEarlierResult_butARenamedStageIs() {
        history.add(make("1"), MADE);
        Map<String, String> preimage = Map.of("op", "run", "env.0", "V=2");
        assertThat(why(step("other", "build", TEXT, preimage))).containsExactly("no earlier result of this step");
        assertThat(why(step("app", "renamed", TEXT, preimage))).containsExactly("argument V: 1 → 2");
    }

    @Test
    void unknownProject_takesTheSameStageOnly() {
        history.add(make("1"), MADE);
        Map<String, String> preimage = Map.of("op", "run", "env.0", "V=2");
        assertThat(why(step("", "build", TEXT, preimage))).containsExactly("argument V: 1 → 2");
        assertThat(why(step("", "other", TEXT, preimage))).containsExactly("no earlier result of this step");
    }

    @Test
    void rewrittenInstruction_isItsFormerSelf_unlessThatIsStillThere() {
        history.add(step("app", "build", "RUN make all", Map.of("op", "run", "arg.0", "make all")), MADE);
        StepFacts rewritten = step("app", "build", "RUN make test", Map.of("op", "run", "arg.0", "make test"));
        assertThat(why(rewritten)).containsExactly("command: \"make all\" → \"make test\"");
        StepFacts inserted = new StepFacts(rewritten.vertex(), rewritten.preimage(), List.of(),
                Set.of("RUN make all", "RUN make test"));
        assertThat(why(inserted)).containsExactly("no earlier result of this step");
        assertThat(why(step("app", "build", "RUN curl x", Map.of("op", "run"))))
            .containsExactly("no earlier result of this step");
    }

    @Test
    void rewrittenInstruction_isTheOneWithMostWordsInCommon() {
        history.add(step("app", "build", "RUN --mount=type=cache,target=/m x", Map.of("op", "run", "user", "1")), MADE);
        history.add(step("app", "build", "RUN --mount=type=secret,id=one x", Map.of("op", "run", "user", "2")), MADE);
        assertThat(why(step("app", "build", "RUN --mount=type=tmpfs,target=/m x", Map.of("op", "run", "user", "3"))))
            .containsExactly("user: 1 → 3");
    }

    @Test
    void input_thatWasNoImage_isNamedAsAStep() {
        history.add(copy(input("RUN a", "i", Optional.empty(), false)), MADE);
        assertThat(why(copy(base("1")))).containsExactly("FROM busybox gave other files");
    }

    @Test
    void input_otherContent_namesTheFiles() {
        history.add(copy(input("context", "", Optional.of("c1"), false)), MADE);
        FileList.Builder before = new FileList.Builder();
        FileList.Builder after = new FileList.Builder();
        for (int i = 0; i < 25; i++) {
            RawPath path = RawPath.ofUtf8("f" + i);
            before.add(path, FileType.REGULAR, 0644, 0, 0, new byte[0], new byte[]{1});
            after.add(path, FileType.REGULAR, 0644, 0, 0, new byte[0], new byte[]{2});
        }
        lists.keep(digest("c1"), before.build());
        lists.keep(digest("c2"), after.build());
        List<String> why = why(copy(input("context", "", Optional.of("c2"), false)));
        assertThat(why).hasSize(21).startsWith("f0: content changed").endsWith("and 5 more");
    }

    @Test
    void input_otherContentWithoutAList_isNamed() {
        history.add(copy(input("context", "", Optional.of("c1"), false)), MADE);
        assertThat(why(copy(input("context", "", Optional.of("c2"), false))))
            .containsExactly("context gave other files");
    }

    @Test
    void input_sameContentOfOtherDefinition_isTheSame() {
        history.add(copy(input("one", "i1", Optional.of("c"), false)), MADE);
        assertThat(why(copy(input("two", "i2", Optional.of("c"), true)))).singleElement()
            .asString()
            .contains("removed from the cache");
    }

    @Test
    void input_steps_areNamedWithWhatBecameOfThem() {
        history.add(copy(input("a", "i1", Optional.empty(), false)), MADE);
        assertThat(why(copy(input("a", "i2", Optional.empty(), true)))).containsExactly("a gave other files");
        assertThat(why(copy(input("a", "", Optional.empty(), true)))).containsExactly("a was made anew");
        assertThat(why(copy(input("a", "i1", Optional.empty(), true), input("b", "i", Optional.empty(), false))))
            .containsExactly("b was added");
    }

    @Test
    void base_changed_isSaidByItsDigests() {
        StepFacts.Input[] bases = Stream.of("1", "2").map(this::base).toArray(StepFacts.Input[]::new);
        history.add(copy(bases[0]), MADE);
        assertThat(why(copy(bases[1]))).singleElement()
            .asString()
            .startsWith("base image busybox:1.36: " + digest("1").toString().substring(0, 19) + " → "
                    + digest("2").toString().substring(0, 19));
    }

    private StepFacts.Input base(String version) {
        Vertex vertex = graph.source("FROM busybox", new OpSpec.Image(
                ImageReference.parse("busybox:1.36").withDigest(digest(version)), List.of(digest(version))));
        return new StepFacts.Input(vertex, digest("d" + version), Optional.of(digest("i" + version)),
                Optional.empty(), false);
    }

    @Test
    void manyResults_areBounded() {
        for (int i = 0; i < 100; i++) {
            history.add(make("v" + i), MADE.plusSeconds(i));
            history.add(step("project" + i, "build", TEXT, Map.of("op", "run")), MADE);
        }
        assertThat(why(make("new"))).containsExactly("argument V: v99 → new");
        StepFacts old = step("project10", "build", TEXT, Map.of("op", "run"));
        assertThat(history.explain(old)).as("forgotten for newer ones").contains(new CacheMiss.First());
    }

    @Test
    void damagedFiles_areForgotten() throws Exception {
        history.add(make("1"), MADE);
        close();
        List<Path> damaged = new ArrayList<>();
        try (Stream<Path> files = Files.list(data.resolve("steps"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                byte[] content = Files.readAllBytes(file);
                content[content.length - 1] ^= 1;
                Files.delete(file);
                Files.write(file, content);
                damaged.add(file);
            }
        }
        open();
        assertThat(damaged).hasSize(2);
        assertThat(why(make("2"))).containsExactly("no earlier result of this step");
        assertThat(damaged).noneMatch(Files::exists);
    }
}
