package dev.kiln.executor.frontend;

import java.time.DateTimeException;
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
import dev.kiln.executor.frontend.FrontendException.Code;
import dev.kiln.layercache.oci.Platform;

/**
 * The arguments of one build: those given with the request, the predefined ones, and those declared before the first
 * FROM.
 */
final class BuildArguments {
    private static final String EPOCH = "SOURCE_DATE_EPOCH";
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
    static BuildArguments of(Dockerfile file, FrontendOptions options) throws FrontendException {
        BuilderArguments.refuseUnsupported(options.buildArgs());
        Map<String, String> given = new HashMap<>(options.buildArgs());
        String stage = options.target().or(() -> file.stages().getLast().name()).orElse("default");
        Scope globals = GlobalArguments.evaluate(file.globalArguments(), predefined(options.platform(), stage), given,
                file.expander());
        String text = Optional.ofNullable(given.get(EPOCH)).or(() -> globals.get(EPOCH)).orElse("");
        Optional<Instant> epoch = text.isEmpty() ? Optional.empty() : Optional.of(readEpoch(text));
        Optional<String> normal = epoch.map(time -> Long.toString(time.getEpochSecond()));
        given.computeIfPresent(EPOCH, (name, value) -> normal.orElse(null));
        return new BuildArguments(given, name -> globals.get(name)
            .flatMap(v -> name.equals(EPOCH)
                    ? normal
                    : Optional.of(v)),
                epoch);
    }

    private static Map<String, String> predefined(Platform platform, String stage) {
        Map<String, String> values = new HashMap<>();
        for (String side : List.of("BUILD", "TARGET")) {
            values.put(side + "PLATFORM", platform.toString());
            values.put(side + "OS", platform.os());
            values.put(side + "OSVERSION", "");
            values.put(side + "ARCH", platform.architecture());
            values.put(side + "VARIANT", platform.variant().orElse(""));
        }
        values.put("TARGETSTAGE", stage);
        return values;
    }

    private static Instant readEpoch(String text) throws FrontendException {
        try {
            return Instant.ofEpochSecond(Long.parseLong(text));
        } catch (NumberFormatException | DateTimeException e) {
            throw FrontendException.of(Code.UNSUPPORTED,
                    EPOCH + "=" + text + " is not supported yet: only a number of seconds since 1970 is");
        }
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
