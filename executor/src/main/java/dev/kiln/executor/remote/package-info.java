/**
 * Fetches what lies at addresses: commits of git repositories, and files over HTTP.
 *
 * <p>Terms: a <em>mirror</em> is a bare repository on this disk that holds what was fetched of one remote so far; the
 * <em>guard</em> decides which machines may be talked to. Names are resolved by the guard and the connection goes to the
 * very address that it found good, so a name that means something else a moment later gains nothing: HTTP goes through a
 * proxy of ours on loopback, for git's own client and for the JDK's alike; ssh and git get the address itself.
 *
 * <p>Everything blocks, and gives up promptly when its thread is interrupted. {@link dev.kiln.executor.remote.GitFetcher}
 * and {@link dev.kiln.executor.remote.HttpFetcher} are safe for many threads. What is wrong with a remote is a
 * {@link dev.kiln.executor.remote.FetchException}; what is wrong with the disk is another {@link java.io.IOException}.
 * Secrets are given to programs in their environment, never in arguments, which everybody on a machine can read.
 *
 * <p>May import {@code layercache.content}, {@code layercache.durable}, {@code layercache.oci} and
 * {@code layercache.posix}.
 */
@NullMarked
package dev.kiln.executor.remote;

import org.jspecify.annotations.NullMarked;
