package dev.kiln.executor.history;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

class ShelfTest {
    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

    @TempDir
    Path temp;

    private Shelf open(long bytes, int files) throws Exception {
        return Shelf.open(temp.resolve("shelf"), new Shelf.Bounds(bytes, files, Duration.ofDays(30)), NOW);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static Optional<String> text(Shelf shelf, String name) {
        return shelf.get(name).map(content -> new String(content, StandardCharsets.UTF_8));
    }

    @Test
    void content_isThereAtOnceAndAfterARestart() throws Exception {
        try (Shelf shelf = open(100, 10)) {
            shelf.put("a", bytes("1"));
            shelf.put("a", bytes("2"));
            assertThat(text(shelf, "a")).contains("2");
            assertThat(shelf.has("b")).isFalse();
        }
        try (Shelf shelf = open(100, 10)) {
            assertThat(text(shelf, "a")).contains("2");
        }
    }

    @Test
    void tooMuch_whatWasUsedLeastOfLate_isForgotten() throws Exception {
        try (Shelf shelf = open(10, 10)) {
            shelf.put("a", bytes("aaaa"));
            shelf.put("b", bytes("bbbb"));
            assertThat(shelf.has("a")).isTrue();
            shelf.put("c", bytes("cccc"));
            assertThat(text(shelf, "b")).isEmpty();
            assertThat(text(shelf, "a")).contains("aaaa");
            shelf.put("d", bytes("x".repeat(11)));
            assertThat(shelf.has("d")).isFalse();
        }
        assertThat(temp.resolve("shelf")).isDirectoryNotContaining("glob:**/b").isDirectoryContaining("glob:**/a");
    }

    @Test
    void tooMany_theOldestOnDisk_isForgottenAtTheNextStart() throws Exception {
        try (Shelf shelf = open(100, 10)) {
            shelf.put("old", bytes("1"));
            shelf.put("new", bytes("2"));
            shelf.put("ancient", bytes("3"));
        }
        Files.setLastModifiedTime(temp.resolve("shelf/ancient"), FileTime.from(NOW.minus(Duration.ofDays(31))));
        Files.setLastModifiedTime(temp.resolve("shelf/old"), FileTime.from(NOW.minus(Duration.ofDays(2))));
        Files.setLastModifiedTime(temp.resolve("shelf/new"), FileTime.from(NOW.minus(Duration.ofDays(1))));
        try (Shelf shelf = open(100, 1)) {
            assertThat(text(shelf, "ancient")).isEmpty();
            assertThat(text(shelf, "old")).isEmpty();
            assertThat(text(shelf, "new")).contains("2");
        }
        assertThat(temp.resolve("shelf/ancient")).doesNotExist();
    }

    @Test
    void file_thatVanished_countsAsAbsent() throws Exception {
        try (Shelf shelf = open(100, 10)) {
            shelf.put("a", bytes("1"));
        }
        try (Shelf shelf = open(100, 10)) {
            Files.delete(temp.resolve("shelf/a"));
            assertThat(shelf.get("a")).isEmpty();
            shelf.remove("a");
            assertThat(shelf.has("a")).isFalse();
        }
    }

    @Test
    void damage_anywhere_isForgotten() throws Exception {
        try (Shelf shelf = open(100_000, 10)) {
            shelf.put("a", bytes("something that is worth keeping ".repeat(20)));
        }
        byte[] good = Files.readAllBytes(temp.resolve("shelf/a"));
        for (int at = 2; at < good.length; at++) {
            byte[] bad = good.clone();
            bad[at] ^= 4;
            Files.deleteIfExists(temp.resolve("shelf/a"));
            Files.write(temp.resolve("shelf/a"), bad);
            try (Shelf shelf = open(100_000, 10)) {
                assertThat(shelf.get("a")).as("byte %d", at).isEmpty();
                assertThat(shelf.has("a")).isFalse();
            }
            assertThat(temp.resolve("shelf/a")).doesNotExist();
        }
    }

    @Test
    void sizes_onDisk_areThoseThatCount() throws Exception {
        try (Shelf shelf = open(1_000, 10)) {
            shelf.put("a", bytes("x".repeat(900)));
        }
        try (Shelf shelf = open(1_000, 10)) {
            shelf.put("b", bytes("y".repeat(900)));
            assertThat(shelf.has("a")).as("compressed it is small").isTrue();
        }
    }
}
