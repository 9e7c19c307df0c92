package dev.kiln.layercache.index;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

class CaffeineCacheIndexTest extends CacheIndexContract {
    @TempDir
    Path root;

    @Override
    protected CaffeineCacheIndex index() throws IOException {
        return CaffeineCacheIndex.open(root);
    }

    @Test
    void get_afterRestart_findsWhatWasPut() throws IOException {
        try (CaffeineCacheIndex first = index()) {
            first.put(entry("a", 3));
            first.put(entry("b", 0));
            first.remove(key("b"));
        }

        assertThat(index().get(key("a"))).contains(entry("a", 3));
        assertThat(index().get(key("b"))).isEmpty();
    }

    @Test
    void get_secondTime_needsNoFile() throws IOException {
        index().put(entry("a", 1));
        CaffeineCacheIndex index = index();
        assertThat(index.get(key("a"))).isPresent();
        Files.delete(file("a"));

        assertThat(index.get(key("a"))).contains(entry("a", 1));
    }

    @Test
    void get_anyFlippedByte_absentAndRemoved() throws IOException {
        index().put(small());
        byte[] good = Files.readAllBytes(file("a"));
        for (int at = 0; at < good.length; at++) {
            byte[] bad = good.clone();
            bad[at] ^= 0x40;
            replace(bad);

            assertThat(CaffeineCacheIndex.open(root).get(key("a"))).as("byte %s flipped", at).isEmpty();
            assertThat(file("a")).doesNotExist();
        }
    }

    @Test
    void get_truncatedAnywhere_absent() throws IOException {
        byte[] good = CacheEntryCodec.encode(small());
        for (int length = 0; length < good.length; length++) {
            assertThat(CacheEntryCodec.decode(Arrays.copyOf(good, length))).as("cut to %s", length).isEmpty();
        }
    }

    @Test
    void get_anotherKeysFile_absentAndRemoved() throws IOException {
        index().put(entry("a", 1));
        index().put(entry("b", 1));
        Files.delete(file("a"));
        Files.copy(file("b"), file("a"));

        assertThat(index().get(key("a"))).isEmpty();
        assertThat(file("a")).doesNotExist();
        assertThat(index().get(key("b"))).isPresent();
    }

    private static CacheEntry small() {
        CacheEntry full = entry("a", 1);
        return new CacheEntry(full.key(), full.layers(), full.cost(), full.created(), Map.of("k", "v"));
    }

    private void replace(byte[] bytes) throws IOException {
        Files.deleteIfExists(file("a"));
        Files.write(file("a"), bytes);
    }

    private Path file(String name) {
        String hex = key(name).digest().hex();
        return root.resolve("entries").resolve(hex.substring(0, 2)).resolve(hex);
    }
}
