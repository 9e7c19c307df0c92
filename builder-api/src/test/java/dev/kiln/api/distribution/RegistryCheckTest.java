package dev.kiln.api.distribution;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.kiln.layercache.content.BlobCheck;
import dev.kiln.layercache.content.DiskContentStore;
import dev.kiln.layercache.durable.Findings;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.MediaTypes;

import static org.assertj.core.api.Assertions.assertThat;

class RegistryCheckTest {
    private static final RepositoryName APP = new RepositoryName("team/app");

    @TempDir
    private Path folder;
    private DiskContentStore content;
    private TagStore tags;
    private Digest config;
    private Digest manifest;

    @BeforeEach
    void fill() throws Exception {
        content = DiskContentStore.open(folder.resolve("content"));
        tags = TagStore.open(folder.resolve("registry"));
        config = content.ingest("{}".getBytes(StandardCharsets.UTF_8));
        manifest = content.ingest("""
                {"schemaVersion":2,"mediaType":"%s","config":{"mediaType":"application/json","digest":"%s","size":2},\
                "layers":[]}""".formatted(MediaTypes.OCI_MANIFEST, config).getBytes(StandardCharsets.UTF_8));
        tags.put(APP, new TagStore.ListedManifest(manifest, MediaTypes.OCI_MANIFEST, Optional.empty()),
                List.of("1"));
    }

    @AfterEach
    void close() throws Exception {
        tags.close();
        content.close();
    }

    private Findings check(boolean repair) throws Exception {
        Findings findings = new Findings(repair);
        Set<Digest> blobs = new HashSet<>(BlobCheck.run(folder.resolve("content"), findings));
        RegistryCheck.run(tags, content, blobs, findings);
        return findings;
    }

    @Test
    void image_thatIsWhole_isClean() throws Exception {
        assertThat(check(false).damaged()).isEmpty();
    }

    @Test
    void image_thatLacksAPart_isFound_andGoesInARepair() throws Exception {
        content.delete(config);

        assertThat(check(false).damaged()).extracting(Findings.Finding::what)
            .containsExactly("the manifest " + manifest + " lacks " + config,
                    "the tag 1 names no manifest that is whole");
        assertThat(check(true).damaged()).isNotEmpty();
        assertThat(check(false).damaged()).isEmpty();
        assertThat(tags.tagged(APP, "1")).isEmpty();
    }

    @Test
    void tag_thatWasChanged_isFound() throws Exception {
        Path tag = folder.resolve("registry/repositories/team/app/_tags/1");
        Files.delete(tag);
        Files.writeString(tag, "sha256:something else");

        assertThat(check(false).damaged()).singleElement()
            .satisfies(found -> assertThat(found.what()).isEqualTo("the tag 1 names no manifest that is whole"));
        assertThat(check(true).damaged()).hasSize(1);
        assertThat(check(false).damaged()).isEmpty();
    }
}
