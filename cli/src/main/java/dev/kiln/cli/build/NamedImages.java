package dev.kiln.cli.build;

import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

import dev.kiln.dockerfile.Dockerfile;
import dev.kiln.dockerfile.DockerfileParser;
import dev.kiln.dockerfile.instruction.Copy;
import dev.kiln.dockerfile.instruction.Instruction;
import dev.kiln.dockerfile.instruction.Run;
import dev.kiln.dockerfile.source.DockerfileException;
import dev.kiln.dockerfile.stage.ContextNames;
import dev.kiln.dockerfile.stage.GlobalArguments;
import dev.kiln.dockerfile.stage.Source;
import dev.kiln.dockerfile.stage.Stage;
import dev.kiln.dockerfile.stage.StageGraph;
import dev.kiln.layercache.oci.ImageReference;

/**
 * The images that a Dockerfile takes something from, as far as its text alone tells: base images, and those that COPY and
 * mounts name. ONBUILD instructions of base images, and a file at an address, only the farm knows.
 *
 * @param arguments build arguments of the request
 * @param predefined such as {@code TARGETPLATFORM}
 * @param contexts names that something else than an image stands for
 */
public record NamedImages(Optional<String> target, Map<String, String> arguments, Map<String, String> predefined,
        Set<String> contexts) {

    /** None of a file that is no Dockerfile: the farm says what is wrong with it. */
    public Set<ImageReference> of(byte[] text) {
        Set<ImageReference> images = new LinkedHashSet<>();
        try {
            Dockerfile file = DockerfileParser.parse(text);
            StageGraph graph = StageGraph.of(file.stages(), GlobalArguments.evaluate(file.globalArguments(),
                    predefined, arguments, file.expander()), file.expander(), new ContextNames(contexts));
            for (Stage stage : graph.needed(graph.target(target))) {
                if (!graph.isReplaced(stage)) {
                    add(graph.base(stage), images);
                    stage.instructions().forEach(instruction -> add(instruction, graph, images));
                }
            }
        } catch (DockerfileException _) {
            return Set.of();
        }
        return images;
    }

    /** Those that a request names itself: where it pushes to, caches, and named contexts. */
    public static Set<ImageReference> ofRequest(ObjectNode request) {
        Set<ImageReference> images = new LinkedHashSet<>();
        if (request.path("push").asBoolean(false)) {
            addNames(request, images);
        }
        request.path("outputs").valueStream().filter(output -> output.has("push")).forEach(output -> {
            addNames(output.has("names") ? output : request, images);
        });
        Stream.of("cacheFrom", "cacheTo", "namedContexts")
            .flatMap(field -> request.path(field).valueStream())
            .map(place -> place.path("reference").asString(""))
            .filter(reference -> !reference.isEmpty())
            .forEach(reference -> images.add(ImageReference.parse(reference)));
        return images;
    }

    private static void addNames(JsonNode pushed, Set<ImageReference> images) {
        pushed.path("names").forEach(name -> images.add(ImageReference.parse(name.asString())));
    }

    private static void add(Instruction instruction, StageGraph graph, Set<ImageReference> images) {
        if (instruction instanceof Copy copy) {
            add(graph.copySource(copy), images);
        } else if (instruction instanceof Run run) {
            run.mounts().forEach(mount -> add(graph.mountSource(mount), images));
        }
    }

    private static void add(Source source, Set<ImageReference> images) {
        if (source instanceof Source.Image(String name)) {
            try {
                images.add(ImageReference.parse(name));
            } catch (IllegalArgumentException _) {
                // The farm refuses the name, and says where it stands.
            }
        }
    }
}
