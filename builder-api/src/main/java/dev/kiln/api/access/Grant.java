package dev.kiln.api.access;

import java.util.Set;

/** Rights on the repositories of a pattern. */
record Grant(RepositoryPattern repositories, Set<Right> rights) {
    Grant {
        rights = Set.copyOf(rights);
    }

    boolean allows(Right right, String repository) {
        return rights.contains(right) && repositories.matches(repository);
    }
}
