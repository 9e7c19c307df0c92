package dev.kiln.executor.runtime;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What {@code --security=insecure} gives: all that this process has, and BuildKit's devices. */
final class Insecure {
    /** By number; a container can have no others, for its runtime would not know their names. */
    private static final List<String> CAPABILITIES = List.of("CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER",
            "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP", "LINUX_IMMUTABLE", "NET_BIND_SERVICE", "NET_BROADCAST",
            "NET_ADMIN", "NET_RAW", "IPC_LOCK", "IPC_OWNER", "SYS_MODULE", "SYS_RAWIO", "SYS_CHROOT", "SYS_PTRACE",
            "SYS_PACCT", "SYS_ADMIN", "SYS_BOOT", "SYS_NICE", "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "MKNOD",
            "LEASE", "AUDIT_WRITE", "AUDIT_CONTROL", "SETFCAP", "MAC_OVERRIDE", "MAC_ADMIN", "SYSLOG", "WAKE_ALARM",
            "BLOCK_SUSPEND", "AUDIT_READ", "PERFMON", "BPF", "CHECKPOINT_RESTORE");
    private static final int SPARE_LOOPS = 8;
    private static final int MAX_LOOPS = 256;

    private Insecure() {}

    /** The capabilities of this process's own bounding set. */
    static List<String> capabilities() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("CapBnd:")) {
                return capabilities(Long.parseUnsignedLong(line.substring("CapBnd:".length()).strip(), 16));
            }
        }
        return List.of();
    }

    static List<String> capabilities(long set) {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < CAPABILITIES.size(); i++) {
            if ((set >>> i & 1) != 0) {
                names.add("CAP_" + CAPABILITIES.get(i));
            }
        }
        return List.copyOf(names);
    }

    static List<Object> deviceRules() {
        return List.of(rule("c"), rule("b"));
    }

    private static Map<String, Object> rule(String type) {
        Map<String, Object> rule = new LinkedHashMap<>();
        rule.put("allow", true);
        rule.put("type", type);
        rule.put("access", "rwm");
        return rule;
    }

    /** What is made in {@code /dev}. Devices that this host does not have fail when they are opened. */
    static List<Object> devices(int loops) {
        List<Object> devices = new ArrayList<>(List.of(device("kmsg", "c", 1, 11), device("cuse", "c", 10, 203),
                device("fuse", "c", 10, 229), device("kvm", "c", 10, 232), device("net/tun", "c", 10, 200),
                device("loop-control", "c", 10, 237)));
        for (int i = 0; i < loops; i++) {
            devices.add(device("loop" + i, "b", 7, i));
        }
        return devices;
    }

    private static Map<String, Object> device(String name, String type, int major, int minor) {
        Map<String, Object> device = new LinkedHashMap<>();
        device.put("path", "/dev/" + name);
        device.put("type", type);
        device.put("major", major);
        device.put("minor", minor);
        return device;
    }

    /** How many loop devices a container should see: those that this host has, and some to come. */
    static int loops() throws IOException {
        int next = 0;
        Path devices = Path.of("/sys/block");
        if (Files.isDirectory(devices)) {
            try (DirectoryStream<Path> loops = Files.newDirectoryStream(devices, "loop*")) {
                for (Path loop : loops) {
                    String number = loop.getFileName().toString().substring("loop".length());
                    if (number.matches("[0-9]{1,6}")) {
                        next = Math.max(next, Integer.parseInt(number) + 1);
                    }
                }
            }
        }
        return Math.min(MAX_LOOPS, next + SPARE_LOOPS);
    }
}
