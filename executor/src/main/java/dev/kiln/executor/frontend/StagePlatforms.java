package dev.kiln.executor.frontend;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import dev.kiln.dockerfile.expand.Expander;
import dev.kiln.dockerfile.expand.Expansion;
import dev.kiln.dockerfile.expand.Scope;
import dev.kiln.dockerfile.instruction.From;
import dev.kiln.dockerfile.source.DockerfileException;
import dev.kiln.dockerfile.source.DockerfileException.Code;
import dev.kiln.dockerfile.source.Suggestion;
import dev.kiln.dockerfile.stage.Stage;
import dev.kiln.layercache.oci.Platform;

/** Which platform each stage asks its base image for. */
final class StagePlatforms {
    private static final List<String> VARIABLES = List.of("BUILDPLATFORM", "TARGETPLATFORM", "BUILDOS", "TARGETOS",
            "BUILDARCH", "TARGETARCH", "BUILDVARIANT", "TARGETVARIANT");

    private final Platform wanted;
    private final Map<Integer, Platform> explicit = new HashMap<>();

    /**
     * @param wanted of stages that do not say
     * @throws DockerfileException when the platform of a stage is blank or malformed, also of one that is not needed
     */
    StagePlatforms(List<Stage> stages, Platform wanted, Scope globals, Expander expander) {
        this.wanted = wanted;
        for (Stage stage : stages) {
            From from = stage.from();
            from.platform().ifPresent(raw -> {
                try {
                    explicit.put(stage.index(), parse(raw, expander.expand(raw, globals)));
                } catch (DockerfileException e) {
                    throw e.at(from.range(), from.origin().text());
                }
            });
        }
    }

    private static Platform parse(String raw, Expansion expansion) {
        if (expansion.text().isEmpty()) {
            throw failure("empty platform value from expression " + raw, expansion);
        }
        try {
            return Platform.parseAny(expansion.text());
        } catch (IllegalArgumentException e) {
            throw failure("failed to parse platform " + raw + ": " + e.getMessage(), expansion);
        }
    }

    private static DockerfileException failure(String message, Expansion expansion) {
        return new DockerfileException(Code.SYNTAX, expansion.unset()
            .stream()
            .findFirst()
            .map(unset -> Suggestion.append(message, unset, VARIABLES))
            .orElse(message));
    }

    Platform of(Stage stage) {
        return explicit.getOrDefault(stage.index(), wanted);
    }

    /** What the stage says, or else the request; empty when neither does. */
    Optional<Platform> said(Stage stage, Optional<Platform> target) {
        return Optional.ofNullable(explicit.get(stage.index())).or(() -> target);
    }

    /** Of stages that do not say, and of images that are only copied from. */
    Platform wanted() {
        return wanted;
    }
}
