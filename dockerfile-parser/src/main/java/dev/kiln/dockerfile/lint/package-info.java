/**
 * Checks of a Dockerfile that can be built but probably does not do what its author meant, with the names, messages and
 * places of BuildKit's build checks.
 *
 * <p>
 * Terms: a <em>rule</em> is one kind of mistake, a <em>finding</em> one occurrence of it. {@link
 * dev.kiln.dockerfile.lint.Linter} is the entry; it reads nothing but its arguments, so that what the build knows (build
 * arguments, ignore patterns, base images) comes in as data. Time and memory are linear in the file, with bounds on what
 * its variables may expand to. Results are immutable. May import {@code dockerfile} and what that imports.
 */
@NullMarked
package dev.kiln.dockerfile.lint;

import org.jspecify.annotations.NullMarked;
