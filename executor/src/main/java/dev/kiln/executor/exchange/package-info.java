/**
 * Caches that travel through registries in BuildKit's form: reading those that a build asks for, finding its steps in
 * them, and leaving what it made for others.
 *
 * <p>May import {@code graph}, {@code buildkit}, {@code solver} (the role {@code Elsewhere}), {@code exporter} (uploads),
 * {@code op} (digests of files), {@code queue.job} (what was asked for), {@code layercache.oci}, {@code .index} and
 * {@code .registry}.
 */
@NullMarked
package dev.kiln.executor.exchange;

import org.jspecify.annotations.NullMarked;
