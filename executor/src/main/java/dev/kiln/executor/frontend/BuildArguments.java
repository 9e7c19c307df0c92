package dev.kiln.executor.frontend;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

import dev.kiln.dockerfile.Dockerfile;
import dev.kiln.dockerfile.expand.Expander;
import dev.kiln.dockerfile.expand.Scope;
import dev.kiln.dockerfile.instruction.Arg;
import dev.kiln.dockerfile.source.DockerfileException;
import dev.kiln.dockerfile.stage.GlobalArguments;
import dev.kiln.executor.frontend.FrontendOptions.Platforms;
import dev.kiln.layercache.oci.Platform;

/**
 * The arguments of one build: those given with the request, the predefined ones, and those declared before the first
 * FROM.
 */
final class BuildArguments {
    private static final List<String> PROXIES = List.of("HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY",
            "ALL_PROXY");
    /** Asked for by scanners of the result; never part of an environment. */
    private static final List<String> NOT_IN_ENVIRONMENT = List.of("BUILDKIT_SBOM_SCAN_CONTEXT",
            "BUILDKIT_SBOM_SCAN_STAGE");

    private final Map<String, String> given;
    private final Scope globals;
    private final Optional<Instant> epoch;

    private BuildArguments(Map<String, String> given, Scope globals, Optional<Instant> epoch) {
        this.given = given;
        this.globals = globals;
        this.epoch = epoch;
    }

    /** @throws DockerfileException when a default cannot be expanded */
    static BuildArguments of(Dockerfile file, FrontendOptions options, ContextLookup contexts)
            throws FrontendException, InterruptedException {
        BuilderArguments.refuseUnsupported(options.buildArgs());
        Map<String, String> given = new HashMap<>(options.buildArgs());
        String stage = options.target().or(() -> file.stages().getLast().name()).orElse("default");
        Scope globals = GlobalArguments.evaluate(file.globalArguments(), predefined(options.platforms(), stage), given,
                file.expander());
        String text = Optional.ofNullable(given.get(SourceDateEpoch.NAME))
            .or(() -> globals.get(SourceDateEpoch.NAME))
            .orElse("");
        Optional<Instant> epoch = new SourceDateEpoch(file, options, contexts).resolve(text,
                name -> name.equals(SourceDateEpoch.NAME) ? Optional.empty() : globals.get(name));
        Optional<String> normal = epoch.map(time -> Long.toString(time.getEpochSecond()));
        boolean said = given.containsKey(SourceDateEpoch.NAME) || !text.isEmpty();
        given.computeIfPresent(SourceDateEpoch.NAME, (name, value) -> normal.orElse(null));
        return new BuildArguments(given,
                name -> globals.get(name)
                    .flatMap(v -> said && name.equals(SourceDateEpoch.NAME)
                            ? normal
                            : Optional.of(v)),
                epoch);
    }

    private static Map<String, String> predefined(Platforms platforms, String stage) {
        Map<String, String> values = new HashMap<>(predefined(platforms));
        values.put("TARGETSTAGE", stage);
        return values;
    }

    /** What FROM lines see of platforms without a declaration. */
    static Map<String, String> predefined(Platforms platforms) {
        Map<String, String> values = new HashMap<>();
        for (String side : List.of("BUILD", "TARGET")) {
            Platform platform = side.equals("BUILD") ? platforms.build() : platforms.wanted();
            values.put(side + "PLATFORM", platform.toString());
            values.put(side + "OS", platform.os());
            values.put(side + "OSVERSION", "");
            values.put(side + "ARCH", platform.architecture());
            values.put(side + "VARIANT", platform.variant().orElse(""));
        }
        return values;
    }

    /** The value that the declaration has in a stage, if any: the request's, its default's, or the global one. */
    Optional<String> valueInStage(Arg.Declaration declared, Expander expander, Scope scope) {
        return Optional.ofNullable(given.get(declared.name()))
            .or(() -> declared.defaultValue().isPresent()
                    ? declared.defaultValue().map(raw -> expander.word(raw, scope))
                    : globals.get(declared.name()));
    }

    /** What FROM lines see. */
    Scope globals() {
        return globals;
    }

    /** The value in the request; empty when it is absent or the empty text. */
    Optional<String> given(String name) {
        return Optional.ofNullable(given.get(name)).filter(value -> !value.isEmpty());
    }

    boolean inEnvironment(String name) {
        return !NOT_IN_ENVIRONMENT.contains(name);
    }

    /** {@code KEY=value} for every step, in both cases of each name; of two cases of one name the lower wins. */
    List<String> proxyEnv() {
        Map<String, String> byName = new HashMap<>();
        new TreeMap<>(given).forEach((name, value) -> byName.put(name.toUpperCase(Locale.ROOT), value));
        List<String> env = new ArrayList<>();
        for (String name : PROXIES) {
            String value = byName.getOrDefault(name, "");
            if (!value.isEmpty()) {
                env.add(name + "=" + value);
                env.add(name.toLowerCase(Locale.ROOT) + "=" + value);
            }
        }
        return List.copyOf(env);
    }

    /** The time that new history entries get; empty when nobody asked for one. */
    Optional<Instant> epoch() {
        return epoch;
    }
}
