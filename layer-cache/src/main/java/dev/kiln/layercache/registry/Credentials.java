package dev.kiln.layercache.registry;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/**
 * A user and a password, or an identity token that a token server changes for short-lived ones; prints itself without
 * either.
 */
public record Credentials(String user, String password, Optional<String> identityToken) {
    /** Stands for the user where Docker's credential helpers mean that the password is an identity token. */
    public static final String TOKEN_USER = "<token>";

    public Credentials(String user, String password) {
        this(user, password, Optional.empty());
    }

    public static Credentials ofIdentityToken(String token) {
        return new Credentials(TOKEN_USER, "", Optional.of(token));
    }

    /** As a credential helper says it: the user {@value #TOKEN_USER} has an identity token. */
    public static Credentials of(String user, String secret) {
        return user.equals(TOKEN_USER) ? ofIdentityToken(secret) : new Credentials(user, secret);
    }

    /** What {@link #of} takes as its second argument. */
    public String secret() {
        return identityToken.orElse(password);
    }

    String basic() {
        byte[] pair = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
        return "Basic " + Base64.getEncoder().encodeToString(pair);
    }

    @Override
    public String toString() {
        return "Credentials[user=" + user + ", secret=***]";
    }
}
