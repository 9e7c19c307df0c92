package dev.kiln.queue.secret;

import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

import dev.kiln.queue.json.JsonException;
import dev.kiln.queue.json.JsonFields;

/**
 * {@link BuildSecrets} as fields of a document: {@code secrets} has the base 64 of each by its id, {@code ssh} a list of
 * such for each id, {@code registries} a {@code user} and the base 64 of a {@code secret} by host. A client sends it, and it is what is sealed; it is written nowhere else.
 */
public final class SecretsJson {

    private SecretsJson() {}

    public static void put(ObjectNode document, BuildSecrets secrets) {
        if (!secrets.secrets().isEmpty()) {
            ObjectNode values = document.putObject("secrets");
            secrets.secrets().forEach((id, secret) -> values.put(id, encode(secret)));
        }
        if (!secrets.ssh().isEmpty()) {
            ObjectNode keys = document.putObject("ssh");
            secrets.ssh().forEach((id, list) -> {
                ArrayNode of = keys.putArray(id);
                list.forEach(key -> of.add(encode(key)));
            });
        }
        putRegistries(document, secrets);
    }

    private static void putRegistries(ObjectNode document, BuildSecrets secrets) {
        if (!secrets.registries().isEmpty()) {
            ObjectNode logins = document.putObject("registries");
            secrets.registries()
                .forEach((host, login) -> logins.putObject(host)
                    .put("user", login.user())
                    .put("secret", encode(login.secret())));
        }
    }

    private static Map<String, RegistryLogin> registries(JsonFields document) {
        Map<String, RegistryLogin> logins = new LinkedHashMap<>();
        document.optionalObject("registries")
            .ifPresent(fields -> fields.names(BuildSecrets.MAX_COUNT).forEach(host -> {
                JsonFields login = fields.object(host);
                String user = login.optionalString("user", RegistryLogin.MAX_USER).orElse("");
                Secret secret = login.parsed("secret", SecretsJson::decode);
                logins.put(login.build(() -> BuildSecrets.checked(host)),
                        login.build(() -> new RegistryLogin(user, secret)));
            }));
        return logins;
    }

    /** @throws JsonException naming the field that is wrong, and not what it holds */
    public static BuildSecrets read(JsonFields document) {
        Map<String, Secret> secrets = new LinkedHashMap<>();
        Optional<JsonFields> values = document.optionalObject("secrets");
        values.ifPresent(fields -> fields.names(BuildSecrets.MAX_COUNT)
            .forEach(id -> secrets.put(id, fields.parsed(id, SecretsJson::decode))));
        Map<String, List<Secret>> ssh = new LinkedHashMap<>();
        document.optionalObject("ssh")
            .ifPresent(fields -> fields.names(BuildSecrets.MAX_COUNT)
                .forEach(id -> ssh.put(id, fields.list(id, BuildSecrets.MAX_COUNT, SecretsJson::decode))));
        Map<String, RegistryLogin> registries = registries(document);
        return document.build(() -> new BuildSecrets(secrets, ssh, registries));
    }

    private static String encode(Secret secret) {
        return Base64.getEncoder().encodeToString(secret.bytes());
    }

    private static Secret decode(String text) {
        try {
            return new Secret(Base64.getDecoder().decode(text));
        } catch (IllegalArgumentException _) {
            // The cause would quote what it could not read.
            throw new IllegalArgumentException("expected base 64 of at most " + Secret.MAX_BYTES + " bytes");
        }
    }
}
