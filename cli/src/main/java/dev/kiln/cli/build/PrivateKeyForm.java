package dev.kiln.cli.build;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Tells whether a file can be a private key that nobody has to unlock, from its outer form alone. */
final class PrivateKeyForm {
    private static final Pattern PEM = Pattern
        .compile("-----BEGIN ((?:[A-Z0-9]+ )*PRIVATE KEY)-----\\s+(.*?)-----END \\1-----", Pattern.DOTALL);
    private static final String MAGIC = "openssh-key-v1\0";
    private static final int MAX_NAME = 256;

    private PrivateKeyForm() {}

    /** What is wrong with it, without quoting it; empty when nothing is. */
    static Optional<String> fault(byte[] file) {
        Matcher pem = PEM.matcher(new String(file, StandardCharsets.ISO_8859_1));
        if (!pem.find()) {
            return Optional.of("this is no private key in PEM form");
        }
        return switch (pem.group(1)) {
            case "ENCRYPTED PRIVATE KEY" -> locked();
            case "OPENSSH PRIVATE KEY" -> openssh(pem.group(2));
            default -> pem.group(2).contains("ENCRYPTED") ? locked() : Optional.empty();
        };
    }

    private static Optional<String> openssh(String body) {
        try {
            ByteBuffer key = ByteBuffer.wrap(Base64.getMimeDecoder().decode(body));
            byte[] magic = new byte[MAGIC.length()];
            key.get(magic);
            byte[] cipher = new byte[Math.clamp(key.getInt(), 0, MAX_NAME)];
            key.get(cipher);
            if (!MAGIC.equals(new String(magic, StandardCharsets.ISO_8859_1))) {
                return Optional.of("this is no private key that OpenSSH wrote");
            }
            return "none".equals(new String(cipher, StandardCharsets.ISO_8859_1)) ? Optional.empty() : locked();
        } catch (IllegalArgumentException | BufferUnderflowException _) {
            return Optional.of("this is no private key that OpenSSH wrote");
        }
    }

    private static Optional<String> locked() {
        return Optional.of("the key has a passphrase, which a build cannot ask for: give a key without one");
    }
}
