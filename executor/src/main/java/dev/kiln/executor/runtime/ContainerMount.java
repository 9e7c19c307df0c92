package dev.kiln.executor.runtime;

import java.nio.file.Path;
import java.util.OptionalLong;

/**
 * Something that a container sees at a place of its file system. {@code target} is absolute and clean; links in it are
 * followed inside the root. A place that is missing is made, and removed afterwards.
 */
public sealed interface ContainerMount {
    String target();

    /**
     * A file or directory of the host.
     *
     * @param source nobody else may change where this path leads
     */
    record Bind(Path source, String target, boolean readOnly) implements ContainerMount {}

    /**
     * An empty directory in memory.
     *
     * @param bytes what it may hold; absent means the kernel's default
     */
    record Tmpfs(String target, OptionalLong bytes) implements ContainerMount {}

    /**
     * A read-only file that is in memory only, on the host too; it may be a secret.
     *
     * @param content not to be changed
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record InMemory(String target, byte[] content, int mode, long uid, long gid) implements ContainerMount {

        @Override
        public String toString() {
            return "InMemory[target=" + target + "]";
        }
    }
}
