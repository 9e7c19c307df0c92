package dev.kiln.executor.frontend;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

import dev.kiln.executor.frontend.FrontendException.Code;

/** Refuses build arguments that ask the builder itself for something it does not do, so that none is ignored. */
final class BuilderArguments {
    private static final Pattern BUILT_IN_SYNTAX = Pattern
        .compile("(docker\\.io/)?docker/dockerfile(:[\\w.-]+)?(@sha256:[0-9a-f]{64})?|dockerfile\\.v0");
    private static final Pattern CHECK_AS_ERROR = Pattern.compile("(?i).*\\berror\\s*=\\s*true\\b.*");
    private static final Set<String> OFF = Set.of("", "0", "false");

    private BuilderArguments() {}

    static void refuseUnsupported(Map<String, String> given) throws FrontendException {
        for (Map.Entry<String, String> argument : new TreeMap<>(given).entrySet()) {
            String value = argument.getValue();
            boolean fine = switch (argument.getKey()) {
                case "BUILDKIT_SYNTAX" -> BUILT_IN_SYNTAX.matcher(value.split("\\s", 2)[0]).matches();
                case "BUILDKIT_DOCKERFILE_CHECK" -> !CHECK_AS_ERROR.matcher(value).matches();
                case "BUILDKIT_INLINE_CACHE", "BUILDKIT_MULTI_PLATFORM", "BUILDKIT_SBOM_SCAN_CONTEXT",
                        "BUILDKIT_SBOM_SCAN_STAGE" ->
                    OFF.contains(value);
                case "BUILDKIT_SANDBOX_HOSTNAME" -> value.isEmpty();
                default -> true;
            };
            if (!fine) {
                throw FrontendException.of(Code.UNSUPPORTED,
                        "the build argument " + argument.getKey() + "=" + value + " is not supported yet");
            }
        }
    }
}
