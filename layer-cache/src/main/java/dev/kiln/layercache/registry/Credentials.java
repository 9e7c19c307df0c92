package dev.kiln.layercache.registry;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** A user and a password; prints itself without the password. */
public record Credentials(String user, String password) {

    String basic() {
        byte[] pair = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
        return "Basic " + Base64.getEncoder().encodeToString(pair);
    }

    @Override
    public String toString() {
        return "Credentials[user=" + user + ", password=***]";
    }
}
