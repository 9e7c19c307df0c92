package dev.kiln.executor.runtime;

import java.nio.file.Path;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * The process of a step.
 *
 * @param id names the container on this host: letters, digits and hyphens
 * @param root a mounted, writable root file system
 * @param written the directory that takes what is written under {@code root}: mount points that the runtime had to make
 *        there are removed from it again, and the times of their parents restored
 * @param env {@code KEY=value}
 * @param cwd absolute; made when it is missing
 * @param user as after USER: {@code name|uid[:group|gid]}, empty for root; looked up in {@code root}
 */
public record ProcessSpec(String id, Path root, Path written, List<String> args, List<String> env, String cwd,
        String user, Network network, Limits limits) {

    public ProcessSpec {
        args = List.copyOf(args);
        env = List.copyOf(env);
    }

    /** The network of the container. */
    public enum Network {
        NONE, HOST, PRIVATE
    }

    /** Absent means not limited. */
    public record Limits(OptionalLong memoryBytes, OptionalDouble cpus, OptionalLong pids) {}
}
