package dev.kiln.dockerfile.lint;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

import dev.kiln.dockerfile.Dockerfile;
import dev.kiln.dockerfile.expand.Scope;
import dev.kiln.dockerfile.instruction.Arg;
import dev.kiln.dockerfile.instruction.From;
import dev.kiln.dockerfile.source.DockerfileException;
import dev.kiln.dockerfile.source.DockerfileException.Code;
import dev.kiln.dockerfile.stage.GlobalArguments;
import dev.kiln.dockerfile.stage.Stage;

/** The rules about what stands in FROM lines, and the meaning of those lines for the rules after them. */
final class FromRules {

    /** A FROM after expansion. */
    record Base(String image, Optional<PlatformName> platform, Optional<String> platformText) {}

    private static final String TARGET_PLATFORM = "TARGETPLATFORM";

    private final Dockerfile file;
    private final Switches fileSwitches;
    private final Findings findings;
    private final Words words;
    private final Suggestions suggestions;
    /** All names that FROM lines may use, with a value or without. */
    private final Set<String> known;

    FromRules(Dockerfile file, Switches fileSwitches, Findings findings, Words words, Suggestions suggestions,
            Map<String, String> predefined) {
        this.file = file;
        this.fileSwitches = fileSwitches;
        this.findings = findings;
        this.words = words;
        this.suggestions = suggestions;
        this.known = new LinkedHashSet<>(predefined.keySet());
        for (Arg arg : file.globalArguments()) {
            arg.declarations().forEach(declaration -> known.add(declaration.name()));
        }
    }

    /** Whether every base still has a name that can be one when no build arguments are given. */
    void defaults(Map<String, String> predefined) {
        try {
            Scope globals = GlobalArguments.evaluate(file.globalArguments(), predefined, Map.of(), file.expander());
            for (Stage stage : file.stages()) {
                if (!ImageNames.valid(words.word(stage.from().image(), globals).orThrow())) {
                    findings.add(fileSwitches, Rule.INVALID_DEFAULT_ARG_IN_FROM, stage.from().range(),
                            "Default value for ARG " + stage.from().image()
                                    + " results in empty or invalid base image name");
                }
            }
        } catch (DockerfileException failed) {
            // An expansion that fails with the defaults alone says nothing about a build with arguments; one that fails
            // in any case is reported when the arguments are known.
        }
    }

    /** @throws DockerfileException if a FROM line has no meaning */
    List<Base> bases(Scope globals) {
        List<Base> bases = new ArrayList<>(file.stages().size());
        for (Stage stage : file.stages()) {
            try {
                bases.add(base(stage.from(), globals));
            } catch (DockerfileException failed) {
                throw failed.at(stage.from().range(), stage.from().origin().text());
            }
        }
        return bases;
    }

    private Base base(From from, Scope globals) {
        Switches switches = fileSwitches.with(from.origin().comments());
        Words.Expanded image = words.word(from.image(), globals);
        undefined(switches, from, image);
        if (image.orThrow().isEmpty()) {
            throw new DockerfileException(Code.SYNTAX, "base name (" + from.image() + ") should not be blank");
        }
        Optional<String> flag = from.platform().filter(text -> !text.isEmpty());
        if (flag.isEmpty()) {
            return new Base(image.orThrow(), Optional.empty(), Optional.empty());
        }
        Words.Expanded platform = words.word(flag.get(), globals);
        undefined(switches, from, platform);
        redundant(switches, from, platform, globals);
        constant(switches, from, platform);
        return new Base(image.orThrow(), Optional.of(platform(flag.get(), platform)), platform.text());
    }

    private void undefined(Switches switches, From from, Words.Expanded word) {
        for (String name : word.missing()) {
            if (!known.contains(name)) {
                findings.add(switches, Rule.UNDEFINED_ARG_IN_FROM, from.range(),
                        "FROM argument '" + name + "' is not declared" + didYouMean(name));
            }
        }
    }

    private String didYouMean(String name) {
        return suggestions.closest(name, known, (first, second) -> 0)
            .map(meant -> " (did you mean " + meant + "?)")
            .orElse("");
    }

    private void redundant(Switches switches, From from, Words.Expanded platform, Scope globals) {
        if (platform.found().equals(Set.of(TARGET_PLATFORM)) && platform.missing().isEmpty()
                && platform.text().equals(globals.get(TARGET_PLATFORM))) {
            findings.add(switches, Rule.REDUNDANT_TARGET_PLATFORM, from.range(), "Setting platform to predefined "
                    + from.platform().orElseThrow() + " in FROM is redundant as this is the default behavior");
        }
    }

    private void constant(Switches switches, From from, Words.Expanded platform) {
        if (!platform.found().isEmpty() || !platform.missing().isEmpty() || platform.failure().isPresent()) {
            return;
        }
        PlatformName parsed;
        try {
            parsed = PlatformName.parse(platform.orThrow());
        } catch (DockerfileException invalid) {
            // Reported as an error right after this.
            return;
        }
        String stage = from.stageName().orElse("");
        if (!contains(stage, parsed.os()) && !contains(stage, parsed.architecture())) {
            findings.add(switches, Rule.FROM_PLATFORM_FLAG_CONST_DISALLOWED, from.range(),
                    "FROM --platform flag should not use constant value \"" + platform.orThrow() + "\"");
        }
    }

    private static boolean contains(String stage, String word) {
        return !word.isEmpty() && stage.contains(word);
    }

    private PlatformName platform(String written, Words.Expanded platform) {
        String text = platform.orThrow();
        if (text.isEmpty()) {
            throw new DockerfileException(Code.FLAG,
                    "empty platform value from expression " + written + suggestion(platform));
        }
        try {
            return PlatformName.parse(text);
        } catch (DockerfileException invalid) {
            throw new DockerfileException(invalid.code(),
                    "failed to parse platform " + written + ": " + invalid.message() + suggestion(platform));
        }
    }

    private String suggestion(Words.Expanded platform) {
        return platform.missing().stream().map(this::didYouMean).filter(text -> !text.isEmpty()).findFirst().orElse("");
    }
}
