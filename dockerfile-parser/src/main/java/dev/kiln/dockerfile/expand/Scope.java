package dev.kiln.dockerfile.expand;

import java.util.Map;
import java.util.Optional;

/** The variables that an expansion may see. A variable that is set to the empty string is present. */
@FunctionalInterface
public interface Scope {

    Scope EMPTY = name -> Optional.empty();

    Optional<String> get(String name);

    /** A view of the map: later changes to it are seen. */
    static Scope of(Map<String, String> variables) {
        return name -> Optional.ofNullable(variables.get(name));
    }

    /** This scope, and where a name is not set here, the other one. */
    default Scope orElse(Scope fallback) {
        return name -> get(name).or(() -> fallback.get(name));
    }
}
