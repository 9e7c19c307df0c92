package dev.kiln.queue.secret;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.subtle.AesGcmJce;
import tools.jackson.databind.node.ObjectNode;

import dev.kiln.queue.job.BuildId;
import dev.kiln.queue.json.JsonException;
import dev.kiln.queue.json.JsonText;

/**
 * The key that all processes of a farm share to hand secrets on: 32 random bytes. It may be followed by older ones, which
 * still open what was sealed with them. Safe for many threads.
 *
 * <p>Sealed bytes are: one byte that says the form, four that say the key, then what AES-256-GCM makes (nonce, ciphertext,
 * tag), with the build's id as associated data, so that one build's secrets cannot be put in place of another's. Tink's
 * cipher is used without its keysets: those need protobuf, which warns about itself on Java 25.
 */
public final class FarmKey {
    /** What sealed secrets have at most: base 64 in JSON of all that is accepted. */
    public static final int MAX_SEALED = BuildSecrets.MAX_TOTAL / 3 * 4 + (256 << 10);

    private static final int BYTES = 32;
    private static final byte FORM = 1;
    private static final int HEADER = 5;
    private static final String CONTEXT = "kiln.secrets.v1:";

    private record Key(int id, Aead cipher) {}

    private final List<Key> keys;

    private FarmKey(List<Key> keys) {
        this.keys = keys;
    }

    /**
     * Reads keys in base 64, separated by white space or commas; the first one seals.
     *
     * @throws IllegalArgumentException when there is none, or one is not 32 bytes; the message does not quote it
     */
    public static FarmKey parse(String text) {
        List<Key> keys = new ArrayList<>();
        for (String word : text.strip().split("[\\s,]+")) {
            keys.add(key(decode(word)));
        }
        return new FarmKey(List.copyOf(keys));
    }

    /** A fresh key in the form that {@link #parse} reads. */
    public static String generate(SecureRandom random) {
        byte[] bytes = new byte[BYTES];
        random.nextBytes(bytes);
        return Base64.getEncoder().encodeToString(bytes);
    }

    private static byte[] decode(String word) {
        byte[] bytes = {};
        try {
            bytes = Base64.getDecoder().decode(word);
        } catch (IllegalArgumentException _) {
            // Refused below; the cause would quote the key.
        }
        if (bytes.length != BYTES) {
            throw new IllegalArgumentException("expected the base 64 of " + BYTES
                    + " random bytes, as `openssl rand -base64 32` prints it");
        }
        return bytes;
    }

    private static Key key(byte[] bytes) {
        try {
            MessageDigest hash = MessageDigest.getInstance("SHA-256");
            hash.update("kiln.key-id".getBytes(StandardCharsets.US_ASCII));
            return new Key(ByteBuffer.wrap(hash.digest(bytes)).getInt(), new AesGcmJce(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-GCM is not available in this JVM", e);
        }
    }

    /** Seals the secrets for this build; each time the bytes are different. */
    public byte[] seal(BuildId build, BuildSecrets secrets) {
        ObjectNode document = JsonText.object();
        SecretsJson.put(document, secrets);
        byte[] clear = JsonText.write(document);
        try {
            Key key = keys.getFirst();
            byte[] sealed = key.cipher.encrypt(clear, context(build));
            return ByteBuffer.allocate(HEADER + sealed.length).put(FORM).putInt(key.id).put(sealed).array();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("sealing failed", e);
        } finally {
            Arrays.fill(clear, (byte) 0);
        }
    }

    /** @throws UnsealException when it was sealed with another key or for another build, or was changed */
    public BuildSecrets open(BuildId build, byte[] sealed) throws UnsealException {
        if (sealed.length < HEADER || sealed[0] != FORM) {
            throw new UnsealException("they have no form that this version knows");
        }
        int id = ByteBuffer.wrap(sealed).getInt(1);
        List<Key> candidates = keys.stream().filter(key -> key.id == id).toList();
        if (candidates.isEmpty()) {
            throw new UnsealException("they were sealed with a key that this process does not have");
        }
        byte[] body = Arrays.copyOfRange(sealed, HEADER, sealed.length);
        for (Key key : candidates) {
            try {
                return SecretsJson.read(JsonText.read(key.cipher.decrypt(body, context(build)), MAX_SEALED));
            } catch (GeneralSecurityException _) {
                // Not this key, not this build, or not what was sealed: all the same to who asks.
            } catch (JsonException _) {
                throw new UnsealException("what was sealed is in no form that this version knows");
            }
        }
        throw new UnsealException("they were changed, or are those of another build");
    }

    private static byte[] context(BuildId build) {
        return (CONTEXT + build).getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public String toString() {
        return "FarmKey(hidden)";
    }
}
