package dev.kiln.executor.cacheartifact;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import dev.kiln.executor.cacheartifact.CacheArtifact.Entry;
import dev.kiln.executor.graph.StepMount.Permissions;
import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.Manifest;
import dev.kiln.layercache.oci.MediaTypes;
import dev.kiln.layercache.oci.OciException;
import dev.kiln.layercache.oci.RawManifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class CacheArtifactTest {

    private static Entry entry(String id, String origin) {
        byte[] content = (id + origin).getBytes();
        return new Entry(id, CacheArtifact.origin(origin), new Permissions(01777, 4_000_000_000L, 7),
                Digest.sha256("tar".getBytes()), Instant.parse("2026-01-02T03:04:05Z"),
                Descriptor.of(MediaTypes.OCI_LAYER_ZSTD, content));
    }

    private static Manifest manifest(Map<String, String> changes, int copies) {
        Manifest made = new CacheArtifact(List.of(entry("/a", ""))).toManifest();
        Map<String, String> annotations = new TreeMap<>(made.layers().getFirst().annotations());
        changes.forEach((name, value) -> annotations.merge("dev.kiln.cachemount." + name, value,
                (_, changed) -> changed));
        annotations.values().removeIf("absent"::equals);
        Descriptor blob = made.layers().getFirst();
        Descriptor layer = new Descriptor(blob.mediaType(), blob.digest(), blob.size(), annotations, Optional.empty(),
                Optional.empty());
        return new Manifest(made.mediaType(), made.config(), java.util.Collections.nCopies(copies, layer), Map.of(),
                made.artifactType(), Optional.empty());
    }

    @Test
    void artifact_overItsBytes_comesBack_inOneOrder() {
        CacheArtifact artifact = new CacheArtifact(List.of(entry("/b", ""), entry("/a", "x"), entry("/a", "")));
        RawManifest raw = RawManifest.of(artifact.toManifest());
        assertThat(CacheArtifact.of(raw.parse())).isEqualTo(artifact);
        assertThat(RawManifest.of(new CacheArtifact(artifact.entries().reversed()).toManifest())).isEqualTo(raw);
    }

    @Test
    void with_replacesWhatIsTheSame_andAllOfTheIdsNamed() {
        CacheArtifact before = new CacheArtifact(List.of(entry("/a", ""), entry("/a", "x"), entry("/b", "")));
        List<Entry> newer = List.of(entry("/a", "x"), entry("/c", ""));
        assertThat(before.with(newer, java.util.Set.of()).entries()).hasSize(4);
        assertThat(before.with(newer, java.util.Set.of("/a")).entries()).containsExactly(entry("/a", "x"),
                entry("/b", ""), entry("/c", ""));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            id     | absent      | no annotation dev.kiln.cachemount.id
            id     | ''          | is empty
            origin | sha256:x    | invalid sha256 digest
            diffid | absent      | no annotation
            root   | 755         | malformed
            root   | 99999 0:0   | 99999
            root   | 10755 0:0   | malformed
            root   | 755 -1:0    | malformed
            root   | 755 0:4294967295 | malformed
            root   | 755 0:x     | x
            packed | yesterday   | yesterday
            """)
    void wrongAnnotations_areRefused(String name, String value, String problem) {
        assertThatThrownBy(() -> CacheArtifact.of(manifest(Map.of(name, value), 1))).isInstanceOf(OciException.class)
            .hasMessageContaining(problem);
    }

    @Test
    void oneCacheTwice_tooMany_orAnImage_isRefused() {
        assertThatThrownBy(() -> CacheArtifact.of(manifest(Map.of(), 2))).hasMessageContaining("one cache twice");
        assertThatThrownBy(() -> CacheArtifact.of(manifest(Map.of(), 1001))).hasMessageContaining("more than 1000");
        assertThatThrownBy(() -> CacheArtifact.of(Manifest.of(Descriptor.of(MediaTypes.OCI_CONFIG, new byte[1]),
                List.of())))
            .isInstanceOf(OciException.class);
    }

    @Test
    void note_ofAnotherForm_isNone() {
        PackedNote note = new PackedNote(Digest.sha256(new byte[1]), Digest.sha256(new byte[2]),
                Descriptor.of(MediaTypes.OCI_LAYER_ZSTD, new byte[3]), Instant.parse("2026-01-02T03:04:05Z"));
        assertThat(PackedNote.decode(note.encode())).contains(note);
        String text = new String(note.encode());
        assertThat(PackedNote.decode(text.replace("sha256", "sha512").getBytes())).isEmpty();
        assertThat(PackedNote.decode(text.replace("v1", "v2").getBytes())).isEmpty();
        assertThat(PackedNote.decode(text.replace(" 3 ", " x ").getBytes())).isEmpty();
        assertThat(PackedNote.decode(new byte[]{1, 2})).isEmpty();
    }
}
