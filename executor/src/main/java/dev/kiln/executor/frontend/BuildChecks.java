package dev.kiln.executor.frontend;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

import dev.kiln.dockerfile.Dockerfile;
import dev.kiln.dockerfile.ignore.IgnorePatterns;
import dev.kiln.dockerfile.lint.BaseImage;
import dev.kiln.dockerfile.lint.LintContext;
import dev.kiln.dockerfile.lint.LintReport;
import dev.kiln.dockerfile.lint.Linter;
import dev.kiln.dockerfile.stage.Source;
import dev.kiln.executor.frontend.SourceResolver.Found;
import dev.kiln.layercache.oci.ImageConfig;
import dev.kiln.layercache.oci.Platform;

/** The build checks, with what a build knows: its base images, and what the client left out of the context. */
final class BuildChecks {

    private BuildChecks() {}

    static LintReport check(Dockerfile file, FrontendOptions options, SourceResolver sources) {
        Platform wanted = options.platforms().wanted();
        return Linter.lint(file,
                new LintContext(options.buildArgs(), BuildArguments.predefined(options.platforms()), options.target(),
                        LintContext.Reach.BUILT, options.contexts().ignored().orElse(IgnorePatterns.NONE),
                        (image, platform) -> sources.image(new Source.Image(image), platform(platform, wanted))
                            .map(found -> known(found, platform(platform, wanted)))));
    }

    private static Platform platform(Optional<String> text, Platform wanted) {
        return text.map(Platform::parseAny).orElse(wanted);
    }

    /** Other variants are not found fault with. */
    private static boolean isFor(Platform image, Platform wanted) {
        return image.os().equals(wanted.os()) && image.architecture().equals(wanted.architecture());
    }

    private static BaseImage known(Found.Image found, Platform wanted) {
        ImageConfig config = found.image().config();
        Map<String, String> environment = new LinkedHashMap<>();
        for (String entry : config.config().env()) {
            int equals = entry.indexOf('=');
            environment.put(equals < 0 ? entry : entry.substring(0, equals),
                    equals < 0 ? "" : entry.substring(equals + 1));
        }
        return new BaseImage(environment, !config.config().shell().isEmpty(),
                isFor(config.platform().normalized(), wanted)
                        ? Optional.empty()
                        : Optional.of(config.platform().toString()),
                config.config().onBuild());
    }
}
