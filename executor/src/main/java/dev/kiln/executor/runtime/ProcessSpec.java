package dev.kiln.executor.runtime;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

import dev.kiln.layercache.oci.Platform;

/**
 * The process of a step.
 *
 * @param id names the container on this host: letters, digits and hyphens
 * @param root a mounted, writable root file system
 * @param written the directory that takes what is written under {@code root}: mount points that the runtime had to make
 *        there are removed from it again, and the times of their parents restored
 * @param env {@code KEY=value}; there may be secrets among them
 * @param cwd absolute; made when it is missing
 * @param user as after USER: {@code name|uid[:group|gid]}, empty for root; looked up in {@code root}
 * @param mounts what it sees besides the root, in any order; of two with the same target the last counts
 */
public record ProcessSpec(String id, Path root, Path written, List<String> args, List<String> env, String cwd,
        String user, Network network, Limits limits, List<ContainerMount> mounts, Surroundings surroundings) {

    public ProcessSpec {
        args = List.copyOf(args);
        env = List.copyOf(env);
        mounts = List.copyOf(mounts);
    }

    /** With nothing mounted, in the usual surroundings. */
    public ProcessSpec(String id, Path root, Path written, List<String> args, List<String> env, String cwd,
            String user, Network network, Limits limits) {
        this(id, root, written, args, env, cwd, user, network, limits, List.of(), Surroundings.USUAL);
    }

    /** The network of the container. */
    public enum Network {
        NONE, HOST, PRIVATE
    }

    /** Absent means not limited. */
    public record Limits(OptionalLong memoryBytes, OptionalDouble cpus, OptionalLong pids) {}

    /**
     * What a process finds besides its files.
     *
     * @param insecure all that this executor itself may do: capabilities, devices, system calls, a writable {@code /sys}
     * @param hostname empty for the usual one
     * @param hosts lines added to {@code /etc/hosts}, in order
     * @param sharedMemory bytes of {@code /dev/shm}; absent means 64 MiB
     * @param platform what its programs are for; absent means this machine's own
     */
    public record Surroundings(boolean insecure, String hostname, List<Host> hosts,
            OptionalLong sharedMemory, List<Rlimit> rlimits, Optional<Platform> platform) {
        public static final Surroundings USUAL = new Surroundings(false, "", List.of(), OptionalLong.empty(),
                List.of(), Optional.empty());

        /** For programs of this machine. */
        public Surroundings(boolean insecure, String hostname, List<Host> hosts, OptionalLong sharedMemory,
                List<Rlimit> rlimits) {
            this(insecure, hostname, hosts, sharedMemory, rlimits, Optional.empty());
        }

        public Surroundings {
            hosts = List.copyOf(hosts);
            rlimits = List.copyOf(rlimits);
        }
    }

    /** A name and an address of it. */
    public record Host(String name, String address) {}

    /**
     * A limit of {@code setrlimit(2)}.
     *
     * @param name in lower case without {@code RLIMIT_}: {@code nofile}
     * @param soft -1 for unlimited
     * @param hard -1 for unlimited; at most what this executor itself may have
     */
    public record Rlimit(String name, long soft, long hard) {}

    /** Without what may be secret. */
    @Override
    public String toString() {
        return "ProcessSpec[id=" + id + ", args=" + args + ", mounts=" + mounts + "]";
    }
}
