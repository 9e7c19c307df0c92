package dev.kiln.cli.build;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

import org.jspecify.annotations.Nullable;

import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.ImageReference;
import dev.kiln.layercache.registry.RegistryClient;
import dev.kiln.queue.job.CacheExport;
import dev.kiln.queue.job.CacheImport;
import dev.kiln.queue.job.CacheWords;

/**
 * Caches in folders of this machine ({@code type=local}), in BuildKit's layout. They travel through the farm's registry,
 * under names of their own, because the farm sees no folder.
 */
public final class LocalCaches {
    private final List<Export> exports = new ArrayList<>();

    private record Export(Path folder, String tag, ImageReference through, boolean ignoreError) {}

    /** True for a place that is a folder. */
    public static boolean isLocal(CacheWords words) {
        return words.type().equals("local");
    }

    /**
     * Pushes the cache of a folder; empty when there is none, as there is before the first build.
     *
     * @throws IllegalArgumentException when the words are wrong
     */
    public Optional<CacheImport> send(CacheWords words, BuildSender.Registry registry)
            throws IOException, InterruptedException {
        Map<String, String> rest = new HashMap<>(words.words());
        Path folder = folder(rest.remove("src"), "src");
        Optional<Digest> digest = Optional.ofNullable(rest.remove("digest")).map(Digest::parse);
        Optional<String> tag = Optional.ofNullable(rest.remove("tag"));
        if (!rest.isEmpty()) {
            throw new IllegalArgumentException("unknown word \"" + rest.keySet().iterator().next()
                    + "\" for type=local; known: digest, src, tag");
        }
        if (!Files.isRegularFile(folder.resolve("index.json"))) {
            return Optional.empty();
        }
        OciLayout layout = OciLayout.open(folder);
        Descriptor cache = layout.find(tag, digest);
        ImageReference reference = new ImageReference(Optional.empty(), "contexts/" + cache.digest().hex(),
                Optional.empty(), Optional.of(cache.digest()));
        try (RegistryClient registries = registry.open()) {
            layout.push(cache, registries.repository(reference));
        }
        return Optional.of(new CacheImport.Registry(reference));
    }

    /** What the farm is asked for, in place of the folder that {@link #fetch} fills afterwards. */
    public CacheExport plan(CacheWords words) {
        Map<String, String> rest = new HashMap<>(words.words());
        Path folder = folder(rest.remove("dest"), "dest");
        String tag = Optional.ofNullable(rest.remove("tag")).orElse("latest");
        ImageReference through = new ImageReference(Optional.empty(), "contexts/cache-" + UUID.randomUUID(),
                Optional.of("latest"), Optional.empty());
        rest.put("ref", through.toString());
        CacheExport export = new CacheWords("registry", rest).toExport();
        if (!(export instanceof CacheExport.Registry(var _, var _, CacheExport.Form form, boolean ignoreError))
                || form != CacheExport.Form.IMAGE) {
            throw new IllegalArgumentException("a folder is written with image-manifest=true only");
        }
        exports.add(new Export(folder, tag, through, ignoreError));
        return export;
    }

    /** Brings what the farm exported into the folders; returns what went wrong and may be ignored. */
    public List<String> fetch(BuildSender.Registry registry) throws IOException, InterruptedException {
        List<String> ignored = new ArrayList<>();
        for (Export export : exports) {
            try (RegistryClient registries = registry.open()) {
                new LayoutWriter(export.folder).write(registries.repository(export.through), "latest", export.tag);
            } catch (IOException e) {
                String message = "writing the cache to " + export.folder + " failed: " + e.getMessage();
                if (!export.ignoreError) {
                    throw new IOException(message, e);
                }
                ignored.add(message);
            }
        }
        return ignored;
    }

    private static Path folder(@Nullable String value, String word) {
        if (value == null || value.isEmpty()) {
            throw new IllegalArgumentException("missing " + word + ": type=local," + word + "=FOLDER");
        }
        return Path.of(value);
    }
}
