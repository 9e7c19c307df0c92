package dev.kiln.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import dev.kiln.layercache.layer.ContextWriter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** A farm on this machine as a process, its data in a folder, and the commands that a person gives it. */
final class FarmFixture implements AutoCloseable {
    private static final Pattern READY = Pattern.compile("ready at (\\S+),");
    private final Path folder;
    private Command server;
    private String address = "";

    private final List<String> options;

    FarmFixture(Path folder) throws IOException, InterruptedException {
        this(folder, List.of());
    }

    /** @param options of {@code kiln up} beyond the usual ones */
    FarmFixture(Path folder, List<String> options) throws IOException, InterruptedException {
        this.folder = folder;
        this.options = options;
        this.server = start();
    }

    private Command start() throws IOException, InterruptedException {
        List<String> args = new ArrayList<>(List.of("up", "--data", folder.resolve("data").toString(), "--http",
                "127.0.0.1:0"));
        args.addAll(options);
        Command started = Command.start(folder, Map.of(), args.toArray(String[]::new));
        await().atMost(Duration.ofSeconds(90)).until(() -> {
            assertThat(started.isAlive()).as(started.errSoFar()).isTrue();
            return READY.matcher(started.errSoFar()).find();
        });
        Matcher ready = READY.matcher(started.errSoFar());
        assertThat(ready.find()).isTrue();
        address = ready.group(1);
        return started;
    }

    Command server() {
        return server;
    }

    String address() {
        return address;
    }

    void restart() throws IOException, InterruptedException {
        server = start();
    }

    Path context(String name, String dockerfile) throws IOException {
        Path context = Files.createDirectories(folder.resolve(name));
        Files.writeString(context.resolve("Dockerfile"), dockerfile);
        return context;
    }

    Command begin(String... args) throws IOException {
        return begin(Map.of(), args);
    }

    /** @param environment beside the usual one */
    Command begin(Map<String, String> environment, String... args) throws IOException {
        Map<String, String> all = new HashMap<>(environment);
        all.put("KILN_ADDR", address);
        return Command.start(folder, all, args);
    }

    Command.Result kiln(String... args) throws IOException, InterruptedException {
        return begin(args).await();
    }

    /** Imports a base image called busybox. */
    void importBusybox() throws IOException, InterruptedException {
        Command.Result result = kiln("import", busybox(folder).toString(), "busybox");
        assertThat(result.exit()).as(result.err()).isZero();
    }

    /** The files of that image, as a tar. */
    static Path busybox(Path folder) throws IOException {
        Path tar = folder.resolve("busybox.tar");
        try (var file = Files.newOutputStream(tar); var program = Files.newInputStream(Path.of("/bin/busybox"))) {
            ContextWriter out = new ContextWriter(file);
            java.time.Instant time = java.time.Instant.ofEpochSecond(1_700_000_000);
            for (String directory : List.of("bin", "etc", "tmp")) {
                out.directory(directory, 0755, time);
            }
            out.file("bin/busybox", 0755, time, Files.size(Path.of("/bin/busybox")), program);
            for (String applet : List.of("sh", "cat", "echo", "sleep", "true", "seq", "mkdir", "stat", "test", "grep",
                    "wc",
                    "hostname", "ls")) {
                out.symlink("bin/" + applet, "busybox", time);
            }
            out.finish();
        }
        return tar;
    }

    @Override
    public void close() {
        server.close();
    }
}
