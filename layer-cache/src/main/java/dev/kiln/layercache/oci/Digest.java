package dev.kiln.layercache.oci;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * The address of content: an algorithm and the hash of the bytes, written {@code sha256:<64 hex digits>}
 * (OCI image-spec, descriptor.md, "Digests"). Only the two registered algorithms are accepted.
 */
public record Digest(String algorithm, String hex) implements Comparable<Digest> {
    private static final Pattern LOWER_HEX = Pattern.compile("[0-9a-f]+");

    public Digest {
        int length = switch (algorithm) {
            case "sha256" -> 64;
            case "sha512" -> 128;
            default -> throw new IllegalArgumentException("unsupported digest algorithm: " + algorithm);
        };
        if (hex.length() != length || !LOWER_HEX.matcher(hex).matches()) {
            throw new IllegalArgumentException("invalid " + algorithm + " digest: expected " + length
                    + " lower-case hex digits, got " + hex.length() + " characters");
        }
    }

    /** Reads {@code algorithm:hex}; throws {@link IllegalArgumentException} when it is not one. */
    public static Digest parse(String text) {
        int colon = text.indexOf(':');
        if (colon < 0) {
            throw new IllegalArgumentException("invalid digest: no algorithm");
        }
        return new Digest(text.substring(0, colon), text.substring(colon + 1));
    }

    public static Digest sha256(byte[] bytes) {
        return ofSha256(newSha256().digest(bytes));
    }

    /** The digest of these bytes by this digest's algorithm, to compare with it. */
    public Digest ofSame(byte[] bytes) {
        return new Digest(algorithm, HexFormat.of().formatHex(newHash().digest(bytes)));
    }

    /** The digest whose raw SHA-256 value is {@code hash} (32 bytes). */
    public static Digest ofSha256(byte[] hash) {
        return new Digest("sha256", HexFormat.of().formatHex(hash));
    }

    /** A fresh SHA-256, the algorithm of all digests that Kiln makes. */
    public static MessageDigest newSha256() {
        return newHash("sha256");
    }

    /** A fresh hash of this digest's algorithm, to check content against it. */
    public MessageDigest newHash() {
        return newHash(algorithm);
    }

    /** A fresh hash of an algorithm that digests may have; throws {@link IllegalArgumentException} for any other. */
    public static MessageDigest newHash(String algorithm) {
        String name = switch (algorithm) {
            case "sha256" -> "SHA-256";
            case "sha512" -> "SHA-512";
            default -> throw new IllegalArgumentException("unsupported digest algorithm: " + algorithm);
        };
        try {
            return MessageDigest.getInstance(name);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public int compareTo(Digest other) {
        return toString().compareTo(other.toString());
    }

    @Override
    public String toString() {
        return algorithm + ":" + hex;
    }
}
