package dev.kiln.api.http;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;

/**
 * What a call presents in the header Authorization: {@code Bearer SECRET}, or Basic with a user and the secret as password.
 *
 * @param secret empty when the header holds none in a form that is known here
 */
public record Credentials(String secret) {

    /** Empty when there is no such header. */
    public static Optional<Credentials> of(Call call) {
        return call.header("Authorization").map(header -> new Credentials(secret(header)));
    }

    private static String secret(String header) {
        int space = header.indexOf(' ');
        String scheme = space < 0 ? header : header.substring(0, space);
        String rest = space < 0 ? "" : header.substring(space + 1).strip();
        return switch (scheme.toLowerCase(Locale.ROOT)) {
            case "bearer" -> rest;
            case "basic" -> password(rest);
            default -> "";
        };
    }

    private static String password(String encoded) {
        try {
            String pair = new String(Base64.getDecoder().decode(encoded), StandardCharsets.UTF_8);
            return pair.substring(pair.indexOf(':') + 1);
        } catch (IllegalArgumentException _) {
            return "";
        }
    }

    @Override
    public String toString() {
        return "(hidden)";
    }
}
