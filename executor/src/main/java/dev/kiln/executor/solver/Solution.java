package dev.kiln.executor.solver;

import java.util.concurrent.CompletableFuture;

/**
 * A solved build.
 *
 * @param result of the target
 * @param recorded ends when everything that this build had made is in the index, or could not be put there, which is
 *        logged; wait for it before the build is reported as succeeded. Never fails
 */
public record Solution(Result result, CompletableFuture<Void> recorded) {}
