package dev.kiln.executor.frontend;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;

import dev.kiln.dockerfile.instruction.Copy;
import dev.kiln.dockerfile.instruction.Instruction;
import dev.kiln.dockerfile.source.Suggestion;
import dev.kiln.dockerfile.stage.Source;
import dev.kiln.dockerfile.stage.Stage;
import dev.kiln.dockerfile.stage.StageGraph;
import dev.kiln.executor.frontend.BaseImages.BaseImage;
import dev.kiln.executor.frontend.BaseImages.BaseImageException;
import dev.kiln.executor.frontend.FrontendException.Code;
import dev.kiln.layercache.oci.ImageReference;
import dev.kiln.layercache.oci.Platform;

/** Looks up the images that stages start or copy from, each once and all at the same time. For one build. */
final class BaseResolver {
    private static final List<String> COMMON = List.of("alpine", "busybox", "centos", "debian", "golang", "ubuntu",
            "fedora");

    private final BaseImages images;
    private final Platform platform;
    private final StageLabels labels;
    private final Map<String, Mention> mentions = new LinkedHashMap<>();

    /** Where an image is first mentioned. */
    private record Mention(ImageReference reference, Instruction by, String stage) {}

    BaseResolver(BaseImages images, Platform platform, StageLabels labels) {
        this.images = images;
        this.platform = platform;
        this.labels = labels;
    }

    /** Every image that {@code needed} mentions, by its name as written. The first failure in the file is told. */
    Map<String, BaseImage> resolve(StageGraph graph, List<Stage> needed)
            throws FrontendException, InterruptedException {
        for (Stage stage : needed) {
            mention(graph.base(stage), stage.from(), stage);
            for (Instruction instruction : stage.instructions()) {
                if (instruction instanceof Copy copy) {
                    mention(graph.copySource(copy), copy, stage);
                }
            }
        }
        return lookUp();
    }

    private void mention(Source source, Instruction by, Stage stage) throws FrontendException {
        if (source instanceof Source.Image(String name) && !mentions.containsKey(name)) {
            mentions.put(name, new Mention(reference(name, by, stage), by, labels.of(stage)));
        }
    }

    private ImageReference reference(String name, Instruction by, Stage stage) throws FrontendException {
        try {
            ImageReference reference = ImageReference.parse(name);
            return reference.tag().isPresent() || reference.digest().isPresent()
                    ? reference
                    : new ImageReference(reference.registry(), reference.repository(), Optional.of("latest"),
                            Optional.empty());
        } catch (IllegalArgumentException e) {
            throw FrontendException.at(by, labels.of(stage), Code.INVALID,
                    "failed to parse stage name \"" + name + "\": " + e.getMessage());
        }
    }

    private Map<String, BaseImage> lookUp() throws FrontendException, InterruptedException {
        Map<String, BaseImage> found = new LinkedHashMap<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Map.Entry<String, Future<BaseImage>>> running = new ArrayList<>();
            mentions.forEach((name, mention) -> running
                .add(Map.entry(name, threads.submit(() -> images.resolve(mention.reference(), platform)))));
            try {
                for (Map.Entry<String, Future<BaseImage>> lookUp : running) {
                    found.put(lookUp.getKey(), await(lookUp.getValue(), lookUp.getKey()));
                }
            } finally {
                threads.shutdownNow();
            }
        }
        return found;
    }

    private BaseImage await(Future<BaseImage> lookUp, String name) throws FrontendException, InterruptedException {
        try {
            return lookUp.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof BaseImageException missing) {
                throw missing(name, missing);
            }
            throw new IllegalStateException("looking up the base image " + name + " failed", e.getCause());
        }
    }

    private FrontendException missing(String name, BaseImageException e) {
        Mention mention = Optional.ofNullable(mentions.get(name)).orElseThrow();
        List<String> known = Stream
            .concat(labels.all().stream(), COMMON.stream().flatMap(n -> Stream.of(n, n + ":latest")))
            .toList();
        String message = Suggestion.append(name + ": " + e.getMessage(), name, known);
        return FrontendException.at(mention.by(), mention.stage(), e, message);
    }
}
