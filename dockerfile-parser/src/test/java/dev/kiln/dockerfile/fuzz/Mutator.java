package dev.kiln.dockerfile.fuzz;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Damages bytes. */
final class Mutator {

    private static final List<String> TOKENS = List.of("\0", "\n", "\r", "\\\n", "\"", "'", "$", "${", "}", "<<", "[",
            "]", "#", "--",
            "=", "\t", "FROM a\n", "ONBUILD ", "<<E", "\nE\n", "\u00ff");

    private final Random random;

    Mutator(Random random) {
        this.random = random;
    }

    byte[] mutate(byte[] input) {
        byte[] bytes = input;
        for (int i = random.nextInt(6); i > 0; i--) {
            bytes = once(bytes);
        }
        return bytes;
    }

    private byte[] once(byte[] bytes) {
        int at = random.nextInt(bytes.length + 1);
        int to = Math.min(bytes.length, at + random.nextInt(20));
        return switch (random.nextInt(6)) {
            case 0 -> Arrays.copyOf(bytes, at);
            case 1 -> replaced(bytes, at, to, new byte[0]);
            case 2 -> replaced(bytes, at, at, Arrays.copyOfRange(bytes, at, to));
            case 3 ->
                replaced(bytes, at, at, TOKENS.get(random.nextInt(TOKENS.size())).getBytes(StandardCharsets.UTF_8));
            case 4 -> replaced(bytes, at, Math.min(bytes.length, at + 1), new byte[]{(byte) random.nextInt(256)});
            default -> repeated(bytes, at, to);
        };
    }

    private byte[] repeated(byte[] bytes, int from, int to) {
        ByteArrayOutputStream piece = new ByteArrayOutputStream();
        for (int i = random.nextInt(50); i > 0; i--) {
            piece.write(bytes, from, to - from);
        }
        return replaced(bytes, from, from, piece.toByteArray());
    }

    private static byte[] replaced(byte[] bytes, int from, int to, byte[] by) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(bytes, 0, from);
        out.writeBytes(by);
        out.write(bytes, to, bytes.length - to);
        return out.toByteArray();
    }
}
