package dev.kiln.executor.remote;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import dev.kiln.executor.remote.GitCommand.Setting;
import dev.kiln.layercache.durable.TempFolder;

/**
 * How git gets to one remote: through the guard's proxy or to the address that the guard found, and with what it shows
 * there. All of it is in git's environment; for ssh also in a file, which is removed by {@link #close}.
 */
final class GitAccess implements AutoCloseable {
    private final List<Setting> settings = new ArrayList<>();
    private final Map<String, String> environment = new LinkedHashMap<>();
    private final Optional<Path> sshConfig;

    /** What all remotes have in common. */
    record Ways(AddressGuard guard, GuardProxy proxy, RemotePolicy policy, TempFolder temp, Path learnedHosts,
            GitProgram program) {}

    private GitAccess(Optional<Path> sshConfig) {
        this.sshConfig = sshConfig;
    }

    /**
     * @param own whether secrets that name no host are meant for this remote
     * @throws FetchException when the remote is where this executor does not go
     */
    static GitAccess open(Ways ways, GitUrl url, RemoteAuth auth, boolean own)
            throws IOException, InterruptedException {
        List<InetAddress> addresses = ways.guard.resolve(url.host());
        return switch (url.protocol()) {
            case HTTP, HTTPS -> overHttp(ways, url, auth, own);
            case SSH -> overSsh(ways, url, auth, addresses.getFirst());
            case GIT -> overGit(url, addresses.getFirst());
        };
    }

    List<Setting> settings() {
        return settings;
    }

    Map<String, String> environment() {
        return environment;
    }

    private static GitAccess overHttp(Ways ways, GitUrl url, RemoteAuth auth, boolean own) throws IOException {
        GitAccess access = new GitAccess(Optional.empty());
        access.environment.put("GIT_ALLOW_PROTOCOL", "http:https");
        access.settings
            .add(new Setting("http.proxy", "http://" + ways.proxy.address().getAddress().getHostAddress() + ":"
                    + ways.proxy.address().getPort()));
        authorization(url, auth, own)
            .ifPresent(value -> access.settings.add(new Setting("http." + url.site() + ".extraHeader",
                    "Authorization: " + value)));
        return access;
    }

    private static Optional<String> authorization(GitUrl url, RemoteAuth auth, boolean own) throws IOException {
        for (String suffix : own ? new String[]{"." + url.authority(), ""} : new String[]{"." + url.authority()}) {
            Optional<String> header = auth.header("GIT_AUTH_HEADER" + suffix);
            if (header.isPresent()) {
                return header;
            }
            Optional<String> token = auth.header("GIT_AUTH_TOKEN" + suffix);
            if (token.isPresent()) {
                return token.map(t -> RemoteAuth.basic("x-access-token:" + t));
            }
        }
        return url.plainUser().map(RemoteAuth::basic);
    }

    private static GitAccess overGit(GitUrl url, InetAddress address) {
        GitAccess access = new GitAccess(Optional.empty());
        access.environment.put("GIT_ALLOW_PROTOCOL", "git");
        String port = url.port() == 0 ? "" : ":" + url.port();
        access.settings.add(new Setting("url.git://" + literal(address) + port + "/.insteadOf", url.site()));
        return access;
    }

    private static String literal(InetAddress address) {
        String text = address.getHostAddress();
        return text.indexOf(':') < 0 ? text : "[" + text + "]";
    }

    private static GitAccess overSsh(Ways ways, GitUrl url, RemoteAuth auth, InetAddress address)
            throws IOException, InterruptedException {
        ways.program.require("ssh", "openssh-client");
        Path config = ways.temp.newPath();
        Optional<Path> socket = auth.agent().socket();
        Files.writeString(config, sshConfig(ways, url, address, socket));
        GitAccess access = new GitAccess(Optional.of(config));
        access.environment.put("GIT_ALLOW_PROTOCOL", "ssh");
        // A shell reads this: the words are fixed, and what differs comes from a variable.
        access.environment.put("GIT_SSH_COMMAND", "ssh -F \"$KILN_SSH_CONFIG\"");
        access.environment.put("GIT_SSH_VARIANT", "ssh");
        access.environment.put("KILN_SSH_CONFIG", config.toString());
        socket.ifPresent(path -> access.environment.put("SSH_AUTH_SOCK", path.toString()));
        return access;
    }

    /** The first value that ssh finds counts; whatever other host it is sent to, it does not get there. */
    private static String sshConfig(Ways ways, GitUrl url, InetAddress address, Optional<Path> socket) {
        String host = url.host().startsWith("[") ? url.host().substring(1, url.host().length() - 1) : url.host();
        String alias = url.port() == 0 || url.port() == 22 ? host : "[" + host + "]:" + url.port();
        Path knownHosts = ways.policy.knownHosts().orElse(ways.learnedHosts);
        return String.join("\n", "Host " + host, "  HostName " + address.getHostAddress(), "  HostKeyAlias " + alias,
                "  ProxyCommand none", "Host *", "  ProxyCommand /bin/false", "  BatchMode yes", "  ConnectTimeout 30",
                "  ServerAliveInterval 30", "  CheckHostIP no", "  UpdateHostKeys no", "  ForwardAgent no",
                "  PermitLocalCommand no", "  IdentityFile none",
                "  IdentityAgent " + socket.map(GitAccess::quoted).orElse("none"),
                "  StrictHostKeyChecking " + (ways.policy.knownHosts().isPresent() ? "yes" : "accept-new"),
                "  GlobalKnownHostsFile /dev/null", "  UserKnownHostsFile " + quoted(knownHosts), "");
    }

    private static String quoted(Path path) {
        return "\"" + path.toString().replace("%", "%%") + "\"";
    }

    @Override
    public void close() throws IOException {
        if (sshConfig.isPresent()) {
            Files.deleteIfExists(sshConfig.get());
        }
    }
}
