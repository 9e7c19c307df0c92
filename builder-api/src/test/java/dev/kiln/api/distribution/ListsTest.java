package dev.kiln.api.distribution;

import java.nio.file.Path;
import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.kiln.layercache.oci.RawManifest;

import static org.assertj.core.api.Assertions.assertThat;

class ListsTest {
    @TempDir
    Path folder;
    private TestRegistryServer registry;

    @BeforeEach
    void start() throws Exception {
        registry = new TestRegistryServer(folder);
    }

    @AfterEach
    void stop() throws Exception {
        registry.close();
    }

    @Test
    void tags_areSorted() {
        RawManifest manifest = registry.pushImage("a/b", "2", "x");
        List.of("10", "latest", "1.0", "_x", "V")
            .forEach(tag -> registry.pushManifest("a/b", tag, manifest).expect(201));

        var answer = registry.get("/v2/a/b/tags/list").expect(200);

        assertThat(answer.json().get("name").stringValue()).isEqualTo("a/b");
        assertThat(answer.list("tags")).containsExactly("1.0", "10", "2", "V", "_x", "latest");
        assertThat(answer.header("Link")).isEmpty();
    }

    @Test
    void tags_inPages_linkToTheNext() {
        RawManifest manifest = registry.pushImage("a", "1", "x");
        List.of("2", "3", "4", "5").forEach(tag -> registry.pushManifest("a", tag, manifest).expect(201));

        var first = registry.get("/v2/a/tags/list?n=2").expect(200);
        var last = registry.get("/v2/a/tags/list?n=3&last=2").expect(200);

        assertThat(first.list("tags")).containsExactly("1", "2");
        assertThat(first.header("Link")).isEqualTo("</v2/a/tags/list?n=2&last=2>; rel=\"next\"");
        assertThat(last.list("tags")).containsExactly("3", "4", "5");
        assertThat(last.header("Link")).isEmpty();
        assertThat(registry.get("/v2/a/tags/list?last=25").list("tags")).containsExactly("3", "4", "5");
        assertThat(registry.get("/v2/a/tags/list?n=0").expect(200).list("tags")).isEmpty();
    }

    @Test
    void tags_withStrangeNumber_isRefused() {
        registry.pushImage("a", "1", "x");

        for (String n : List.of("-1", "x", "99999999999999999999", "")) {
            registry.get("/v2/a/tags/list?n=" + n).expect(400);
        }
    }

    @Test
    void tags_ofNoRepository_isUnknown() {
        registry.get("/v2/nowhere/tags/list").expect(404, "NAME_UNKNOWN");
    }

    @Test
    void catalog_listsWhatHasManifests_inPages() {
        List.of("b/c", "a", "b", "b/c/d").forEach(name -> registry.pushImage(name, "1", "x"));
        registry.pushBlob("empty", "text/plain", new byte[0]);

        assertThat(registry.get("/v2/_catalog").expect(200).list("repositories"))
            .containsExactly("a", "b", "b/c", "b/c/d");
        var page = registry.get("/v2/_catalog?n=2&last=a").expect(200);
        assertThat(page.list("repositories")).containsExactly("b", "b/c");
        assertThat(page.header("Link")).isEqualTo("</v2/_catalog?n=2&last=b/c>; rel=\"next\"");
    }

    @Test
    void catalog_ofNothing_isEmpty() {
        assertThat(registry.get("/v2/_catalog").expect(200).list("repositories")).isEmpty();
    }
}
