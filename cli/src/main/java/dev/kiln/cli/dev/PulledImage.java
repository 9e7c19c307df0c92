package dev.kiln.cli.dev;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;

import dev.kiln.executor.runtime.Networks;
import dev.kiln.executor.runtime.OciRuntime;
import dev.kiln.executor.runtime.ProcessSpec;
import dev.kiln.executor.runtime.RuntimeProbe;
import dev.kiln.executor.snapshot.LayerUnpacker;
import dev.kiln.executor.snapshot.OverlaySnapshotter;
import dev.kiln.executor.snapshot.Snapshotter;
import dev.kiln.layercache.layer.ExtractLimits;
import dev.kiln.layercache.layer.LayerExtractor;
import dev.kiln.layercache.layer.Owners;
import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.ImageConfig;
import dev.kiln.layercache.oci.ImageConfigJson;
import dev.kiln.layercache.oci.Manifest;
import dev.kiln.layercache.registry.Repository;

/** An image fetched from a registry as any client would, to see that it runs. */
public final class PulledImage {
    private final Repository repository;
    private final Manifest manifest;
    private final ImageConfig config;

    private PulledImage(Repository repository, Manifest manifest, ImageConfig config) {
        this.repository = repository;
        this.manifest = manifest;
        this.config = config;
    }

    /** @param key tag or digest */
    public static PulledImage pull(Repository repository, String key) throws IOException, InterruptedException {
        if (!(repository.manifest(key).parse() instanceof Manifest manifest)) {
            throw new IOException(repository + ":" + key + " is an index, not an image");
        }
        byte[] config = repository.open(manifest.config().digest()).readAllBytes();
        return new PulledImage(repository, manifest, ImageConfigJson.decode(config));
    }

    /**
     * Runs the image's command on its files and returns what it printed.
     *
     * @param folder for snapshots and containers; empty
     * @throws IOException also when the command fails
     */
    public String run(Path folder) throws IOException, InterruptedException {
        RuntimeProbe.Found found = RuntimeProbe.find(Files.createDirectories(folder.resolve("containers")),
                RuntimeProbe.CANDIDATES, Networks.Settings.DEFAULT);
        AtomicInteger names = new AtomicInteger();
        try (OciRuntime runtime = found.runtime();
                OverlaySnapshotter snapshots = OverlaySnapshotter.open(
                        Files.createDirectories(folder.resolve("snapshots")), unpacker(),
                        () -> "run" + names.incrementAndGet());
                Snapshotter.Active view = snapshots.begin(unpack(snapshots))) {
            ByteArrayOutputStream output = new ByteArrayOutputStream();
            int code = runtime.run(process(view), (_, bytes, length) -> write(output, bytes, length)).code();
            String text = output.toString(StandardCharsets.UTF_8);
            if (code != 0) {
                throw new IOException("the image's command ended with exit code " + code + ": " + text);
            }
            return text.strip();
        }
    }

    private static void write(ByteArrayOutputStream output, byte[] bytes, int length) {
        synchronized (output) {
            output.write(bytes, 0, length);
        }
    }

    private static LayerUnpacker unpacker() {
        return LayerUnpacker.by(new LayerExtractor(ExtractLimits.LAYER, Owners.KEEP));
    }

    private List<String> unpack(Snapshotter snapshots) throws IOException {
        List<String> stack = new ArrayList<>();
        for (int i = 0; i < manifest.layers().size(); i++) {
            Descriptor layer = manifest.layers().get(i);
            Digest diffId = config.layers().get(i);
            stack.add(snapshots.unpack(diffId, () -> repository.open(layer.digest())));
        }
        return stack;
    }

    private ProcessSpec process(Snapshotter.Active view) {
        ImageConfig.RunConfig run = config.config();
        List<String> args = new ArrayList<>(run.entrypoint().orElse(List.of()));
        args.addAll(run.cmd().orElse(List.of()));
        return new ProcessSpec("demo", view.root(), view.written(), args, run.env(),
                run.workingDir().isEmpty() ? "/" : run.workingDir(), run.user(), ProcessSpec.Network.NONE,
                new ProcessSpec.Limits(OptionalLong.empty(), OptionalDouble.empty(), OptionalLong.of(64)));
    }
}
