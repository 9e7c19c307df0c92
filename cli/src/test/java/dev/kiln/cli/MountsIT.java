package dev.kiln.cli;

import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** What cache mounts hold, from one farm to another through a registry. */
@Tag("privileged")
class MountsIT {
    private static final String FILE = """
            FROM busybox
            ARG NOW
            RUN --mount=type=cache,id=deps,target=/cache --mount=type=cache,target=/other,mode=0711 \
                echo "$NOW found $(cat /cache/f) $(cat /other/f) $(stat -c %a /other)"; \
                echo "made by $NOW" >/cache/f; echo "other by $NOW" >/other/f
            """;
    @TempDir
    private static Path folder;
    private static FarmFixture one;
    private static FarmFixture two;

    @BeforeAll
    static void start() throws Exception {
        one = new FarmFixture(Files.createDirectory(folder.resolve("one")));
        two = new FarmFixture(Files.createDirectory(folder.resolve("two")));
        one.importBusybox();
        two.importBusybox();
    }

    @AfterAll
    static void stop() {
        one.close();
        two.close();
    }

    private static String tag(String name) {
        return one.address().substring("http://".length()) + "/caches/" + name;
    }

    private static Command.Result build(FarmFixture farm, String file, String now, String... options)
            throws Exception {
        Path context = farm.context("context", file);
        String[] args = new String[options.length + 4];
        args[0] = "build";
        args[1] = "--build-arg";
        args[2] = "NOW=" + now;
        System.arraycopy(options, 0, args, 3, options.length);
        args[args.length - 1] = context.toString();
        return farm.kiln(args);
    }

    @Test
    void freshExecutor_beginsWithWhatAnotherExported() throws Exception {
        String place = "type=mounts,ref=" + tag("mounts:main");
        Command.Result first = build(one, FILE, "one", "--cache-from", place, "--cache-to", place);
        assertThat(first.exit()).as(first.err()).isZero();
        assertThat(first.err()).contains("no cache mounts from " + tag("mounts:main"))
            .contains("exported 2 cache mounts to " + tag("mounts:main"));
        Command.Result second = build(two, FILE, "two", "--cache-from", place, "--cache-to", place);
        assertThat(second.exit()).as(second.err()).isZero();
        assertThat(second.err()).contains("two found made by one other by one 711")
            .contains("the new cache deps begins with what " + tag("mounts:main") + " has of it");
        Command.Result third = build(two, FILE, "three", "--cache-from", place);
        assertThat(third.err()).contains("three found made by two other by two 711").doesNotContain("begins with");
    }

    @Test
    void export_ofIds_takesTheseOnly_andOneThatFailsMayBeForgiven() throws Exception {
        String file = FILE.replace("id=deps", "id=some").replace("target=/other", "id=more,target=/other");
        String only = "type=mounts,ref=" + tag("some:1") + ",id=some";
        assertThat(build(one, file, "a", "--cache-to", only).err()).contains("exported 1 cache mount to ");
        Command.Result narrow = build(two, file, "b", "--cache-from", "type=mounts,ref=" + tag("some:1"));
        assertThat(narrow.err()).contains("b found made by a  711");
        String nowhere = "type=mounts,ref=127.0.0.1:1/x";
        Command.Result failed = build(one, file, "c", "--cache-to", nowhere);
        assertThat(failed.exit()).isEqualTo(1);
        assertThat(failed.err()).contains("exporting cache mounts to 127.0.0.1:1/x failed");
        Command.Result forgiven = build(one, file, "d", "--cache-to", nowhere + ",ignore-error=true");
        assertThat(forgiven.exit()).as(forgiven.err()).isZero();
        assertThat(forgiven.err()).contains("exporting cache mounts to 127.0.0.1:1/x failed");
    }
}
