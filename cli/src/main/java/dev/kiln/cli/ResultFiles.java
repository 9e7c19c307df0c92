package dev.kiln.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

import dev.kiln.cli.client.ApiClient;
import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.queue.job.BuildId;

/** What a build tells to files once it has made an image. */
record ResultFiles(Optional<Path> iid, Optional<Path> metadata) {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    boolean isEmpty() {
        return iid.isEmpty() && metadata.isEmpty();
    }

    /** Keys are spelled as buildx spells them. */
    void write(BuildId build, List<String> names, Descriptor image) throws IOException {
        if (iid.isPresent()) {
            Files.writeString(iid.get(), image.digest().toString());
        }
        if (metadata.isPresent()) {
            ObjectNode json = ApiClient.newObject().put("buildx.build.ref", build.value());
            json.put("containerimage.digest", image.digest().toString());
            json.putObject("containerimage.descriptor")
                .put("mediaType", image.mediaType())
                .put("digest", image.digest().toString())
                .put("size", image.size());
            if (!names.isEmpty()) {
                json.put("image.name", String.join(",", names));
            }
            String text = JSON.writerWithDefaultPrettyPrinter().writeValueAsString(json) + "\n";
            Files.write(metadata.get(), text.getBytes(StandardCharsets.UTF_8));
        }
    }
}
