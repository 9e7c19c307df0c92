package dev.kiln.cli.build;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

import dev.kiln.queue.secret.BuildSecrets;
import dev.kiln.queue.secret.Secret;

/**
 * Reads {@code --secret} and {@code --ssh} as buildx does, and what they name. An agent's socket is not taken: a build
 * outlives the command that asked for it, and the agent's keys never leave it.
 */
public final class SecretSources {
    private static final int MAX_KEY = 64 << 10;

    private final Map<String, String> environment;
    private final Map<String, Secret> secrets = new LinkedHashMap<>();
    private final Map<String, List<Secret>> ssh = new LinkedHashMap<>();

    /** @param environment the variables of this process */
    public SecretSources(Map<String, String> environment) {
        this.environment = environment;
    }

    /** Takes {@code id=ID[,src=FILE|,env=NAME][,type=file|env]}; without either, the variable ID or the file ID. */
    public void addSecret(String words) throws OptionException {
        String id = "";
        String file = "";
        String variable = "";
        String type = "";
        for (String field : words.split(",", -1)) {
            int equals = field.indexOf('=');
            String key = (equals < 0 ? field : field.substring(0, equals)).strip().toLowerCase(Locale.ROOT);
            if (equals < 0) {
                throw new OptionException("--secret: invalid field '" + key + "' must be a key=value pair");
            }
            String value = field.substring(equals + 1);
            switch (key) {
                case "type" -> type = type(value);
                case "id" -> id = value;
                case "src", "source" -> file = value;
                case "env" -> variable = value;
                default ->
                    throw new OptionException("--secret: unexpected key '" + key + "'; known: id, src, env, type");
            }
        }
        if (id.isBlank()) {
            throw new OptionException("--secret: secret missing ID: expected id=NAME[,src=FILE|,env=NAME]");
        }
        if (type.equals("env") && variable.isEmpty()) {
            variable = file;
            file = "";
        }
        if (secrets.putIfAbsent(id, secret(id, file, variable)) != null) {
            throw new OptionException("--secret: two secrets have the id " + id);
        }
    }

    private static String type(String value) throws OptionException {
        if (!value.equals("file") && !value.equals("env")) {
            throw new OptionException("--secret: unsupported secret type \"" + value + "\"; known: file, env");
        }
        return value;
    }

    private Secret secret(String id, String file, String variable) throws OptionException {
        boolean named = file.isEmpty() && (!variable.isEmpty() || environment.containsKey(id));
        byte[] value = named
                ? environment.getOrDefault(variable.isEmpty() ? id : variable, "").getBytes(StandardCharsets.UTF_8)
                : read("--secret id=" + id, Path.of(file.isEmpty() ? id : file), Secret.MAX_BYTES);
        if (value.length > Secret.MAX_BYTES) {
            throw tooBig("--secret id=" + id, Secret.MAX_BYTES);
        }
        return new Secret(value);
    }

    /** Takes {@code ID=FILE[,FILE]}, each file a private key without passphrase. */
    public void addSsh(String words) throws OptionException {
        int equals = words.indexOf('=');
        String id = equals < 0 ? words : words.substring(0, equals);
        if (id.isBlank()) {
            throw new OptionException("--ssh: expected ID=FILE, as in --ssh default=$HOME/.ssh/id_ed25519");
        }
        List<String> files = new ArrayList<>(equals < 0 ? List.of() : List.of(words.substring(equals + 1).split(",")));
        files.removeIf(String::isBlank);
        if (files.isEmpty()) {
            throw agent(id);
        }
        List<Secret> keys = new ArrayList<>();
        for (String file : files) {
            keys.add(key(id, Path.of(file)));
        }
        if (ssh.putIfAbsent(id, keys) != null) {
            throw new OptionException("--ssh: two entries have the id " + id);
        }
    }

    private static OptionException agent(String id) {
        return new OptionException("--ssh " + id + ": forwarding an agent (SSH_AUTH_SOCK) is not supported, because the"
                + " build goes on without this command: name the key's file, --ssh " + id + "=FILE");
    }

    private static Secret key(String id, Path file) throws OptionException {
        String option = "--ssh " + id + "=" + file;
        if (Files.exists(file) && !Files.isRegularFile(file)) {
            throw Files.isDirectory(file) ? new OptionException(option + ": this is a folder") : agent(id);
        }
        byte[] bytes = read(option, file, MAX_KEY);
        Optional<String> fault = PrivateKeyForm.fault(bytes);
        if (fault.isPresent()) {
            throw new OptionException(option + ": " + fault.get());
        }
        return new Secret(bytes);
    }

    private static byte[] read(String option, Path file, int limit) throws OptionException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(limit + 1);
            if (bytes.length > limit) {
                throw tooBig(option, limit);
            }
            return bytes;
        } catch (IOException e) {
            throw new OptionException(option + ": failed to read " + file + ": " + e.getClass().getSimpleName());
        }
    }

    private static OptionException tooBig(String option, int limit) {
        return new OptionException(option + " is too big: max size " + limit / 1024 + "KB");
    }

    /** All that was taken. */
    public BuildSecrets secrets() throws OptionException {
        try {
            return new BuildSecrets(secrets, ssh);
        } catch (IllegalArgumentException e) {
            throw new OptionException("--secret, --ssh: " + e.getMessage());
        }
    }
}
