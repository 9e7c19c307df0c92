package dev.kiln.dockerfile.lint;

import java.util.Optional;

import dev.kiln.dockerfile.source.DockerfileException;
import dev.kiln.dockerfile.stage.Stage;

/** Finds base images that came for another platform than the one that was asked for. */
final class BaseImagePlatforms {

    private final LintContext context;
    private final Switches switches;
    private final Findings findings;

    BaseImagePlatforms(LintContext context, Switches switches, Findings findings) {
        this.context = context;
        this.switches = switches;
        this.findings = findings;
    }

    void check(Stage stage, FromRules.Base base, BaseImage image) {
        Optional<PlatformName> expected = base.platform()
            .or(() -> Optional.ofNullable(context.predefined().get("TARGETPLATFORM")).flatMap(this::read));
        Optional<PlatformName> actual = image.platform().flatMap(this::read);
        if (expected.isPresent() && actual.isPresent() && !expected.get().sameMachine(actual.get())) {
            findings.add(switches, Rule.INVALID_BASE_IMAGE_PLATFORM, stage.from().range(),
                    "Base image " + base.image() + " was pulled with platform \"" + actual.get() + "\", expected \""
                            + expected.get() + "\" for current build");
        }
    }

    /** What comes from outside of the file and is no platform cannot be compared. */
    private Optional<PlatformName> read(String text) {
        try {
            return Optional.of(PlatformName.parse(text));
        } catch (DockerfileException invalid) {
            return Optional.empty();
        }
    }
}
