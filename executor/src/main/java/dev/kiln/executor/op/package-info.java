/**
 * What each step of a build does: take the files of a base image, copy, run a command, make a directory.
 *
 * <p>Terms: a <em>stack</em> is the list of snapshot names that a result's layers have, base first. A <em>root</em> is a
 * directory that stands for {@code /} of a result or a context; every path of a step is resolved inside one, whatever
 * links say. What a user sees in messages are paths in a root, never paths of this machine.
 *
 * <p>Threads: ops are called on virtual threads. Work on many files runs on {@link dev.kiln.executor.op.FileThreads}, for
 * the calls of {@code layercache.posix} do not give a virtual thread's carrier back.
 *
 * <p>May import {@code graph}, {@code solver}, {@code snapshot}, {@code runtime}, {@code mount}, {@code cachemount},
 * {@code ssh} and {@code layercache};
 * of the Dockerfile it knows two things that are pure text, {@code dockerfile.ignore} and {@code ChmodSpec}.
 * What brings base images and contexts in implements the roles {@link dev.kiln.executor.op.BaseLayers} and
 * {@link dev.kiln.executor.op.ContextTrees}.
 */
@NullMarked
package dev.kiln.executor.op;

import org.jspecify.annotations.NullMarked;
