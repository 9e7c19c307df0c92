package dev.kiln.queue.job;

import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import dev.kiln.layercache.oci.ImageReference;
import dev.kiln.queue.job.CacheExport.Form;
import dev.kiln.queue.job.CacheExport.Mode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class CacheWordsTest {

    @Test
    void imports_referencesAlone_areOneRegistryEach() {
        assertThat(imports("registry.example/a:1,b")).containsExactly(
                new CacheImport.Registry(ImageReference.parse("registry.example/a:1")),
                new CacheImport.Registry(ImageReference.parse("b")));
    }

    @Test
    void imports_quotedField_isReadWithoutItsQuotes() {
        assertThat(imports("type=registry,\"ref=a:1\"")).containsExactly(
                new CacheImport.Registry(ImageReference.parse("a:1")));
    }

    @Test
    void exports_allWords_areTaken() {
        assertThat(exports("Type=registry,REF=a:1,mode=max,ignore-error=true,oci-mediatypes=false,compression=gzip"
                + ",force-compression=0,registry.insecure=f"))
            .containsExactly(new CacheExport.Registry(ImageReference.parse("a:1"), Mode.MAX, Form.LIST, true));
        assertThat(exports("type=inline")).containsExactly(new CacheExport.Inline());
    }

    @Test
    void mounts_haveIdsBetweenSemicolons() {
        assertThat(imports("type=mounts,ref=a:1"))
            .containsExactly(new CacheImport.Mounts(ImageReference.parse("a:1")));
        assertThat(exports("type=mounts,ref=a:1"))
            .containsExactly(new CacheExport.Mounts(ImageReference.parse("a:1"), List.of(), false));
        assertThat(exports("type=mounts,ref=a:1,id=/root/.cache;go,ignore-error=true"))
            .containsExactly(new CacheExport.Mounts(ImageReference.parse("a:1"), List.of("/root/.cache", "go"), true));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            type=registry,ref=a                                            | IMAGE
            type=registry,ref=a,image-manifest=false                       | INDEX
            type=registry,ref=a,oci-mediatypes=false                       | LIST
            type=registry,ref=a,oci-mediatypes=false,image-manifest=false  | LIST
            a                                                              | IMAGE
            """)
    void exports_formWords_sayTheForm(String words, Form form) {
        assertThat(exports(words)).containsExactly(
                new CacheExport.Registry(ImageReference.parse("a"), Mode.MIN, form, false));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\0', textBlock = """
            ref=a                                    | type is required
            type=registry                            | missing ref
            type=registry,ref=A                      | invalid repository name
            type=registry,ref=a,mode                 | expected KEY=VALUE
            type=registry,ref=a,mode=mid             | expected min or max
            type=registry,ref=a,ref=b                | given twice
            type=registry,ref=a,scope=b              | unknown word "scope"
            type=registry,ref=a,compression=zstd     | compression="zstd" is not supported
            type=registry,ref=a,compression-level=3  | compression-level is not supported
            type=registry,ref=a,force-compression=1  | force-compression is not supported
            type=registry,ref=a,ignore-error=yes     | ignore-error="yes": expected true or false
            type=registry,ref=a,registry.insecure=1  | registry.insecure is not supported
            type=registry,ref=a,image-manifest=true,oci-mediatypes=false | needs oci-mediatypes
            type=inline,mode=max                     | unknown word "mode"
            type=mounts,ref=a,mode=max               | unknown word "mode"
            type=mounts,id=a                         | missing ref
            type=mounts,ref=a,id=a;;b                | an id of a cache mount is empty
            type=mounts,ref=a@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa | put under a tag
            type=gha                                 | type="gha" is not supported
            type=registry,"ref=a                     | quote is not closed
            type=registry,r"ef=a"                    | quote inside
            """)
    void exports_wrongWords_areRefused(String words, String problem) {
        assertThatThrownBy(() -> exports(words)).isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining(problem);
    }

    @Test
    void imports_wordOfAnExport_isRefused() {
        assertThatThrownBy(() -> imports("type=registry,ref=a,mode=max")).hasMessageContaining("unknown word \"mode\"");
        assertThatThrownBy(() -> imports("type=inline")).hasMessageContaining("type=\"inline\" is not supported");
    }

    private static List<CacheImport> imports(String text) {
        return CacheWords.parse(text).stream().map(CacheWords::toImport).toList();
    }

    private static List<CacheExport> exports(String text) {
        return CacheWords.parse(text).stream().map(CacheWords::toExport).toList();
    }
}
