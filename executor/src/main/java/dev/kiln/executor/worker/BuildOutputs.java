package dev.kiln.executor.worker;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

import dev.kiln.executor.exporter.AssembledImages;
import dev.kiln.executor.exporter.BuiltImages;
import dev.kiln.executor.exporter.ExportException;
import dev.kiln.executor.exporter.Exporter;
import dev.kiln.executor.exporter.ImageAssembler;
import dev.kiln.executor.graph.BuildGraph;
import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.ImageReference;
import dev.kiln.layercache.oci.Platform;
import dev.kiln.queue.event.BuildEvent.Reason;
import dev.kiln.queue.job.Annotation;
import dev.kiln.queue.job.BuildOutput;
import dev.kiln.queue.job.BuildRequest;
import dev.kiln.queue.job.Output;

/** What one build gives: all outputs are made and their bytes brought to their places before the first gets a name. */
final class BuildOutputs {
    private final ImageAssembler assembler;
    private final Exporter exporter;
    private final List<Made> all = new ArrayList<>();

    private record Made(AssembledImages images, List<ImageReference> names) {}

    BuildOutputs(ImageAssembler assembler, Exporter exporter) {
        this.assembler = assembler;
        this.exporter = exporter;
    }

    /** Refuses what cannot be made of this graph, before it is solved. */
    static void check(BuildRequest request, BuildGraph graph) throws BuildFailed {
        Set<Platform> platforms = graph.targets()
            .stream()
            .map(target -> target.image().platform().normalized())
            .collect(Collectors.toSet());
        for (Output output : request.output().all()) {
            if (!(output instanceof Output.Image image)) {
                continue;
            }
            require(!image.form().rewriteTimestamp()
                    || graph.targets().stream().allMatch(target -> target.epoch().isPresent()),
                    "rewrite-timestamp=true needs a time: give the build argument SOURCE_DATE_EPOCH");
            require(!image.form().squash() || !request.options().inlineCache(),
                    "squash=true leaves no layers that an inline cache could name: ask for one of the two");
            for (Annotation annotation : image.form().annotations()) {
                check(annotation, platforms);
            }
        }
    }

    private static void check(Annotation annotation, Set<Platform> platforms) throws BuildFailed {
        boolean index = annotation.on() == Annotation.On.INDEX || annotation.on() == Annotation.On.INDEX_DESCRIPTOR;
        require(!index || platforms.size() > 1, "the annotation " + annotation.key() + " is for an index, and an image"
                + " for one platform has none: say manifest, or build for several platforms");
        require(annotation.platform().map(Platform::normalized).filter(p -> !platforms.contains(p)).isEmpty(),
                "the annotation " + annotation.key() + " is for "
                        + annotation.platform().map(Platform::toString).orElse("") + ", and the build is for "
                        + platforms.stream().map(Platform::toString).sorted().collect(Collectors.joining(", ")));
    }

    private static void require(boolean ok, String problem) throws BuildFailed {
        if (!ok) {
            throw new BuildFailed(Reason.INVALID, problem, null);
        }
    }

    /** Makes all outputs and uploads them; nobody sees anything of them yet. */
    void prepare(BuildRequest request, BuiltImages built, AttemptReporter reporter)
            throws BuildFailed, InterruptedException {
        BuildOutput wanted = request.output();
        reporter.exporting(names(request));
        try {
            for (Output output : wanted.all()) {
                AssembledImages images = assembler.assemble(built, output);
                Made made = new Made(images, places(request, output, all.size(), images));
                exporter.upload(made.images, made.names);
                all.add(made);
            }
        } catch (ExportException e) {
            throw failed(e, reporter);
        }
    }

    private static BuildFailed failed(ExportException e, AttemptReporter reporter) {
        String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        reporter.exported(Optional.of(message));
        return new BuildFailed(switch (e.code()) {
            case LAYER -> Reason.INTERNAL;
            case NAME, REGISTRY -> Reason.PUSH;
        }, message, e);
    }

    /** Under which names people see the outputs go out. */
    private static List<ImageReference> names(BuildRequest request) {
        List<ImageReference> names = new ArrayList<>();
        List<Output> outputs = request.output().all();
        for (int i = 0; i < outputs.size(); i++) {
            names.addAll(outputs.get(i) instanceof Output.Image image && image.push() != Output.Push.NO
                    ? request.output().namesOf(image)
                    : List.of(kept(request, i)));
        }
        return names.stream().distinct().toList();
    }

    private static List<ImageReference> places(BuildRequest request, Output output, int number,
            AssembledImages images) {
        if (!(output instanceof Output.Image image) || image.push() == Output.Push.NO) {
            return List.of(kept(request, number));
        }
        List<ImageReference> names = request.output().namesOf(image);
        return image.push() == Output.Push.TAGS ? names : names.stream().map(name -> byDigest(name, images)).toList();
    }

    private static ImageReference byDigest(ImageReference name, AssembledImages images) {
        return new ImageReference(name.registry(), name.repository(), Optional.empty(),
                Optional.of(images.descriptor().digest()));
    }

    /** What is not pushed is kept in the farm: the first such output as {@code latest}, others by their number. */
    private static ImageReference kept(BuildRequest request, int number) {
        boolean first = request.output()
            .all()
            .subList(0, number)
            .stream()
            .allMatch(output -> output instanceof Output.Image image && image.push() != Output.Push.NO);
        return new ImageReference(Optional.empty(), "builds/" + request.id(),
                Optional.of(first ? "latest" : "output-" + number), Optional.empty());
    }

    /** The first output's manifest or index. */
    Descriptor first() {
        return all.getFirst().images.descriptor();
    }

    /** Gives all outputs their names; goes on with the others when one fails, and fails in the end. */
    void publish(AttemptReporter reporter) throws BuildFailed, InterruptedException {
        Optional<ExportException> first = Optional.empty();
        for (int i = 0; i < all.size(); i++) {
            Made made = all.get(i);
            try {
                exporter.publish(made.images, made.names, reporter);
                reporter.exported(i, made.images.annotated(), made.images.config());
            } catch (ExportException e) {
                first = first.or(() -> Optional.of(e));
            }
        }
        if (first.isPresent()) {
            throw failed(first.get(), reporter);
        }
        reporter.exported(Optional.empty());
    }
}
