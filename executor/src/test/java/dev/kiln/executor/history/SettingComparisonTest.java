package dev.kiln.executor.history;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import org.junit.jupiter.api.Test;

import dev.kiln.queue.event.CacheMiss;
import dev.kiln.queue.event.CacheMiss.Changed;
import dev.kiln.queue.event.CacheMissText;

import static org.assertj.core.api.Assertions.assertThat;

class SettingComparisonTest {
    private static final Map<String, String> SECRET = Map.of("mount.0", "secret 400 0:0", "mount.0.id", "token",
            "mount.0.target", "/run/secrets/token");

    private static List<String> compare(Map<String, String> before, Map<String, String> after, String... arguments) {
        var found = SettingComparison.of(new TreeMap<>(before), new TreeMap<>(after), List.of(arguments));
        return found.isEmpty() ? List.of() : CacheMissText.lines(changed(found));
    }

    private static CacheMiss changed(List<CacheMiss.Difference> found) {
        return new Changed(java.time.Instant.EPOCH, found, 0);
    }

    @Test
    void same_differsInNothing() {
        assertThat(compare(SECRET, SECRET)).isEmpty();
    }

    @Test
    void command_changed_isSaidWithoutTheShell() {
        assertThat(compare(Map.of("arg.0", "/bin/sh", "arg.1", "-c", "arg.2", "make"),
                Map.of("arg.0", "/bin/sh", "arg.1", "-c", "arg.2", "make all")))
            .containsExactly("command: make → \"make all\"");
        assertThat(compare(Map.of("arg.0", "a"), Map.of("arg.0", "a", "arg.1", "b")))
            .containsExactly("command: a → \"a b\"");
    }

    @Test
    void variables_oneMoreBefore_leavesTheOthersTheSame() {
        assertThat(compare(Map.of("env.0", "PATH=/bin", "env.1", "VERSION=1.2", "env.2", "GONE=x"),
                Map.of("env.0", "NEW=", "env.1", "PATH=/bin", "env.2", "VERSION=1.3"), "VERSION"))
            .containsExactly("variable NEW added: \"\"", "argument VERSION: 1.2 → 1.3", "variable GONE removed: x");
    }

    @Test
    void variables_inAnotherOrder_areToldAsTheyStand() {
        assertThat(compare(Map.of("env.0", "A=1", "env.1", "B=2"), Map.of("env.0", "B=2", "env.1", "A=1")))
            .containsExactly("env.0: A=1 → B=2", "env.1: B=2 → A=1");
    }

    @Test
    void sources_changed_areSaidAsPaths() {
        String form = "Paths[input=1, path=%s, wildcards=true, below=Optional%s, unpack=%s]";
        assertThat(compare(Map.of("source.0", form.formatted("src", ".empty", "false")),
                Map.of("source.0", form.formatted("src", ".empty", "false"), "source.1",
                        form.formatted("lib", "[*.c]", "false"))))
            .containsExactly("source: src → \"src lib/./*.c\"");
        assertThat(compare(Map.of("source.0", form.formatted("a.tar", ".empty", "false")),
                Map.of("source.0", form.formatted("a.tar", ".empty", "true"))))
            .containsExactly("source a.tar removed: \"taken in another way\"");
    }

    @Test
    void mounts_compareByTarget() {
        assertThat(compare(
                Map.of("mount.0", "cache", "mount.0.source", ".", "mount.0.target", "/c", "mount.1", "tmpfs",
                        "mount.1.target", "/t"),
                Map.of("mount.0", "tmpfs of 5", "mount.0.target", "/t", "mount.1", "bind of input 1",
                        "mount.1.source", "a", "mount.1.target", "/b")))
            .containsExactly("mount /t: tmpfs → \"tmpfs of 5\"", "mount /b added: \"bind of input 1 at a\"",
                    "mount /c removed: cache");
    }

    @Test
    void secret_ofAnotherId_isSaidOnce() {
        assertThat(compare(SECRET, Map.of("mount.0", "secret 400 0:0", "mount.0.id", "key", "mount.0.target",
                "/run/secrets/key")))
            .containsExactly("secret: token → key");
        assertThat(compare(Map.of("mount.0", "secret 400 0:0", "mount.0.id", "a", "mount.0.target", "/s"),
                Map.of("mount.0", "secret 400 0:0", "mount.0.id", "b", "mount.0.target", "/s")))
            .containsExactly("secret: a → b");
        assertThat(compare(Map.of(), SECRET)).containsExactly("secret added: token");
    }

    @Test
    void secret_withAnotherMode_isAChangedMount() {
        assertThat(compare(SECRET, Map.of("mount.0", "secret 440 0:0", "mount.0.id", "token", "mount.0.target",
                "/run/secrets/token")))
            .containsExactly("mount /run/secrets/token: \"secret 400 0:0\" → \"secret 440 0:0\"");
    }

    @Test
    void options_changed_haveTheirNames() {
        assertThat(compare(Map.of("cwd", "/", "user", "", "exclude.0", "*.o"), Map.of("cwd", "/w", "user", "app",
                "hosts", "db")))
            .containsExactly("excluded removed: *.o", "working directory: / → /w", "hosts added: db",
                    "user: \"\" → app");
    }

    @Test
    void longValue_changedAtItsEnd_isClippedAndStillDiffers() {
        var before = StepRecord.clipped(Map.of("mount.0.content", "x".repeat(5000) + "1"));
        var after = StepRecord.clipped(Map.of("mount.0.content", "x".repeat(5000) + "2"));
        assertThat(compare(before, after)).singleElement().asString().hasSizeLessThan(1200).contains("5001 characters");
    }

    @Test
    void manyParts_foldedOnes_stillDiffer() {
        Map<String, String> before = new TreeMap<>();
        for (int i = 0; i < 2000; i++) {
            before.put("env." + i, "V" + i + "=1");
        }
        Map<String, String> after = new TreeMap<>(before);
        after.put("env.999", "V999=2");
        assertThat(StepRecord.clipped(before)).hasSize(1001);
        assertThat(compare(StepRecord.clipped(before), StepRecord.clipped(after))).isNotEmpty();
    }
}
