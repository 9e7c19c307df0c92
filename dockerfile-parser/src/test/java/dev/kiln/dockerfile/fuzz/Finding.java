package dev.kiln.dockerfile.fuzz;

import java.nio.charset.StandardCharsets;

import dev.kiln.dockerfile.lex.Quoted;

/** An input for which something does not hold. */
record Finding(long seed, byte[] input, String what) {

    private static final int SHOWN = 4_000;

    @Override
    public String toString() {
        String text = Quoted.word(new String(input, StandardCharsets.UTF_8));
        return "seed " + seed + ": " + what + "\n" + text.substring(0, Math.min(SHOWN, text.length()));
    }
}
