package dev.kiln.cli.output;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

import tools.jackson.databind.node.ObjectNode;

import dev.kiln.layercache.oci.ImageReference;
import dev.kiln.layercache.registry.RegistryClient;
import dev.kiln.queue.event.BuildEvent;
import dev.kiln.queue.job.Annotation;
import dev.kiln.queue.job.BuildId;
import dev.kiln.queue.job.ImageForm;
import dev.kiln.queue.job.Output;
import dev.kiln.queue.job.OutputJson;

/** All that a build gives: what the farm is asked for, and what is made of it here. */
public final class Outputs {
    private final List<LocalOutput> all;
    private final boolean pushOnly;

    /**
     * What options say.
     *
     * @param names of the build
     * @param outputs values of {@code --output}
     * @param annotations values of {@code --annotation}
     */
    public record Wishes(List<ImageReference> names, List<String> outputs, boolean push, boolean load,
            List<String> annotations) {}

    private Outputs(List<LocalOutput> all, boolean pushOnly) {
        this.all = List.copyOf(all);
        this.pushOnly = pushOnly;
    }

    /**
     * @param platforms how many images the build makes
     * @throws OutputException for what is malformed, not supported, or not possible on this machine
     */
    public static Outputs of(Wishes wishes, int platforms) throws OutputException {
        OutputReader reader = new OutputReader(wishes.names);
        List<LocalOutput> all = new ArrayList<>();
        for (String text : wishes.outputs) {
            if (!text.isEmpty()) {
                all.add(reader.read(text));
            }
        }
        List<Annotation> annotations = annotations(wishes.annotations);
        boolean pushOnly = wishes.push && all.isEmpty() && !wishes.load && annotations.isEmpty();
        if (wishes.push && !pushOnly) {
            push(all, reader);
        }
        if (wishes.load && all.stream().noneMatch(Outputs::isLoad)) {
            all.add(reader.read("type=docker"));
        }
        if (!annotations.isEmpty()) {
            annotate(all, annotations);
        }
        Outputs outputs = new Outputs(all, pushOnly);
        outputs.check(platforms);
        return outputs;
    }

    private static List<Annotation> annotations(List<String> given) throws OutputException {
        List<Annotation> all = new ArrayList<>();
        for (String text : given) {
            try {
                all.addAll(Annotation.parse(text));
            } catch (IllegalArgumentException e) {
                throw new OutputException("--annotation " + text + ": " + e.getMessage());
            }
        }
        return all;
    }

    /** The images among the outputs are pushed; when there is none, one more is. */
    private static void push(List<LocalOutput> all, OutputReader reader) throws OutputException {
        boolean image = all.stream().anyMatch(each -> isImage(each) && !each.isAwaited());
        if (!image) {
            all.add(reader.read("type=registry"));
        }
        try {
            all.replaceAll(reader::pushed);
        } catch (IllegalArgumentException e) {
            throw new OutputException("--push: " + e.getMessage());
        }
    }

    private static void annotate(List<LocalOutput> all, List<Annotation> annotations) throws OutputException {
        if (all.isEmpty()) {
            all.add(new LocalOutput(new Output.Image(List.of(), Output.Push.NO, ImageForm.USUAL),
                    new LocalOutput.Here.Nothing()));
        }
        if (all.stream().noneMatch(Outputs::isImage)) {
            throw new OutputException("--annotation is for images, and none of the outputs is one");
        }
        try {
            all.replaceAll(each -> OutputReader.annotated(each, annotations));
        } catch (IllegalArgumentException e) {
            throw new OutputException("--annotation: " + e.getMessage());
        }
    }

    private static boolean isImage(LocalOutput output) {
        return output.farm() instanceof Output.Image;
    }

    private static boolean isLoad(LocalOutput output) {
        return output.here() instanceof LocalOutput.Here.Archive archive && archive.to() instanceof Destination.Docker;
    }

    private void check(int platforms) throws OutputException {
        if (all.stream().filter(LocalOutput::isStandardOutput).count() > 1) {
            throw new OutputException("several outputs cannot all go to standard output");
        }
        for (LocalOutput each : all) {
            if (isLoad(each) && !DockerLoad.isPossible()) {
                throw new OutputException("--load (type=docker) gives the image to docker, and there is no program"
                        + " docker here: write a file with --output type=docker,dest=FILE");
            }
            if (platforms > 1 && each.here() instanceof LocalOutput.Here.Archive archive && archive.docker()) {
                throw new OutputException("type=docker holds one image, and the build is for " + platforms
                        + " platforms: use type=oci");
            }
        }
    }

    /** Whether something is made here of what the build gives. */
    public boolean isAwaited() {
        return all.stream().anyMatch(LocalOutput::isAwaited);
    }

    public boolean isStandardOutput() {
        return all.stream().anyMatch(LocalOutput::isStandardOutput);
    }

    /** Whether the build gives an image that programs can be told of. */
    public boolean hasImage() {
        return all.isEmpty() || all.stream().anyMatch(Outputs::isImage);
    }

    /** Adds the fields of a request. */
    public void put(ObjectNode request) {
        request.put("push", pushOnly);
        all.forEach(each -> request.withArray("outputs").add(OutputJson.tree(each.farm())));
    }

    /** The number of the first output that is an image. */
    public Optional<Integer> firstImage() {
        for (int i = 0; i < all.size(); i++) {
            if (isImage(all.get(i))) {
                return Optional.of(i);
            }
        }
        return all.isEmpty() ? Optional.of(0) : Optional.empty();
    }

    /** How the image of this number is called. */
    public List<ImageReference> namesOf(int number, List<ImageReference> build) {
        return !build.isEmpty() || all.isEmpty() || !(all.get(number).farm() instanceof Output.Image image)
                ? build
                : all.get(number).here() instanceof LocalOutput.Here.Archive archive ? archive.names() : image.names();
    }

    /**
     * Makes the outputs of this machine of what the farm keeps.
     *
     * @param exported what the build told of its outputs, by number
     * @param told takes warnings
     * @throws IOException naming the output that could not be written
     */
    public void write(RegistryClient registries, BuildId build, Map<Integer, BuildEvent.Exported> exported,
            Consumer<String> told) throws IOException, InterruptedException {
        ImageReference kept = new ImageReference(Optional.empty(), "builds/" + build, Optional.empty(),
                Optional.empty());
        for (int i = 0; i < all.size(); i++) {
            LocalOutput each = all.get(i);
            if (each.isAwaited()) {
                BuildEvent.Exported made = Optional.ofNullable(exported.get(i))
                    .orElseThrow(() -> new IOException("the farm did not say what became of an output: is it older than"
                            + " this program?"));
                new OutputWriter(registries.repository(kept), made.image(), told).write(each.here());
            }
        }
    }
}
