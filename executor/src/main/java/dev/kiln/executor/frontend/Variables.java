package dev.kiln.executor.frontend;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;

import dev.kiln.dockerfile.expand.Scope;

/** The variables a stage sees: the environment and the arguments in one list, in the order in which they were last set. */
final class Variables implements Scope {
    /** {@code KEY=value} by name: made once for all steps and stages that see it. */
    private final LinkedHashMap<String, String> entries;
    /** Shared by the steps that see the same; absent after a change. */
    private Optional<List<String>> list = Optional.empty();
    private long characters;

    Variables() {
        this(new LinkedHashMap<>(), 0);
    }

    private Variables(LinkedHashMap<String, String> entries, long characters) {
        this.entries = entries;
        this.characters = characters;
    }

    void set(String name, String value) {
        setEntry(name, name + "=" + value);
    }

    /** @param entry {@code KEY=value}, or the key alone for an empty value */
    void setEntry(String name, String entry) {
        String before = entries.putLast(name, entry);
        characters += entry.length() - (before == null ? 0 : before.length());
        list = Optional.empty();
    }

    @Override
    public Optional<String> get(String name) {
        return Optional.ofNullable(entries.get(name))
            .map(entry -> entry.length() > name.length() ? entry.substring(name.length() + 1) : "");
    }

    int size() {
        return entries.size();
    }

    /** The length of all entries together. */
    long characters() {
        return characters;
    }

    /** {@code KEY=value}, in order. */
    List<String> entries() {
        List<String> current = list.orElseGet(() -> List.copyOf(entries.values()));
        list = Optional.of(current);
        return current;
    }

    Variables copy() {
        return new Variables(new LinkedHashMap<>(entries), characters);
    }
}
