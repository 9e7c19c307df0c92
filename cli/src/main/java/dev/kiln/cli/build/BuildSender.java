package dev.kiln.cli.build;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

import tools.jackson.databind.node.ObjectNode;

import dev.kiln.cli.client.ApiClient;
import dev.kiln.cli.client.ApiException;
import dev.kiln.cli.context.BuildContext;
import dev.kiln.cli.context.ContextException;
import dev.kiln.cli.context.ContextTar;
import dev.kiln.cli.context.FolderFiles;
import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.ImageReference;
import dev.kiln.layercache.registry.RegistryClient;
import dev.kiln.queue.job.ContextRef;
import dev.kiln.queue.job.NamedContext;

/** Brings the files of a build to the farm, and says in a request where they are. */
public final class BuildSender {
    private final ApiClient client;
    private final Registry registry;

    /** Opens the farm's registry, when an image has to be pushed there. */
    @FunctionalInterface
    public interface Registry {
        RegistryClient open();
    }

    public BuildSender(ApiClient client, Registry registry) {
        this.client = client;
        this.registry = registry;
    }

    /** The fields of the request that say where the Dockerfile and the files of CONTEXT are. */
    public void send(BuildContext context, ObjectNode request) throws ApiException, IOException {
        request.set("context", switch (context.source()) {
            case BuildContext.Source.Archive(ContextTar tar) -> uploaded(tar);
            case BuildContext.Source.Folder(FolderFiles files) -> sent(files);
            case BuildContext.Source.Elsewhere(ContextRef reference) -> tree(reference);
        });
        request.put("dockerfile", context.dockerfile());
        if (context.dockerfileFrom().isPresent()) {
            request.set("dockerfileFrom", uploaded(context.dockerfileFrom().get()));
        }
        context.ignorePatterns().ifPresent(patterns -> request.put("ignorePatterns", patterns));
    }

    /** The field {@code namedContexts}, from values of {@code --build-context}; the last of a name counts. */
    public void sendNamed(List<String> words, ObjectNode request)
            throws OptionException, ApiException, ContextException, IOException, InterruptedException {
        Map<String, NamedContextWords> named = new TreeMap<>();
        for (String word : words) {
            NamedContextWords parsed = NamedContextWords.parse(word);
            named.put(parsed.name(), parsed);
        }
        if (named.isEmpty()) {
            return;
        }
        ObjectNode json = request.putObject("namedContexts");
        for (NamedContextWords each : named.values()) {
            json.set(each.name(), switch (each.value()) {
                case NamedContextWords.Value.Folder folder -> sent(BuildContext.folder(folder.path()));
                case NamedContextWords.Value.Layout layout -> image(pushed(each.name(), layout));
                case NamedContextWords.Value.Elsewhere(NamedContext context) -> tree(context);
            });
        }
    }

    private ObjectNode sent(FolderFiles files) throws ApiException, IOException {
        ContextRef.Uploaded sent = new ContextSender(client).send(files);
        return ApiClient.newObject()
            .put("type", "uploaded")
            .put("digest", sent.digest().toString())
            .put("size", sent.size());
    }

    private ObjectNode uploaded(ContextTar tar) throws ApiException, IOException {
        if (client.contextSize(tar.digest()).isEmpty()) {
            client.putContext(tar.digest(), tar.size(), tar.open());
        }
        return ApiClient.newObject()
            .put("type", "uploaded")
            .put("digest", tar.digest().toString())
            .put("size", tar.size());
    }

    /** The image in the farm's registry, under a name of its own. */
    private ImageReference pushed(String name, NamedContextWords.Value.Layout layout)
            throws OptionException, IOException, InterruptedException {
        OciLayout images;
        Descriptor image;
        try {
            images = OciLayout.open(layout.path());
            image = images.find(layout.tag(), layout.digest());
        } catch (IOException e) {
            throw new OptionException("--build-context " + name + ": " + e.getMessage());
        }
        ImageReference reference = new ImageReference(Optional.empty(), "contexts/" + image.digest().hex(),
                Optional.empty(), Optional.of(image.digest()));
        try (RegistryClient registries = registry.open()) {
            images.push(image, registries.repository(reference));
        }
        return reference;
    }

    private static ObjectNode tree(NamedContext context) {
        return switch (context) {
            case NamedContext.Files(ContextRef files) -> tree(files);
            case NamedContext.Image(ImageReference reference) -> image(reference);
        };
    }

    private static ObjectNode image(ImageReference reference) {
        return ApiClient.newObject().put("type", "image").put("reference", reference.toString());
    }

    private static ObjectNode tree(ContextRef context) {
        ObjectNode json = ApiClient.newObject();
        return switch (context) {
            case ContextRef.Uploaded uploaded ->
                json.put("type", "uploaded").put("digest", uploaded.digest().toString());
            case ContextRef.Git git -> json.put("type", "git").put("address", git.address());
            case ContextRef.Http http -> json.put("type", "http").put("address", http.address().toString());
            case ContextRef.Empty _ -> json.put("type", "empty");
        };
    }
}
