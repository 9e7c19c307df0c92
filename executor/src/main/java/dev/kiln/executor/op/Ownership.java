package dev.kiln.executor.op;

import java.util.Optional;

import dev.kiln.layercache.posix.FileStat.Owner;

/**
 * Whom copied files belong to.
 *
 * @param given for everything, when {@code --chown} says so; then also for directories made on the way
 * @param reset true when files that {@code given} says nothing of belong to root, whoever had them before
 */
record Ownership(Optional<Owner> given, boolean reset) {

    Owner of(Owner before) {
        return given.orElse(reset ? Owner.ROOT : before);
    }

    /** True when whom a file belonged to before makes no difference. */
    boolean forgetsOwners() {
        return reset || given.isPresent();
    }
}
