package dev.kiln.cli;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.Callable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ObjectNode;

import dev.kiln.api.ApiConfig;
import dev.kiln.cli.build.BuildSender;
import dev.kiln.cli.client.ApiClient;
import dev.kiln.cli.client.ApiException;
import dev.kiln.cli.context.BuildContext;
import dev.kiln.cli.context.ContextException;
import dev.kiln.cli.dev.DevServer;
import dev.kiln.cli.dev.PulledImage;
import dev.kiln.cli.progress.PlainProgress;
import dev.kiln.executor.remote.RemotePolicy;
import dev.kiln.executor.runtime.ProcessSpec;
import dev.kiln.executor.runtime.RuntimeProbe;
import dev.kiln.executor.worker.WorkerConfig;
import dev.kiln.layercache.layer.ContextWriter;
import dev.kiln.layercache.oci.ImageReference;
import dev.kiln.layercache.registry.Keychain;
import dev.kiln.layercache.registry.RegistryClient;
import dev.kiln.layercache.registry.RegistrySettings;
import dev.kiln.layercache.registry.RetryPolicy;
import dev.kiln.queue.event.BuildEvent;
import dev.kiln.queue.job.BuildId;

/** {@code kiln demo}: the whole way once, on loopback and in a temporary folder, with the time each part took. */
@Command(name = "demo", mixinStandardHelpOptions = true, description = "Starts a farm, builds an example, pushes it, pulls it back, runs it, and cleans up.")
final class DemoCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Option(names = "--busybox", paramLabel = "FILE", description = "A static busybox (default: /bin/busybox).")
    private Path busybox = Path.of("/bin/busybox");

    @Option(names = "--example", paramLabel = "DIR", defaultValue = "${env:KILN_HOME:-.}/examples/hello", description = "The folder to build; its base image is called busybox.")
    @SuppressWarnings("NullAway.Init")
    private Path example;

    private final Map<String, Duration> parts = new LinkedHashMap<>();
    private Instant last = InstantSource.system().instant();

    @Override
    public Integer call() throws IOException, InterruptedException, ApiException, CommandFailed, ContextException {
        Path folder = Files.createTempDirectory("kiln-demo-");
        try {
            String said = run(folder);
            done("stop and clean up");
            summary(said);
            return ExitCode.DONE;
        } finally {
            deleteTree(folder);
        }
    }

    private String run(Path folder)
            throws IOException, InterruptedException, ApiException, CommandFailed, ContextException {
        DevServer.Settings settings = new DevServer.Settings(folder.resolve("data"),
                new ApiConfig.Address("127.0.0.1", 0), Optional.empty(), Optional.empty(),
                new WorkerConfig.Capacity(2, 4),
                new WorkerConfig.Steps(Optional.empty(),
                        new ProcessSpec.Limits(OptionalLong.empty(), OptionalDouble.empty(), OptionalLong.of(4096)),
                        RuntimeProbe.CANDIDATES, Set.of()),
                new WorkerConfig.Registries(Set.of(), Optional.empty()), RemotePolicy.STANDARD);
        try (DevServer server = DevServer.start(settings);
                RegistryClient registries = new RegistryClient(new RegistrySettings(server.address(), Set.of()),
                        Keychain.anonymous(), RetryPolicy.standard(), InstantSource.system())) {
            server.findings().forEach(finding -> out().println("  " + finding));
            done("start broker, API, registry and executor");
            importBusybox(registries);
            done("import the base image");
            ApiClient client = new ApiClient(server.address().resolve("/"), Optional.empty());
            build(client);
            done("build and push");
            build(client);
            done("build again, from the cache");
            PulledImage image = PulledImage.pull(registries.repository(ImageReference.parse("demo/hello")), "1");
            String said = image.run(folder.resolve("run"));
            done("pull and run");
            return said;
        }
    }

    private void importBusybox(RegistryClient registries) throws IOException, InterruptedException, CommandFailed {
        ImageReference name = ImageReference.parse("busybox");
        try (InputStream tar = new ByteArrayInputStream(busyboxRoot());
                RootfsLayer layer = RootfsLayer.read(tar)) {
            var _ = new ImageImport(layer, ImageImport.DEFAULT_ENV, ImageImport.DEFAULT_COMMAND)
                .push(registries.repository(name), name);
        }
    }

    /** A root file system with busybox under the names of the commands that an example may use. */
    private byte[] busyboxRoot() throws IOException, CommandFailed {
        if (!Files.isExecutable(busybox)) {
            throw new CommandFailed(ExitCode.USAGE, busybox
                    + " is missing. Install it: apt-get install busybox-static, or name another with --busybox");
        }
        ByteArrayOutputStream tar = new ByteArrayOutputStream();
        ContextWriter out = new ContextWriter(tar);
        Instant time = Instant.ofEpochSecond(1_700_000_000);
        for (String directory : List.of("bin", "etc", "tmp", "usr", "usr/bin")) {
            out.directory(directory, directory.equals("tmp") ? 01777 : 0755, time);
        }
        try (InputStream program = Files.newInputStream(busybox)) {
            out.file("bin/busybox", 0755, time, Files.size(busybox), program);
        }
        for (String applet : List.of("sh", "cat", "chmod", "cp", "echo", "id", "ls", "mkdir", "rm", "sed", "sleep",
                "true", "wc")) {
            out.symlink("bin/" + applet, "busybox", time);
        }
        out.finish();
        return tar.toByteArray();
    }

    private void build(ApiClient client) throws ApiException, IOException, InterruptedException, ContextException,
            CommandFailed {
        ObjectNode request = ApiClient.newObject().put("push", true);
        request.withArray("names").add("demo/hello:1");
        try (BuildContext context = BuildContext.open(example.toString(), Optional.empty(), System.in)) {
            new BuildSender(client, () -> {
                throw new IllegalStateException("the example has no image of this machine");
            }).send(context, request);
        }
        BuildId id = new BuildId(client.submit(request).get("id").asString());
        try (PlainProgress progress = new PlainProgress(System.out)) {
            BuildEvent.Final end = new BuildFollower(client).follow(id, progress);
            if (Outcome.report(end, id, out()) != ExitCode.DONE) {
                throw new CommandFailed(ExitCode.BUILD_FAILED, "the example could not be built");
            }
        }
    }

    private void done(String part) {
        Instant now = InstantSource.system().instant();
        parts.put(part, Duration.between(last, now));
        last = now;
        out().println("-- " + part + ": " + seconds(parts.getOrDefault(part, Duration.ZERO)));
        out().flush();
    }

    private void summary(String said) {
        out().println();
        out().println("The image says: " + said);
        parts.forEach((part, time) -> out().printf("  %-42s %8s%n", part, seconds(time)));
        out().println("Next: ./kiln up, and in another shell: ./kiln build -t NAME --push FOLDER");
        out().flush();
    }

    private static String seconds(Duration time) {
        return String.format(Locale.ROOT, "%.1f s", time.toMillis() / 1000.0);
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }

    private static void deleteTree(Path root) throws IOException {
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, java.io.IOException failure) throws IOException {
                Files.delete(directory);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
