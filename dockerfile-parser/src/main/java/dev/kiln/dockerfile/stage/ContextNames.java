package dev.kiln.dockerfile.stage;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The named contexts of a build. One of them takes the place of a stage of its name, of an image of its name, or of what
 * {@code --from} would find. Image names mean the same with and without {@code docker.io/library/} and {@code :latest}.
 */
public final class ContextNames {

    /** What a name without a host may be written with, the longest first. */
    private static final List<String> IMPLIED_PREFIXES = List.of("docker.io/library/", "index.docker.io/library/",
            "docker.io/", "index.docker.io/");
    private static final String IMPLIED_TAG = ":latest";

    public static final ContextNames NONE = new ContextNames(Set.of());

    private final Set<String> names = new HashSet<>();

    /** @param names as the request has them */
    public ContextNames(Set<String> names) {
        names.forEach(name -> this.names.add(normal(name)));
    }

    /** The form of the name under which a context is known, if there is one for it. */
    public Optional<String> find(String name) {
        return Optional.of(normal(name)).filter(names::contains);
    }

    /** The same name for all ways to write it. */
    public static String normal(String name) {
        String bare = name.endsWith(IMPLIED_TAG) ? name.substring(0, name.length() - IMPLIED_TAG.length()) : name;
        return IMPLIED_PREFIXES.stream()
            .filter(bare::startsWith)
            .findFirst()
            .map(prefix -> bare.substring(prefix.length()))
            .orElse(bare);
    }
}
