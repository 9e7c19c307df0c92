package dev.kiln.api.http;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

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
        if (!isRight(Credentials.of(call).map(Credentials::secret).orElse(""))) {
            throw new ProblemException(HttpProblem.UNAUTHORIZED, call.header("Authorization").isPresent()
                    ? "the token in the header Authorization is not this server's"
                    : "this server wants its token: send \"Authorization: Bearer TOKEN\"");
        }
    }

    /** Whether this is the server's token. */
    public boolean isRight(String token) {
        return MessageDigest.isEqual(expected, hash(token));
    }

    private static byte[] hash(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
