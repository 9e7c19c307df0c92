package dev.kiln.executor.frontend;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;

import dev.kiln.dockerfile.instruction.Copy;
import dev.kiln.dockerfile.instruction.Instruction;
import dev.kiln.dockerfile.instruction.Run;
import dev.kiln.dockerfile.source.DockerfileException;
import dev.kiln.dockerfile.source.Suggestion;
import dev.kiln.dockerfile.stage.ContextNames;
import dev.kiln.dockerfile.stage.Source;
import dev.kiln.dockerfile.stage.Stage;
import dev.kiln.dockerfile.stage.StageGraph;
import dev.kiln.executor.frontend.BaseImages.BaseImage;
import dev.kiln.executor.frontend.BaseImages.BaseImageException;
import dev.kiln.executor.frontend.FrontendException.Code;
import dev.kiln.executor.frontend.Remotes.RemoteException;
import dev.kiln.executor.logging.LogFields;
import dev.kiln.layercache.oci.ImageReference;
import dev.kiln.layercache.oci.Platform;

/**
 * Looks up what stages start from, copy from and mount: images and named contexts, each once and all at the same time.
 * What no needed stage mentions is not touched. For one build and one thread.
 */
final class SourceResolver {
    private static final List<String> COMMON = List.of("alpine", "busybox", "centos", "debian", "golang", "ubuntu",
            "fedora");
    private static final String SCRATCH = "scratch";

    private final BaseImages images;
    private final ContextLookup contexts;
    private final Map<String, ContextSpec> named;
    private final StageLabels labels;
    private final Map<Wanted, Found> found = new LinkedHashMap<>();

    /** What a lookup is for. */
    private record Wanted(Source source, Platform platform) {}

    /** Where something is first mentioned. */
    private record Mention(Instruction by, String stage) {}

    /** What a lookup found. */
    sealed interface Found {
        /** @param shown how the step that brings it in is called, without number */
        record Image(BaseImage image, String shown) implements Found {}

        record Context(ContextSource source, String name) implements Found {}
    }

    SourceResolver(BaseImages images, ContextLookup contexts, Map<String, ContextSpec> named, StageLabels labels) {
        this.images = images;
        this.contexts = contexts;
        this.named = new LinkedHashMap<>();
        named.forEach((name, spec) -> this.named.put(ContextNames.normal(name), spec));
        this.labels = labels;
    }

    /** Looks up what {@code needed} mentions and is not known yet. The first failure in the file is told. */
    void resolve(StageGraph graph, List<Stage> needed, StagePlatforms platforms)
            throws FrontendException, InterruptedException {
        Map<Wanted, Mention> mentions = new LinkedHashMap<>();
        for (Stage stage : needed) {
            mention(graph.base(stage), platforms.of(stage), stage.from(), stage, mentions);
            if (!graph.isReplaced(stage)) {
                for (Instruction instruction : stage.instructions()) {
                    for (Source source : sources(instruction, graph)) {
                        mention(source, platforms.wanted(), instruction, stage, mentions);
                    }
                }
            }
        }
        lookUp(mentions);
    }

    private static List<Source> sources(Instruction instruction, StageGraph graph) {
        return switch (instruction) {
            case Copy copy -> List.of(graph.copySource(copy));
            case Run run -> run.mounts().stream().map(graph::mountSource).toList();
            default -> List.of();
        };
    }

    private void mention(Source source, Platform platform, Instruction by, Stage stage,
            Map<Wanted, Mention> mentions) {
        if (source instanceof Source.Image || source instanceof Source.NamedContext) {
            Wanted wanted = new Wanted(source, platform);
            if (!found.containsKey(wanted)) {
                mentions.putIfAbsent(wanted, new Mention(by, labels.of(stage)));
            }
        }
    }

    /** What {@link #resolve} found for the source. */
    Found found(Source source, Platform platform) {
        Found known = found.get(new Wanted(source, platform));
        if (known == null) {
            throw new IllegalStateException(source + " for " + platform + " was not looked up");
        }
        return known;
    }

    /** The image that was found for the source; empty when it was not looked up, or is none. */
    Optional<Found.Image> image(Source source, Platform platform) {
        return Optional.ofNullable(found.get(new Wanted(source, platform)))
            .filter(Found.Image.class::isInstance)
            .map(Found.Image.class::cast);
    }

    private void lookUp(Map<Wanted, Mention> mentions) throws FrontendException, InterruptedException {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Map<Wanted, Future<Found>> running = new LinkedHashMap<>();
            mentions.forEach((wanted, mention) -> running.put(wanted,
                    threads.submit(LogFields.carryCall(task(wanted, mention)))));
            try {
                for (Map.Entry<Wanted, Future<Found>> lookUp : running.entrySet()) {
                    found.put(lookUp.getKey(), await(lookUp.getValue()));
                }
            } finally {
                threads.shutdownNow();
            }
        }
    }

    private Callable<Found> task(Wanted wanted, Mention mention) {
        return () -> switch (wanted.source()) {
            case Source.Image(String name) -> {
                BaseImage image = image(name, wanted.platform(), mention);
                yield new Found.Image(image, "FROM " + image.reference());
            }
            case Source.NamedContext(String name) -> context(name, wanted.platform(), mention);
            case Source.OtherStage _,Source.Scratch _,Source.Context _ ->
                throw new IllegalStateException("nothing to look up: " + wanted.source());
        };
    }

    private Found context(String name, Platform platform, Mention mention)
            throws FrontendException, InterruptedException {
        ContextSpec spec = Optional.ofNullable(named.get(name)).orElseThrow();
        if (spec instanceof ContextSpec.Image(String reference)) {
            return reference.equals(SCRATCH)
                    ? new Found.Context(new ContextSource.Nothing(), name)
                    : new Found.Image(image(reference, platform, mention), "[context " + name + "] " + reference);
        }
        try {
            return new Found.Context(contexts.named(spec), name);
        } catch (RemoteException e) {
            throw FrontendException.at(mention.by(), mention.stage(), e, "context " + name + ": " + e.getMessage());
        } catch (DockerfileException e) {
            throw FrontendException.at(mention.by(), mention.stage(), e);
        }
    }

    private BaseImage image(String name, Platform platform, Mention mention)
            throws FrontendException, InterruptedException {
        ImageReference reference = reference(name, mention);
        try {
            return images.resolve(reference, platform);
        } catch (BaseImageException e) {
            List<String> known = Stream
                .concat(labels.all().stream(), COMMON.stream().flatMap(n -> Stream.of(n, n + ":latest")))
                .toList();
            String message = Suggestion.append(name + ": " + e.getMessage(), name, known);
            throw FrontendException.at(mention.by(), mention.stage(), e, message);
        }
    }

    private static ImageReference reference(String name, Mention mention) throws FrontendException {
        try {
            ImageReference reference = ImageReference.parse(name);
            return reference.tag().isPresent() || reference.digest().isPresent()
                    ? reference
                    : new ImageReference(reference.registry(), reference.repository(), Optional.of("latest"),
                            Optional.empty());
        } catch (IllegalArgumentException e) {
            throw FrontendException.at(mention.by(), mention.stage(), Code.INVALID,
                    "failed to parse stage name \"" + name + "\": invalid reference format: " + e.getMessage());
        }
    }

    private static Found await(Future<Found> lookUp) throws FrontendException, InterruptedException {
        try {
            return lookUp.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof FrontendException missing) {
                throw missing;
            }
            throw new IllegalStateException("looking up a source failed", e.getCause());
        }
    }
}
