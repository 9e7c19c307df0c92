package dev.kiln.queue.job;

import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

import static dev.kiln.queue.job.Checks.check;

/**
 * The files of a build.
 *
 * @param context what COPY and ADD take from when they do not say otherwise
 * @param dockerfile path of the Dockerfile, with {@code /} between names: in {@code dockerfileFrom} when that is there,
 *        else in the context
 * @param dockerfileFrom a small tar with the Dockerfile, when the context does not have it
 * @param named further contexts and images by the names that FROM, COPY and RUN give them
 * @param ignorePatterns the .dockerignore file that the client applied to the context, as it is written; absent when
 *        there was none, or one too large to be sent along
 */
public record BuildFiles(ContextRef context, String dockerfile, Optional<ContextRef.Uploaded> dockerfileFrom,
        Map<String, NamedContext> named, Optional<String> ignorePatterns) {
    public static final String USUAL_DOCKERFILE = "Dockerfile";

    /** What is sent along of a .dockerignore file at most, in characters. */
    public static final int MAX_IGNORE = 64 << 10;

    private static final int MAX_PATH = 4096;
    private static final int MAX_NAME = 512;

    public BuildFiles {
        named = Collections.unmodifiableMap(new TreeMap<>(named));
        check(!dockerfile.isBlank(), "the path of the Dockerfile is empty");
        check(dockerfile.length() <= MAX_PATH, "the path of the Dockerfile has more than " + MAX_PATH + " characters");
        check(dockerfile.indexOf(0) < 0, "the path of the Dockerfile holds a NUL character");
        check(!(context instanceof ContextRef.Empty) || dockerfileFrom.isPresent(),
                "a build without a context needs a Dockerfile of its own: dockerfileFrom");
        named.keySet().forEach(BuildFiles::checkName);
        check(ignorePatterns.map(String::length).orElse(0) <= MAX_IGNORE,
                "ignorePatterns has more than " + MAX_IGNORE + " characters");
    }

    /** The context, with its Dockerfile where it usually is. */
    public static BuildFiles of(ContextRef context) {
        return new BuildFiles(context, USUAL_DOCKERFILE, Optional.empty(), Map.of(), Optional.empty());
    }

    public BuildFiles withDockerfile(String path) {
        return new BuildFiles(context, path, dockerfileFrom, named, ignorePatterns);
    }

    private static void checkName(String name) {
        check(!name.isBlank() && name.length() <= MAX_NAME && !Checks.hasControl(name),
                "a named context needs a name of 1 to " + MAX_NAME + " characters");
    }
}
