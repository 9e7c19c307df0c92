package dev.kiln.api.builds;

import java.util.Locale;

import dev.kiln.api.http.ProblemType;

/** What can be wrong with builds and contexts, beyond what can be wrong with any request. */
public enum BuildProblem implements ProblemType {
    BUILD_ENDED(409, "The build has ended already"),
    DOCKERFILE(422, "The Dockerfile cannot be built"),
    CONTEXT(422, "The context is refused"),
    UNKNOWN_CONTEXT(422, "The context is not here"),
    RESERVED_NAME(422, "The name is the farm's own"),
    NO_SECRET_KEY(422, "The farm cannot take secrets"),
    QUEUE_FULL(429, "Too many builds wait");

    private final int status;
    private final String title;

    BuildProblem(int status, String title) {
        this.status = status;
        this.title = title;
    }

    @Override
    public String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    @Override
    public int status() {
        return status;
    }

    @Override
    public String title() {
        return title;
    }
}
