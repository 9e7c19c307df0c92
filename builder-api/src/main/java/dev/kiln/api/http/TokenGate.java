package dev.kiln.api.http;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Locale;

/**
 * Lets only those pass who know the server's token: {@code Bearer TOKEN}, or Basic with any user and the token as
 * password, which is what registry clients can send. How long a comparison takes says nothing about the token.
 */
public final class TokenGate implements Actions.Gate {
    private final byte[] expected;

    public TokenGate(String token) {
        expected = hash(token);
    }

    @Override
    public void check(Call call) {
        String presented = call.header("Authorization").map(TokenGate::token).orElse("");
        if (!MessageDigest.isEqual(expected, hash(presented))) {
            throw new ProblemException(HttpProblem.UNAUTHORIZED, call.header("Authorization").isPresent()
                    ? "the token in the header Authorization is not this server's"
                    : "this server wants its token: send \"Authorization: Bearer TOKEN\"");
        }
    }

    private static String token(String header) {
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
        } catch (IllegalArgumentException e) {
            return "";
        }
    }

    private static byte[] hash(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
