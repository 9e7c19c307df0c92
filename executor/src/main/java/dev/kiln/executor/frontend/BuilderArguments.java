package dev.kiln.executor.frontend;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

import dev.kiln.executor.frontend.ContextLookup.GitDefaults;
import dev.kiln.executor.frontend.FrontendException.Code;

/**
 * Build arguments that speak to the builder itself. Those that ask for something it does not do are refused, so that none
 * is ignored; what asks for scans of the result has no effect here, as no build asks for an attestation yet.
 */
final class BuilderArguments {
    private static final Pattern BUILT_IN_SYNTAX = Pattern
        .compile("(docker\\.io/)?docker/dockerfile(:[\\w.-]+)?(@sha256:[0-9a-f]{64})?|dockerfile\\.v0");
    private static final Set<String> OFF = Set.of("", "0", "f", "F", "false", "FALSE", "False");
    private static final Set<String> ON = Set.of("1", "t", "T", "true", "TRUE", "True");

    private BuilderArguments() {}

    static void refuseUnsupported(Map<String, String> given) throws FrontendException {
        for (Map.Entry<String, String> argument : new TreeMap<>(given).entrySet()) {
            String value = argument.getValue();
            boolean fine = switch (argument.getKey()) {
                case "BUILDKIT_SYNTAX" -> BUILT_IN_SYNTAX.matcher(value.split("\\s", 2)[0]).matches();
                case "BUILDKIT_MULTI_PLATFORM" -> OFF.contains(value);
                default -> true;
            };
            if (!fine) {
                throw FrontendException.of(Code.UNSUPPORTED,
                        "the build argument " + argument.getKey() + "=" + value + " is not supported yet");
            }
        }
    }

    /** How a git context is checked out. With a time of its own for the image, files get that of the commit. */
    static GitDefaults gitDefaults(Map<String, String> given) {
        return new GitDefaults(ON.contains(given.getOrDefault("BUILDKIT_CONTEXT_KEEP_GIT_DIR", "")),
                !given.getOrDefault("SOURCE_DATE_EPOCH", "").isEmpty());
    }
}
