package dev.kiln.executor.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import dev.kiln.executor.mount.LinuxMounter;
import dev.kiln.executor.mount.Mount;
import dev.kiln.executor.mount.Mounter.Mounted;

/** An overlay over a root file system that has busybox and little else, as a step has it. */
final class StepRoot implements AutoCloseable {
    static final Path BUSYBOX = Path.of("/bin/busybox");
    private static final List<String> APPLETS = List.of("sh", "true", "false", "echo", "cat", "ls", "id", "sleep",
            "head",
            "touch", "chmod", "dd", "hostname", "mkdir", "rm", "grep", "seq", "pwd", "stat", "kill", "mount", "ping",
            "ip",
            "nc", "wget", "env", "yes", "tail", "chown", "mknod", "umount", "tr", "wc", "test", "unshare");

    final Path base;
    final Path written;
    final Path root;
    private final Mounted mounted;

    /** @param directory empty */
    StepRoot(Path directory) throws IOException {
        base = makeBase(directory.resolve("base"));
        written = Files.createDirectory(directory.resolve("written"));
        root = Files.createDirectory(directory.resolve("root"));
        Path work = Files.createDirectory(directory.resolve("work"));
        mounted = LinuxMounter.probe(directory).mount(new Mount.Overlay(List.of(base), written, work), root);
    }

    private static Path makeBase(Path base) throws IOException {
        Files.createDirectories(base.resolve("bin"));
        Files.copy(BUSYBOX, base.resolve("bin/busybox"));
        for (String applet : APPLETS) {
            Files.createSymbolicLink(base.resolve("bin").resolve(applet), Path.of("busybox"));
        }
        for (String directory : List.of("etc", "proc", "dev", "sys")) {
            Files.createDirectory(base.resolve(directory));
        }
        Files.writeString(base.resolve("etc/passwd"),
                "root:x:0:0:root:/root:/bin/sh\nbob:x:1000:1001::/home/bob:/bin/sh\n");
        Files.writeString(base.resolve("etc/group"), "root:x:0:\nbob:x:1001:\nwheel:x:10:root,bob\naudio:x:29:bob\n");
        return base;
    }

    @Override
    public void close() throws IOException {
        mounted.close();
    }
}
