package dev.kiln.cli.output;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import dev.kiln.layercache.oci.ImageReference;
import dev.kiln.queue.job.Annotation;
import dev.kiln.queue.job.ImageForm;
import dev.kiln.queue.job.Output;
import dev.kiln.queue.job.OutputWords;

/** Reads values of {@code --output} as docker buildx reads them: {@code type=…}, a folder, or {@code -} for a tar. */
final class OutputReader {
    private final List<ImageReference> names;

    /** @param names of the build, which win over those of an output */
    OutputReader(List<ImageReference> names) {
        this.names = List.copyOf(names);
    }

    LocalOutput read(String text) throws OutputException {
        try {
            return read(words(text));
        } catch (IllegalArgumentException e) {
            throw new OutputException("--output " + text + ": " + e.getMessage());
        }
    }

    /** A single word that is no {@code type} is where the files go. */
    private static OutputWords words(String text) {
        if (text.startsWith("type=") || text.indexOf(',') >= 0 || text.indexOf('"') >= 0) {
            return OutputWords.parse(text);
        }
        return new OutputWords(text.equals("-") ? "tar" : "local", Map.of("dest", text));
    }

    private LocalOutput read(OutputWords words) {
        Optional<String> dest = Optional.ofNullable(words.words().get("dest"));
        OutputWords rest = words.without("dest");
        return switch (words.type()) {
            case "image", "registry" -> {
                require(dest.isEmpty(), "dest is for files: type=oci,dest=FILE");
                yield new LocalOutput(image((Output.Image) rest.toOutput()), new LocalOutput.Here.Nothing());
            }
            case "oci", "docker" -> archive(rest, dest);
            case "tar" -> new LocalOutput(rest.toOutput(), new LocalOutput.Here.FilesTar(file(dest.orElse("-"))));
            case "local" -> new LocalOutput(rest.toOutput(), new LocalOutput.Here.FilesFolder(folder(dest, "local")));
            case "cacheonly" -> throw new IllegalArgumentException("type=cacheonly is not supported: a build that"
                    + " pushes nothing leaves its image in the farm, as builds/<id>, until it is collected");
            default -> new LocalOutput(rest.toOutput(), new LocalOutput.Here.Nothing());
        };
    }

    private Output.Image image(Output.Image image) {
        require(image.push() == Output.Push.NO || !names.isEmpty() || !image.names().isEmpty(),
                "a name is needed when pushing: add -t NAME, or name=NAME");
        return names.isEmpty() ? image : new Output.Image(List.of(), image.push(), image.form());
    }

    private LocalOutput archive(OutputWords words, Optional<String> dest) {
        boolean docker = words.type().equals("docker");
        boolean tar = words.flag("tar", true);
        OutputWords rest = words.without("tar");
        List<ImageReference> called = names.isEmpty() ? rest.names() : names;
        Output farm = rest.toOutput();
        if (!tar) {
            return new LocalOutput(farm, new LocalOutput.Here.Layout(folder(dest, words.type() + ",tar=false"),
                    called));
        }
        Destination to = docker && dest.isEmpty() ? new Destination.Docker() : file(dest.orElse("-"));
        return new LocalOutput(farm, new LocalOutput.Here.Archive(to, docker, called));
    }

    private static Destination file(String dest) {
        if (dest.equals("-")) {
            return new Destination.StandardOutput();
        }
        require(!dest.isEmpty(), "dest is empty");
        require(!Files.isDirectory(Path.of(dest)), "destination file " + dest + " is a directory");
        return new Destination.File(Path.of(dest));
    }

    private static Path folder(Optional<String> dest, String type) {
        String folder = dest.orElse("");
        require(!folder.isEmpty(), "dest is required for type=" + type + ": add dest=FOLDER");
        require(!folder.equals("-"), "dest cannot be standard output for type=" + type);
        Path path = Path.of(folder);
        require(!Files.exists(path) || Files.isDirectory(path), "destination directory " + folder + " is a file");
        return path;
    }

    private static void require(boolean ok, String problem) {
        if (!ok) {
            throw new IllegalArgumentException(problem);
        }
    }

    /** The same output with annotations for images; an output of files has none. */
    static LocalOutput annotated(LocalOutput output, List<Annotation> more) {
        if (!(output.farm() instanceof Output.Image(var names, var push, ImageForm form))) {
            return output;
        }
        List<Annotation> all = new ArrayList<>(form.annotations());
        all.addAll(more);
        return new LocalOutput(new Output.Image(names, push, form.withAnnotations(all)), output.here());
    }

    /** The same output, pushed. */
    LocalOutput pushed(LocalOutput output) {
        return output.here() instanceof LocalOutput.Here.Nothing
                && output.farm() instanceof Output.Image(var own, var push, ImageForm form) && push == Output.Push.NO
                        ? new LocalOutput(image(new Output.Image(own, Output.Push.TAGS, form)), output.here())
                        : output;
    }
}
