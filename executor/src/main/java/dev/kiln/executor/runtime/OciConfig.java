package dev.kiln.executor.runtime;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

import tools.jackson.databind.json.JsonMapper;

import dev.kiln.executor.runtime.ProcessSpec.Network;
import dev.kiln.executor.runtime.UserLookup.Identity;

/**
 * Writes the {@code config.json} of a container: OCI runtime specification 1.0.2, which older runtimes take too, with the
 * sandbox of Docker and BuildKit. As there, a step may gain privileges by set-user-id programs, or {@code sudo} would not
 * work in a build.
 */
final class OciConfig {
    private static final String HOSTNAME = "buildkitsandbox";

    /** Docker's default set. */
    private static final List<String> CAPABILITIES = List.of("CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FSETID",
            "CAP_FOWNER",
            "CAP_MKNOD", "CAP_NET_RAW", "CAP_SETGID", "CAP_SETUID", "CAP_SETFCAP", "CAP_SETPCAP",
            "CAP_NET_BIND_SERVICE",
            "CAP_SYS_CHROOT", "CAP_KILL", "CAP_AUDIT_WRITE");

    private static final List<String> MASKED = List.of("/proc/acpi", "/proc/asound", "/proc/interrupts", "/proc/kcore",
            "/proc/keys", "/proc/latency_stats", "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug",
            "/proc/scsi", "/sys/firmware", "/sys/devices/virtual/powercap");

    private static final List<String> READ_ONLY = List.of("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys",
            "/proc/sysrq-trigger");

    /** Where a root file system must have something to be mounted on; what else is mounted lies inside these. */
    static final List<String> MOUNTED_DIRECTORIES = List.of("/proc", "/dev", "/sys");

    static final String RESOLV_CONF = "/etc/resolv.conf";
    static final String HOSTS = "/etc/hosts";

    private final JsonMapper json = new JsonMapper();
    private final HostFacts host;
    private final Map<String, Object> seccomp;
    private final Map<String, String> annotations;

    OciConfig(HostFacts host) {
        this(host, SeccompProfile.load().forProcess(host.architecture(), Set.copyOf(CAPABILITIES)), Map.of());
    }

    private OciConfig(HostFacts host, Map<String, Object> seccomp, Map<String, String> annotations) {
        this.host = host;
        this.seccomp = seccomp;
        this.annotations = annotations;
    }

    /**
     * The same with the system call filter also in the form that the kernel takes, for those runtimes that know the
     * annotation. Compiling it from the rules takes crun 12 ms of processor time for each container.
     *
     * @param program as the runtime itself compiled it from this configuration
     */
    OciConfig withFilter(byte[] program) {
        return new OciConfig(host, seccomp,
                Map.of("run.oci.seccomp_bpf_data", Base64.getEncoder().encodeToString(program)));
    }

    /**
     * @param architecture as in image platforms
     * @param openFiles the limit on open files that this process may give
     * @param cgroupNamespaces true where a container can have its own: with cgroup v2
     */
    record HostFacts(String architecture, long openFiles, boolean cgroupNamespaces) {}

    /**
     * @param cgroup path below the mount points of the cgroup hierarchies
     * @param networkNamespace joined when present; otherwise a step without the host's network gets a new, empty one
     */
    record Container(ProcessSpec process, Identity user, String cgroup, HostFiles files,
            Optional<Path> networkNamespace) {

        /** Files of the host that the container sees. */
        record HostFiles(Path resolvConf, Path hosts) {}
    }

    byte[] write(Container container) {
        Map<String, Object> config = new LinkedHashMap<>();
        config.put("ociVersion", "1.0.2");
        config.put("process", process(container));
        config.put("root", object("path", container.process().root().toString(), "readonly", false));
        config.put("hostname", HOSTNAME);
        config.put("mounts", mounts(container.files()));
        if (!annotations.isEmpty()) {
            config.put("annotations", annotations);
        }
        config.put("linux", linux(container));
        return json.writeValueAsBytes(config);
    }

    private Map<String, Object> process(Container container) {
        Identity user = container.user();
        return object("terminal", false, "user",
                object("uid", user.uid(), "gid", user.gid(), "additionalGids", user.groups()), "args",
                container.process().args(), "env", container.process().env(), "cwd", container.process().cwd(),
                "capabilities", capabilities(user), "rlimits",
                List.of(object("type", "RLIMIT_NOFILE", "hard", host.openFiles(), "soft", host.openFiles())),
                "noNewPrivileges", false);
    }

    /** A user other than root starts without any, as {@code execve} would have it; the bound is for set-user-id programs. */
    private static Map<String, Object> capabilities(Identity user) {
        List<String> held = user.uid() == 0 ? CAPABILITIES : List.of();
        return object("bounding", CAPABILITIES, "effective", held, "permitted", held, "inheritable", List.of(),
                "ambient",
                List.of());
    }

    private static List<Object> mounts(Container.HostFiles files) {
        return List.of(mount("/proc", "proc", "proc", "nosuid", "noexec", "nodev"),
                mount("/dev", "tmpfs", "tmpfs", "nosuid", "strictatime", "mode=755", "size=65536k"),
                mount("/dev/pts", "devpts", "devpts", "nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620",
                        "gid=5"),
                mount("/dev/shm", "tmpfs", "shm", "nosuid", "noexec", "nodev", "mode=1777", "size=65536k"),
                mount("/dev/mqueue", "mqueue", "mqueue", "nosuid", "noexec", "nodev"),
                mount("/sys", "sysfs", "sysfs", "nosuid", "noexec", "nodev", "ro"),
                mount("/sys/fs/cgroup", "cgroup", "cgroup", "ro", "nosuid", "noexec", "nodev"),
                mount(RESOLV_CONF, "bind", files.resolvConf().toString(), "nosuid", "noexec", "nodev", "rbind", "ro"),
                mount(HOSTS, "bind", files.hosts().toString(), "nosuid", "noexec", "nodev", "rbind", "ro"));
    }

    private static Map<String, Object> mount(String destination, String type, String source, String... options) {
        return object("destination", destination, "type", type, "source", source, "options", List.of(options));
    }

    private Map<String, Object> linux(Container container) {
        return object("resources", object("devices", List.of(object("allow", false, "access", "rwm"))), "cgroupsPath",
                container.cgroup(), "namespaces", namespaces(container), "seccomp", seccomp, "maskedPaths", MASKED,
                "readonlyPaths", READ_ONLY);
    }

    private List<Object> namespaces(Container container) {
        List<Object> namespaces = new ArrayList<>();
        for (String type : List.of("pid", "ipc", "uts", "mount")) {
            namespaces.add(object("type", type));
        }
        if (host.cgroupNamespaces()) {
            namespaces.add(object("type", "cgroup"));
        }
        if (container.networkNamespace().isPresent()) {
            namespaces.add(object("type", "network", "path", container.networkNamespace().get().toString()));
        } else if (container.process().network() != Network.HOST) {
            namespaces.add(object("type", "network"));
        }
        return namespaces;
    }

    private static Map<String, Object> object(Object... keysAndValues) {
        Map<String, Object> object = new LinkedHashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            object.put((String) keysAndValues[i], keysAndValues[i + 1]);
        }
        return object;
    }
}
