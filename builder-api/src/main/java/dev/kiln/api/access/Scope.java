package dev.kiln.api.access;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Rights on one repository, as clients ask for them: {@code repository:NAME:pull,push}; {@code *} asks for all. */
record Scope(String repository, Set<Right> rights) {
    private static final int MAX_SCOPES = 32;
    private static final int MAX_NAME = 255;

    Scope {
        rights = rights.isEmpty() ? Set.of() : EnumSet.copyOf(rights);
    }

    /** Those in texts that hold several each, separated by spaces; what is no scope of a repository is passed over. */
    static List<Scope> all(List<String> texts) {
        List<Scope> scopes = new ArrayList<>();
        for (String text : texts) {
            for (String word : text.split(" ")) {
                of(word).ifPresent(scopes::add);
                if (scopes.size() > MAX_SCOPES) {
                    throw new IllegalArgumentException("expected " + MAX_SCOPES + " scopes at most");
                }
            }
        }
        return scopes;
    }

    private static Optional<Scope> of(String text) {
        String[] parts = text.split(":");
        if (parts.length != 3 || !parts[0].equals("repository") || parts[1].length() > MAX_NAME
                || !parts[1].matches("[a-z0-9._/-]+")) {
            return Optional.empty();
        }
        Set<Right> rights = EnumSet.noneOf(Right.class);
        for (String word : parts[2].split(",")) {
            if (word.equals("*")) {
                rights.addAll(EnumSet.allOf(Right.class));
            }
            Right.of(word).ifPresent(rights::add);
        }
        return Optional.of(new Scope(parts[1], rights));
    }

    /** What of it the caller has. */
    Scope within(Caller caller) {
        return new Scope(repository,
                rights.stream().filter(right -> caller.may(right, repository)).collect(Collectors.toSet()));
    }

    boolean covers(Right right, String name) {
        return rights.contains(right) && repository.equals(name);
    }

    @Override
    public String toString() {
        return "repository:" + repository + ":"
                + Arrays.stream(Right.values())
                    .filter(rights::contains)
                    .map(Right::word)
                    .collect(Collectors.joining(","));
    }
}
