package dev.kiln.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

import dev.kiln.cli.client.ApiClient;
import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.ImageReference;
import dev.kiln.queue.job.BuildId;

/** What a build tells to files once it has ended well. */
record ResultFiles(Optional<Path> iid, Optional<Path> metadata) {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    boolean isEmpty() {
        return iid.isEmpty() && metadata.isEmpty();
    }

    /** Keys are spelled as buildx spells them. */
    void write(BuildId build, ImageResult result) throws IOException {
        if (iid.isPresent()) {
            write(iid.get(), result.id().toString());
        }
        if (metadata.isPresent()) {
            ObjectNode json = ApiClient.newObject().put("buildx.build.ref", build.value());
            result.image().ifPresent(image -> put(json, image));
            if (result.image().isPresent() && !result.names().isEmpty()) {
                json.put("image.name",
                        result.names().stream().map(ImageReference::toString).collect(Collectors.joining(",")));
            }
            write(metadata.get(), JSON.writerWithDefaultPrettyPrinter().writeValueAsString(json) + "\n");
        }
    }

    private static void put(ObjectNode json, ExportedImages.Image image) {
        image.config().ifPresent(config -> json.put("containerimage.config.digest", config.toString()));
        Descriptor descriptor = image.descriptor();
        ObjectNode tree = json.putObject("containerimage.descriptor")
            .put("mediaType", descriptor.mediaType())
            .put("digest", descriptor.digest().toString())
            .put("size", descriptor.size());
        if (!descriptor.annotations().isEmpty()) {
            new TreeMap<>(descriptor.annotations()).forEach(tree.putObject("annotations")::put);
        }
        descriptor.platform().ifPresent(platform -> {
            ObjectNode object = tree.putObject("platform")
                .put("architecture", platform.architecture())
                .put("os", platform.os());
            platform.variant().ifPresent(variant -> object.put("variant", variant));
        });
        json.put("containerimage.digest", descriptor.digest().toString());
    }

    /** Whole, or not at all: programs wait for these files. */
    private static void write(Path file, String text) throws IOException {
        Path absolute = file.toAbsolutePath();
        if (Files.exists(absolute) && !Files.isRegularFile(absolute)) {
            Files.writeString(absolute, text);
            return;
        }
        Path temp = absolute.resolveSibling("." + absolute.getFileName() + "." + ProcessHandle.current().pid());
        try {
            Files.write(temp, text.getBytes(StandardCharsets.UTF_8));
            Files.move(temp, absolute, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(temp);
        }
    }
}
