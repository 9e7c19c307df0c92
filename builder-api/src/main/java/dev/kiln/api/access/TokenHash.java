package dev.kiln.api.access;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What is known of a token: the SHA-256 of it, or of a salt and it. Tokens are long and random, so a slow hash would add
 * nothing but work for the server. Does not show itself.
 */
final class TokenHash {
    private static final Pattern FORM = Pattern.compile("(?:([!-9;-~]{1,64}):)?([0-9a-f]{64})");

    private final String salt;
    private final byte[] hash;

    private TokenHash(String salt, byte[] hash) {
        this.salt = salt;
        this.hash = hash;
    }

    /** Reads {@code HEX} or {@code SALT:HEX}. The text is not repeated in the {@link IllegalArgumentException}. */
    static TokenHash parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "expected the 64 lower-case hex digits of a SHA-256, or a salt, a colon and those of salt and token");
        }
        String salt = matcher.group(1) == null ? "" : matcher.group(1);
        return new TokenHash(salt, HexFormat.of().parseHex(matcher.group(2)));
    }

    /** How long it takes says nothing about the token. */
    boolean isOf(String token) {
        return MessageDigest.isEqual(hash, sha256(salt + token));
    }

    static byte[] sha256(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public String toString() {
        return "(hidden)";
    }
}
