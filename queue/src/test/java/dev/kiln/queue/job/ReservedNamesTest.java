package dev.kiln.queue.job;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.ImageReference;

import static org.assertj.core.api.Assertions.assertThat;

class ReservedNamesTest {
    private static final String HEX = "ab".repeat(32);

    private static BuildRequest request() {
        return BuildRequest.of(new BuildId("01m8b9rkar9kegm7ywbeqdj1av"), Instant.EPOCH,
                new ContextRef.Uploaded(Digest.sha256(new byte[0]), 1));
    }

    private static Optional<String> problem(BuildRequest request) {
        return ReservedNames.problem(request, "farm.example:7070"::equals);
    }

    private static BuildRequest pushing(String name) {
        return request().withOutput(new BuildOutput(List.of(ImageReference.parse(name)), true));
    }

    private static BuildRequest caching(String words) {
        CacheOptions cache = new CacheOptions(false, List.of(), List.of(),
                CacheWords.parse(words).stream().map(CacheWords::toExport).toList());
        return request().withOptions(new BuildOptions(Optional.empty(), List.of(), java.util.Map.of(),
                java.util.Map.of(), cache));
    }

    @ParameterizedTest
    @ValueSource(strings = {"steps:" + "abababababababababababababababababababababababababababababababab", "steps",
        "steps/x", "builds/01m8b9rkar9kegm7ywbeqdj1av", "contexts:x", "contexts/x", "mirror",
        "farm.example:7070/steps:1"})
    void push_toWhatIsTheFarmsOwn_isRefused(String name) {
        assertThat(problem(pushing(name)).orElseThrow()).contains("cannot push to " + name, "steps",
                "choose another name");
        Output output = OutputWords.parse("type=image,push=true,name=" + name).toOutput();
        assertThat(problem(request().withOutput(new BuildOutput(List.of(), false, List.of(output))))).isPresent();
    }

    @ParameterizedTest
    @ValueSource(strings = {"app:1", "team/steps", "steps-of-mine", "other.example/steps:1", "stepsx/y"})
    void push_elsewhere_isNot(String name) {
        assertThat(problem(pushing(name))).isEmpty();
    }

    @Test
    void name_thatIsNotPushed_isNot() {
        assertThat(problem(request().withOutput(new BuildOutput(List.of(ImageReference.parse("steps:" + HEX)), false))))
            .isEmpty();
    }

    @Test
    void caches_areNotLeftThere_butWhereClientsFetchThem() {
        assertThat(problem(caching("type=registry,ref=steps:x"))).isPresent();
        assertThat(problem(caching("type=registry,ref=contexts/x"))).isPresent();
        assertThat(problem(caching("type=registry,ref=contexts/cache-1"))).isEmpty();
        assertThat(problem(caching("type=registry,ref=caches/x"))).isEmpty();
        assertThat(problem(caching("type=inline"))).isEmpty();
    }
}
