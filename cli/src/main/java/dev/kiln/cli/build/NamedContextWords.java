package dev.kiln.cli.build;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

import dev.kiln.dockerfile.remote.GitRef;
import dev.kiln.dockerfile.source.DockerfileException;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.ImageReference;
import dev.kiln.queue.job.ContextRef;
import dev.kiln.queue.job.NamedContext;

/** The value of {@code --build-context}: {@code NAME=VALUE}. */
record NamedContextWords(String name, Value value) {
    private static final String OCI_LAYOUT = "oci-layout://";
    private static final String IMAGE = "docker-image://";

    /** What the name stands for. */
    sealed interface Value {

        /** A folder of this machine. */
        record Folder(Path path) implements Value {}

        /** An image in a folder of this machine, in the form of OCI's image-layout. */
        record Layout(Path path, Optional<String> tag, Optional<Digest> digest) implements Value {}

        /** What the farm finds itself. */
        record Elsewhere(NamedContext context) implements Value {}
    }

    static NamedContextWords parse(String words) throws OptionException {
        int equals = words.indexOf('=');
        if (equals < 1 || words.substring(0, equals).isBlank()) {
            throw new OptionException(
                    "--build-context: invalid context value: " + words + ", expected NAME=VALUE");
        }
        String name = words.substring(0, equals).strip();
        return new NamedContextWords(name, value("--build-context " + name + ": ", words.substring(equals + 1)));
    }

    private static Value value(String option, String text) throws OptionException {
        try {
            if (text.startsWith(IMAGE)) {
                return new Value.Elsewhere(
                        new NamedContext.Image(ImageReference.parse(text.substring(IMAGE.length()))));
            }
            if (text.startsWith(OCI_LAYOUT)) {
                return layout(text.substring(OCI_LAYOUT.length()));
            }
            if (text.startsWith("target:")) {
                throw new OptionException(option
                        + "target: names a target of another build in the same bake file, which"
                        + " kiln build has not: build that target first and name its image with docker-image://");
            }
            Path folder = Path.of(text);
            if (Files.isDirectory(folder)) {
                return new Value.Folder(folder);
            }
            if (GitRef.parse(text).isPresent()) {
                return new Value.Elsewhere(new NamedContext.Files(new ContextRef.Git(text)));
            }
            if (text.startsWith("http://") || text.startsWith("https://")) {
                return new Value.Elsewhere(new NamedContext.Files(new ContextRef.Http(URI.create(text))));
            }
            throw new OptionException(option + (Files.exists(folder)
                    ? text + " is not a folder"
                    : "path \"" + text + "\" not found, and it is no address"));
        } catch (DockerfileException e) {
            throw new OptionException(option + e.message());
        } catch (IllegalArgumentException e) {
            throw new OptionException(option + e.getMessage());
        }
    }

    /** {@code PATH[:TAG][@DIGEST]}. */
    private static Value layout(String text) {
        int at = text.indexOf('@');
        String path = at < 0 ? text : text.substring(0, at);
        Optional<Digest> digest = at < 0 ? Optional.empty() : Optional.of(Digest.parse(text.substring(at + 1)));
        int colon = path.lastIndexOf(':');
        boolean tagged = colon > path.lastIndexOf('/');
        return new Value.Layout(Path.of(tagged ? path.substring(0, colon) : path),
                tagged ? Optional.of(path.substring(colon + 1)) : Optional.empty(), digest);
    }
}
