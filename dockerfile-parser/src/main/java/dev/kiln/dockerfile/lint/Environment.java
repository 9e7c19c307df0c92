package dev.kiln.dockerfile.lint;

import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

import org.jspecify.annotations.Nullable;

/**
 * The variables at one point of a walk over the stages. One environment serves the whole walk: what a stage and those
 * built on it did is taken back before the next one is entered.
 */
final class Environment {

    /**
     * A variable.
     *
     * @param certain whether the value is the one that a build will see
     * @param order of the last assignment
     */
    record Variable(String value, boolean certain, long order) {}

    private final Map<String, Variable> variables = new HashMap<>();
    private final Set<String> declared = new HashSet<>();
    private final Deque<Runnable> undo = new ArrayDeque<>();
    private long assignments;

    void set(String name, String value, boolean certain) {
        @Nullable
        Variable before = variables.put(name, new Variable(value, certain, assignments++));
        undo.push(before == null ? () -> variables.remove(name) : () -> variables.put(name, before));
    }

    /** Remembers a build argument, which may go without a value. */
    void declare(String name) {
        if (declared.add(name)) {
            undo.push(() -> declared.remove(name));
        }
    }

    Optional<Variable> find(String name) {
        return Optional.ofNullable(variables.get(name));
    }

    boolean isDeclared(String name) {
        return declared.contains(name);
    }

    /** The one that was probably meant by a name that is not there. */
    Optional<String> suggest(String name, Suggestions suggestions) {
        return suggestions.closest(name, variables.keySet(),
                Comparator.comparingLong(this::order));
    }

    private long order(String name) {
        return find(name).map(Variable::order).orElse(Long.MAX_VALUE);
    }

    /** A point to which {@link #rollBack} can return. */
    int mark() {
        return undo.size();
    }

    void rollBack(int mark) {
        while (undo.size() > mark) {
            undo.pop().run();
        }
    }
}
