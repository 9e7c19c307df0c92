package dev.kiln.executor.frontend;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;

import dev.kiln.dockerfile.expand.Scope;

/** The variables a stage sees: the environment and the arguments in one list, in the order in which they were last set. */
final class Variables implements Scope {
    private final LinkedHashMap<String, String> values;

    Variables() {
        this(new LinkedHashMap<>());
    }

    private Variables(LinkedHashMap<String, String> values) {
        this.values = values;
    }

    void set(String name, String value) {
        values.putLast(name, value);
    }

    @Override
    public Optional<String> get(String name) {
        return Optional.ofNullable(values.get(name));
    }

    /** {@code KEY=value}, in order. */
    List<String> entries() {
        return values.entrySet().stream().map(e -> e.getKey() + "=" + e.getValue()).toList();
    }

    Variables copy() {
        return new Variables(new LinkedHashMap<>(values));
    }
}
