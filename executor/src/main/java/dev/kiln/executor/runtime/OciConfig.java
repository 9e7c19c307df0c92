package dev.kiln.executor.runtime;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

import tools.jackson.databind.json.JsonMapper;

import dev.kiln.executor.runtime.MountPlacement.Placed;
import dev.kiln.executor.runtime.ProcessSpec.Network;
import dev.kiln.executor.runtime.UserLookup.Identity;

/**
 * Writes the {@code config.json} of a container: OCI runtime specification 1.0.2, which older runtimes take too, with the
 * sandbox of Docker and BuildKit. As there, a step may gain privileges by set-user-id programs, or {@code sudo} would not
 * work in a build.
 */
final class OciConfig {
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
     * @param limits what this process may give
     * @param cgroupNamespaces true where a container can have its own: with cgroup v2
     * @param capabilities all that this process may give
     * @param loops how many loop devices an insecure container sees
     */
    record HostFacts(String architecture, HostLimits limits, boolean cgroupNamespaces, List<String> capabilities,
            int loops) {}

    /**
     * @param cgroup path below the mount points of the cgroup hierarchies
     * @param networkNamespace joined when present; otherwise a step without the host's network gets a new, empty one
     * @param mounts of the step, in the order of mounting
     */
    record Container(ProcessSpec process, Identity user, String cgroup, HostFiles files,
            Optional<Path> networkNamespace, List<Placed> mounts) {

        boolean insecure() {
            return process.surroundings().insecure();
        }

        /** Files of the host that the container sees. */
        record HostFiles(Path resolvConf, Path hosts) {
            Map<String, Path> byPlace() {
                Map<String, Path> files = new LinkedHashMap<>();
                files.put(RESOLV_CONF, resolvConf);
                files.put(HOSTS, hosts);
                return files;
            }
        }
    }

    byte[] write(Container container) throws RuntimeFailure {
        Map<String, Object> config = new LinkedHashMap<>();
        config.put("ociVersion", "1.0.2");
        config.put("process", process(container));
        config.put("root", object("path", container.process().root().toString(), "readonly", false));
        config.put("hostname", HostFiles.hostname(container.process().surroundings()));
        config.put("mounts", mounts(container));
        if (!annotations.isEmpty() && !container.insecure()) {
            config.put("annotations", annotations);
        }
        config.put("linux", linux(container));
        return json.writeValueAsBytes(config);
    }

    private Map<String, Object> process(Container container) throws RuntimeFailure {
        Identity user = container.user();
        return object("terminal", false, "user",
                object("uid", user.uid(), "gid", user.gid(), "additionalGids", user.groups()), "args",
                container.process().args(), "env", container.process().env(), "cwd", container.process().cwd(),
                "capabilities", container.insecure() ? all(host.capabilities()) : capabilities(user), "rlimits",
                host.limits().of(container.process().surroundings().rlimits()), "noNewPrivileges", false);
    }

    /** A user other than root starts without any, as {@code execve} would have it; the bound is for set-user-id programs. */
    private static Map<String, Object> capabilities(Identity user) {
        List<String> held = user.uid() == 0 ? CAPABILITIES : List.of();
        return object("bounding", CAPABILITIES, "effective", held, "permitted", held, "inheritable", List.of(),
                "ambient",
                List.of());
    }

    /** Whatever the user: a program that is not root's has them too. */
    private static Map<String, Object> all(List<String> capabilities) {
        return object("bounding", capabilities, "effective", capabilities, "permitted", capabilities, "inheritable",
                capabilities, "ambient", capabilities);
    }

    /** What a step has mounted on a place of the usual mounts takes that mount's turn. */
    private static List<Object> mounts(Container container) {
        Map<String, Object> mounts = new LinkedHashMap<>();
        put(mounts, "/proc", "proc", "proc", "nosuid", "noexec", "nodev");
        put(mounts, "/dev", "tmpfs", "tmpfs", "nosuid", "strictatime", "mode=755", "size=65536k");
        put(mounts, "/dev/pts", "devpts", "devpts", "nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620",
                "gid=5");
        OptionalLong shared = container.process().surroundings().sharedMemory();
        put(mounts, "/dev/shm", "tmpfs", "shm", "nosuid", "noexec", "nodev", "mode=1777",
                shared.isPresent() ? "size=" + shared.getAsLong() : "size=65536k");
        put(mounts, "/dev/mqueue", "mqueue", "mqueue", "nosuid", "noexec", "nodev");
        if (container.insecure()) {
            put(mounts, "/sys", "sysfs", "sysfs", "nosuid", "noexec", "nodev");
            put(mounts, "/sys/fs/cgroup", "cgroup", "cgroup", "nosuid", "noexec", "nodev");
        } else {
            put(mounts, "/sys", "sysfs", "sysfs", "nosuid", "noexec", "nodev", "ro");
            put(mounts, "/sys/fs/cgroup", "cgroup", "cgroup", "ro", "nosuid", "noexec", "nodev");
        }
        for (Map.Entry<String, Path> file : container.files().byPlace().entrySet()) {
            put(mounts, file.getKey(), "bind", file.getValue().toString(), "nosuid", "noexec", "nodev", "rbind", "ro");
        }
        for (Placed placed : container.mounts()) {
            put(mounts, placed.target(), placed.type(), placed.source(), placed.options().toArray(String[]::new));
        }
        return List.copyOf(mounts.values());
    }

    private static void put(Map<String, Object> mounts, String destination, String type, String source,
            String... options) {
        mounts.put(destination, mount(destination, type, source, options));
    }

    private static Map<String, Object> mount(String destination, String type, String source, String... options) {
        return object("destination", destination, "type", type, "source", source, "options", List.of(options));
    }

    private Map<String, Object> linux(Container container) {
        Map<String, Object> linux = new LinkedHashMap<>();
        boolean insecure = container.insecure();
        linux.put("resources", object("devices", insecure
                ? Insecure.deviceRules()
                : List.of(object("allow", false, "access", "rwm"))));
        if (insecure) {
            linux.put("devices", Insecure.devices(host.loops()));
        }
        linux.put("cgroupsPath", container.cgroup());
        linux.put("namespaces", namespaces(container));
        if (!insecure) {
            linux.put("seccomp", seccomp);
            linux.put("maskedPaths", MASKED);
            linux.put("readonlyPaths", READ_ONLY);
        }
        return linux;
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
