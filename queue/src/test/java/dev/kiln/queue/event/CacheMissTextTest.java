package dev.kiln.queue.event;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

import org.junit.jupiter.api.Test;

import dev.kiln.layercache.oci.Digest;
import dev.kiln.queue.event.CacheMiss.Difference;
import dev.kiln.queue.event.CacheMiss.Difference.Change;
import dev.kiln.queue.event.CacheMiss.Difference.Kind;
import dev.kiln.queue.event.CacheMiss.Difference.Outcome;

import static org.assertj.core.api.Assertions.assertThat;

class CacheMissTextTest {
    private static final Instant MADE = Instant.parse("2026-01-02T03:04:05Z");

    private static Difference setting(Kind kind, String name, String before, String after) {
        return new Difference.Setting(kind, name, Optional.ofNullable(before), Optional.ofNullable(after));
    }

    private static Difference file(Change change, String before, String after) {
        return new Difference.File("context", "f", change, Optional.ofNullable(before), Optional.ofNullable(after));
    }

    @Test
    void settings_changedAddedRemoved_nameTheValues() {
        assertThat(List.of(setting(Kind.ARGUMENT, "VERSION", "1.2", "1.3"),
                setting(Kind.VARIABLE, "DEBUG", null, ""),
                setting(Kind.MOUNT, "/c", "cache", null),
                setting(Kind.COMMAND, "", "make\nall", "make all"),
                setting(Kind.OPTION, "user", "root", "app")))
            .extracting(CacheMissText::line)
            .containsExactly("argument VERSION: 1.2 → 1.3", "variable DEBUG added: \"\"", "mount /c removed: cache",
                    "command: \"make\\nall\" → \"make all\"", "user: root → app");
    }

    @Test
    void files_eachChange_isSaid() {
        assertThat(List.of(file(Change.ADDED, null, null), file(Change.REMOVED, null, null),
                file(Change.CONTENT, null, null), file(Change.MODE, "0644", "0755"),
                file(Change.OWNER, "0:0", "1:1"), file(Change.TYPE, "file", "directory"),
                file(Change.TARGET, null, null), file(Change.ATTRIBUTES, null, null)))
            .extracting(CacheMissText::line)
            .containsExactly("f: added", "f: removed", "f: content changed", "f: mode 0644 → 0755",
                    "f: owner 0:0 → 1:1", "f: type file → directory", "f: target of the link changed",
                    "f: extended attributes changed");
    }

    @Test
    void inputs_namedWithWhatBecameOfThem() {
        Digest digest = Digest.sha256(new byte[0]);
        assertThat(List.of(new Difference.Input("[2/5] COPY . .", digest, Outcome.OTHER_FILES),
                new Difference.Input("[2/5] RUN a", digest, Outcome.MADE_ANEW),
                new Difference.Input("RUN b", digest, Outcome.ADDED),
                new Difference.Base("busybox", Optional.of("sha256:" + "a".repeat(64)), "sha256:" + "b".repeat(64))))
            .extracting(CacheMissText::line)
            .containsExactly("[2/5] COPY . . gave other files", "[2/5] RUN a was made anew", "RUN b was added",
                    "base image busybox: sha256:aaaaaaaaaaaa → sha256:bbbbbbbbbbbb");
    }

    @Test
    void otherReasons_areSentences() {
        assertThat(List.of(new CacheMiss.First(), new CacheMiss.NotWanted(CacheMiss.Wish.REQUEST),
                new CacheMiss.NotWanted(CacheMiss.Wish.COMMENT), new CacheMiss.Expired(MADE, Duration.ofHours(24)),
                new CacheMiss.Removed(MADE, "a layer of it is gone"), new CacheMiss.Unreadable("disk error")))
            .flatExtracting(CacheMissText::lines)
            .containsExactly("no earlier result of this step", "the build asked for no cache",
                    "its comment asks for no cache", "its result of 2026-01-02T03:04:05Z is older than 24h",
                    "its result of 2026-01-02T03:04:05Z was removed from the cache: a layer of it is gone",
                    "the cache could not be read: disk error");
    }
}
