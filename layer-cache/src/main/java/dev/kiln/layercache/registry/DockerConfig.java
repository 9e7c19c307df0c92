package dev.kiln.layercache.registry;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

/**
 * The credentials that Docker's config.json knows: in clear in {@code auths}, or with the programs that {@code credHelpers}
 * (for one host) and {@code credsStore} (for all) name, which come before it. A file that changes is read anew; one that is
 * absent holds none. Safe for many threads.
 */
final class DockerConfig implements Keychain {
    private static final int MAX_FILE = 4 << 20;
    /** Where Docker keeps what is for Docker Hub. */
    private static final String HUB_KEY = "https://index.docker.io/v1/";
    private static final Content NOTHING = new Content(Map.of(), Optional.empty(), Map.of());

    private final Path file;
    private final CredentialHelper helper;
    /** Guarded by this. */
    private State read = new State(Optional.empty(), NOTHING);

    /**
     * @param auths by host
     * @param store the helper for all hosts that have none of their own
     */
    record Content(Map<String, Credentials> auths, Optional<String> store, Map<String, String> helpers) {}

    private record Stamp(FileTime time, long size, @Nullable Object key) {}

    private record State(Optional<Stamp> stamp, Content content) {}

    private DockerConfig(Path file, CredentialHelper helper) {
        this.file = file;
        this.helper = helper;
    }

    static DockerConfig open(Path file, CredentialHelper helper) throws IOException {
        DockerConfig config = new DockerConfig(file, helper);
        config.content();
        return config;
    }

    @Override
    public Optional<Credentials> forHost(String host) throws IOException {
        Content content = content();
        String name = RegistryHost.canonical(host);
        Optional<String> program = Optional.ofNullable(content.helpers().get(name)).or(content::store);
        if (program.isPresent()) {
            Optional<Credentials> found = helper.get(program.get(), RegistryHost.isHub(host) ? HUB_KEY : host);
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.ofNullable(content.auths().get(name));
    }

    private synchronized Content content() throws IOException {
        Optional<Stamp> now = stamp();
        if (!now.equals(read.stamp)) {
            read = new State(now, now.isPresent() ? parse() : NOTHING);
        }
        return read.content;
    }

    private Optional<Stamp> stamp() throws IOException {
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            return Optional.of(new Stamp(attributes.lastModifiedTime(), attributes.size(), attributes.fileKey()));
        } catch (NoSuchFileException _) {
            return Optional.empty();
        }
    }

    private Content parse() throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MAX_FILE + 1);
            if (bytes.length > MAX_FILE) {
                throw new IllegalArgumentException("larger than " + MAX_FILE + " bytes");
            }
            return RegistryJson.dockerConfig(bytes);
        } catch (IllegalArgumentException e) {
            throw new IOException("reading registry credentials from " + file + ": " + e.getMessage(), e);
        }
    }
}
