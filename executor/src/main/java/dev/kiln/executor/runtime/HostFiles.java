package dev.kiln.executor.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;

import dev.kiln.executor.runtime.ProcessSpec.Host;
import dev.kiln.executor.runtime.ProcessSpec.Network;
import dev.kiln.executor.runtime.ProcessSpec.Surroundings;
import dev.kiln.executor.runtime.RuntimeFailure.Code;

/** The {@code /etc/hosts} and {@code /etc/resolv.conf} that containers see; the latter follows the host's. */
final class HostFiles {
    private static final String HOSTNAME = "buildkitsandbox";
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,64}");
    private static final Pattern ADDED_NAME = Pattern.compile("[A-Za-z0-9._-]{1,255}");
    private static final Pattern ADDRESS = Pattern.compile("[0-9A-Za-z.:%]{1,64}");
    private static final Path RESOLV_CONF = Path.of("/etc/resolv.conf");
    /** Where systemd-resolved, which listens on a loopback address, writes the servers that it asks itself. */
    private static final Path RESOLVED = Path.of("/run/systemd/resolve/resolv.conf");

    private final Path directory;
    private final Map<Path, String> written = new HashMap<>();

    /** @param directory exists; takes the files */
    HostFiles(Path directory) {
        this.directory = directory;
    }

    /** @param own takes the file when it is not as for other steps */
    Path hosts(Surroundings surroundings, Path own) throws IOException {
        String text = text(surroundings);
        if (surroundings.hostname().isEmpty() && surroundings.hosts().isEmpty()) {
            return write(directory.resolve("hosts"), text);
        }
        Path file = Files.writeString(own.resolve("hosts"), text);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    }

    /** Names and addresses that would be something else than one word of one line are refused. */
    private static String text(Surroundings surroundings) throws RuntimeFailure {
        StringBuilder text = new StringBuilder("127.0.0.1\tlocalhost ").append(hostname(surroundings))
            .append("\n::1\tlocalhost ip6-localhost ip6-loopback\n");
        for (Host host : surroundings.hosts()) {
            if (!ADDED_NAME.matcher(host.name()).matches() || !ADDRESS.matcher(host.address()).matches()) {
                throw new RuntimeFailure(Code.STEP, "invalid extra host \"" + host.name() + ":" + host.address()
                        + "\": not a name and an address");
            }
            text.append(host.address()).append('\t').append(host.name()).append('\n');
        }
        return text.toString();
    }

    static String hostname(Surroundings surroundings) throws RuntimeFailure {
        String name = surroundings.hostname().isEmpty() ? HOSTNAME : surroundings.hostname();
        if (!NAME.matcher(name).matches()) {
            throw new RuntimeFailure(Code.STEP, "invalid hostname \"" + name
                    + "\": at most 64 letters, digits, dots, hyphens and underscores");
        }
        return name;
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
