package dev.kiln.executor.remote;

/**
 * What becomes of a commit's files.
 *
 * @param subdirectory whose content is the root, without leading slash; empty for all
 * @param keepGitDirectory whether {@code .git} is kept, which it is not for a subdirectory
 * @param commitTimes whether files get the time of the commit
 */
public record GitTree(String subdirectory, boolean keepGitDirectory, boolean submodules, boolean commitTimes) {}
