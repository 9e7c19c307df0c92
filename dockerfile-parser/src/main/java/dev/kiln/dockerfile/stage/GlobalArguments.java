package dev.kiln.dockerfile.stage;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import dev.kiln.dockerfile.expand.Expander;
import dev.kiln.dockerfile.expand.Scope;
import dev.kiln.dockerfile.instruction.Arg;
import dev.kiln.dockerfile.source.DockerfileException;
import dev.kiln.dockerfile.source.DockerfileException.Code;

/** The build arguments that FROM lines see, and that a stage gets by declaring them again without a value. */
public final class GlobalArguments implements Scope {

    private static final int MOST_TEXT = 32 << 20;

    private final Map<String, String> values;

    private GlobalArguments(Map<String, String> values) {
        this.values = Map.copyOf(values);
    }

    /**
     * Goes through the declarations in order. A default value sees what was declared before it; the value of a build
     * request takes its place without its being looked at.
     *
     * @param predefined such as {@code TARGETPLATFORM}; there without a declaration, and overridden by the request
     * @param requested the arguments of the build request
     * @throws DockerfileException if a default value cannot be expanded
     */
    public static GlobalArguments evaluate(List<Arg> declared, Map<String, String> predefined,
            Map<String, String> requested, Expander expander) {
        Map<String, String> values = new LinkedHashMap<>(predefined);
        values.replaceAll((name, value) -> requested.getOrDefault(name, value));
        long text = 0;
        for (Arg arg : declared) {
            // One after the other: a later name of the same ARG sees an earlier one.
            for (Arg.Declaration declaration : arg.declarations()) {
                Optional<String> value = value(arg, declaration, values, requested, expander);
                value.ifPresent(known -> values.put(declaration.name(), known));
                text += value.map(String::length).orElse(0);
            }
            if (text > MOST_TEXT) {
                throw new DockerfileException(Code.TOO_LARGE,
                        "the global arguments come to more than " + MOST_TEXT + " characters", arg.range(),
                        arg.origin().text());
            }
        }
        return new GlobalArguments(values);
    }

    private static Optional<String> value(Arg arg, Arg.Declaration declaration, Map<String, String> values,
            Map<String, String> requested, Expander expander) {
        if (requested.containsKey(declaration.name())) {
            return Optional.ofNullable(requested.get(declaration.name()));
        }
        try {
            return declaration.defaultValue().map(raw -> expander.word(raw, Scope.of(values)));
        } catch (DockerfileException failed) {
            throw failed.at(arg.range(), arg.origin().text());
        }
    }

    @Override
    public Optional<String> get(String name) {
        return Optional.ofNullable(values.get(name));
    }
}
