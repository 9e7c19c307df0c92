package dev.kiln.queue.job;

import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class BuildOptionsTest {

    @Test
    void inlineCache_askedForAsExportOrAsArgument_isMeant() {
        CacheOptions inline = new CacheOptions(false, List.of(), List.of(), List.of(new CacheExport.Inline()));
        assertThat(options(Map.of(), inline).inlineCache()).isTrue();
        assertThat(options(Map.of("BUILDKIT_INLINE_CACHE", "1"), CacheOptions.USUAL).inlineCache()).isTrue();
        assertThat(options(Map.of("BUILDKIT_INLINE_CACHE", "0"), CacheOptions.USUAL).inlineCache()).isFalse();
        assertThat(BuildOptions.NONE.inlineCache()).isFalse();
    }

    private static BuildOptions options(Map<String, String> args, CacheOptions cache) {
        return new BuildOptions(Optional.empty(), List.of(), args, Map.of(), cache);
    }
}
