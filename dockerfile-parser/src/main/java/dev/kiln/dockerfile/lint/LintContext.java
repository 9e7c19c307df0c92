package dev.kiln.dockerfile.lint;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

import dev.kiln.dockerfile.ignore.IgnorePatterns;

/**
 * What a check is told from outside of the file.
 *
 * @param buildArguments of the request; {@value #CHECK} among them takes the place of the file's own check directive
 * @param predefined what FROM lines see without a declaration, such as {@code TARGETPLATFORM}; the request overrides it
 * @param target the stage to build, if one is named
 * @param reach which stages are looked into
 * @param ignored what stays out of the build context; {@link IgnorePatterns#NONE} if the context is not a local folder
 */
public record LintContext(Map<String, String> buildArguments, Map<String, String> predefined, Optional<String> target,
        Reach reach, IgnorePatterns ignored, BaseImages baseImages) {

    /** The build argument that replaces the check directive. */
    public static final String CHECK = "BUILDKIT_DOCKERFILE_CHECK";

    /** Which stages are looked into. What is written wrong in itself is found everywhere. */
    public enum Reach {
        /** The target, or the last stage if none is named, and what it is built from: right for a build. */
        BUILT,
        /** As above if a target is named, else every stage: right for a check on its own. */
        ALL_WITHOUT_TARGET
    }

    public LintContext {
        buildArguments = Collections.unmodifiableMap(new LinkedHashMap<>(buildArguments));
        predefined = Collections.unmodifiableMap(new LinkedHashMap<>(predefined));
    }

    /** A check on its own of which nothing is known but the file. */
    public static LintContext ofFileAlone() {
        return new LintContext(Map.of(), Map.of(), Optional.empty(), Reach.ALL_WITHOUT_TARGET, IgnorePatterns.NONE,
                BaseImages.UNKNOWN);
    }

    public LintContext withBuildArguments(Map<String, String> arguments) {
        return new LintContext(arguments, predefined, target, reach, ignored, baseImages);
    }
}
