package dev.kiln.layercache.oci;

import java.util.Set;

/**
 * Repositories of the farm's own registry that the farm keeps for itself: only it gives names there, though anybody with the
 * right to may read them.
 */
public final class FarmRepositories {
    /** Contexts and images that clients send along with builds. */
    public static final String CONTEXTS = "contexts";
    /** Images that are not pushed, and logs. */
    public static final String BUILDS = "builds";
    /** Layers of base images that executors hand each other. */
    public static final String MIRROR = "mirror";
    /** Results of steps that executors hand each other. */
    public static final String STEPS = "steps";

    /** The annotation of a manifest in {@link #STEPS} that has all tags under which it was put, with spaces between them. */
    public static final String STEP_KEYS = "dev.kiln.step.keys";

    private static final Set<String> ALL = Set.of(CONTEXTS, BUILDS, MIRROR, STEPS);

    private FarmRepositories() {}

    /** Whether a repository of the farm's own registry is one of these, or below one. */
    public static boolean isReserved(String repository) {
        int slash = repository.indexOf('/');
        return ALL.contains(slash < 0 ? repository : repository.substring(0, slash));
    }

    /** All of them, for people. */
    public static String names() {
        return String.join(", ", ALL.stream().sorted().toList());
    }
}
