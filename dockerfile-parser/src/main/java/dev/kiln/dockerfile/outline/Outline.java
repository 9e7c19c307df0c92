package dev.kiln.dockerfile.outline;

import java.util.List;
import java.util.Map;
import java.util.Optional;

import dev.kiln.dockerfile.Dockerfile;
import dev.kiln.dockerfile.source.DockerfileException;
import dev.kiln.dockerfile.source.SourceRange;

/**
 * What building a target takes: each list in the order of the file.
 *
 * @param name of the stage; empty when it has none
 * @param description what the comment above the stage says about it
 */
public record Outline(Optional<String> name, Optional<String> description, List<Argument> arguments,
        List<Access> secrets, List<Access> ssh) {

    /** @param value that it has in this build; empty for none */
    public record Argument(String name, Optional<String> description, Optional<String> value, SourceRange range) {}

    /** A secret or key that a step asks for; the first that does in the nearest stage counts. */
    public record Access(String id, boolean required, SourceRange range) {}

    public Outline {
        arguments = List.copyOf(arguments);
        secrets = List.copyOf(secrets);
        ssh = List.copyOf(ssh);
    }

    /**
     * Goes through what the target needs. Images are not looked at: what their environment would put into a default value
     * is missing there.
     *
     * @param target the last stage when empty
     * @param requested build arguments of the request
     * @param predefined such as {@code TARGETPLATFORM}
     * @throws DockerfileException as building the target would, as far as that needs no image
     */
    public static Outline of(Dockerfile file, Optional<String> target, Map<String, String> requested,
            Map<String, String> predefined) {
        return new OutlineWalk(file, requested, predefined).outline(target);
    }
}
