package dev.kiln.layercache.context;

import java.time.Instant;

import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.posix.RawPath;

/** One name in a context. All of them belong to root. */
public sealed interface ContextEntry {

    /** Relative to the context, without {@code .} and {@code ..} and needless slashes. */
    RawPath name();

    Instant modified();

    /** @param mode permissions with the set-id and sticky bits, at most 07777 */
    record Directory(RawPath name, int mode, Instant modified) implements ContextEntry {}

    /**
     * @param mode as of a directory
     * @param size in bytes
     * @param data SHA-256 of the file's data
     */
    record File(RawPath name, int mode, Instant modified, long size, Digest data) implements ContextEntry {}

    /** A symbolic link; where it leads is data and may be anywhere. */
    record Link(RawPath name, Instant modified, RawPath target) implements ContextEntry {}
}
