package dev.kiln.executor.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.Map;

import dev.kiln.executor.runtime.ProcessSpec.Network;

/** The {@code /etc/hosts} and {@code /etc/resolv.conf} that containers see; the latter follows the host's. */
final class HostFiles {
    private static final String HOSTS = """
            127.0.0.1\tlocalhost buildkitsandbox
            ::1\tlocalhost ip6-localhost ip6-loopback
            """;
    private static final Path RESOLV_CONF = Path.of("/etc/resolv.conf");
    /** Where systemd-resolved, which listens on a loopback address, writes the servers that it asks itself. */
    private static final Path RESOLVED = Path.of("/run/systemd/resolve/resolv.conf");

    private final Path directory;
    private final Map<Path, String> written = new HashMap<>();

    /** @param directory exists; takes the files */
    HostFiles(Path directory) {
        this.directory = directory;
    }

    Path hosts() throws IOException {
        return write(directory.resolve("hosts"), HOSTS);
    }

    /** The file for containers of that network, made anew when the host's has changed. */
    Path resolvConf(Network network) throws IOException {
        ResolvConf host = ResolvConf.parse(read(RESOLV_CONF));
        return switch (network) {
            case HOST -> write(directory.resolve("resolv-host.conf"),
                    host.nameservers().isEmpty() ? host.reachable(true).text() : host.text());
            case NONE, PRIVATE -> {
                ResolvConf source = host.asksOnlyResolved() ? ResolvConf.parse(read(RESOLVED)) : host;
                yield write(directory.resolve("resolv.conf"), source.reachable(false).text());
            }
        };
    }

    private static String read(Path file) throws IOException {
        try {
            return Files.readString(file);
        } catch (NoSuchFileException _) {
            return "";
        }
    }

    /** Containers that run keep the file they were given. */
    private synchronized Path write(Path file, String text) throws IOException {
        if (!text.equals(written.get(file))) {
            Path next = file.resolveSibling(file.getFileName() + ".next");
            Files.writeString(next, text);
            Files.setPosixFilePermissions(next, PosixFilePermissions.fromString("rw-r--r--"));
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            written.put(file, text);
        }
        return file;
    }
}
