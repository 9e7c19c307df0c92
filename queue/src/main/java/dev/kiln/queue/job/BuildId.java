package dev.kiln.queue.job;

import java.time.Instant;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/**
 * Names a build: 26 characters of Crockford's base 32 in lower case, of which the first 10 are the time of submission
 * in milliseconds, so that names sort by age. Lower case, because it stands in repository names.
 */
public record BuildId(String value) implements Comparable<BuildId> {
    private static final String ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
    private static final Pattern FORM = Pattern.compile("[0-7][0-9a-hjkmnp-tv-z]{25}");

    public BuildId {
        if (!FORM.matcher(value).matches()) {
            throw new IllegalArgumentException("invalid build id: expected 26 characters of lower-case base 32");
        }
    }

    /** A fresh id; {@code random} gives its last 80 bits. */
    public static BuildId create(Instant now, RandomGenerator random) {
        char[] text = new char[26];
        long time = now.toEpochMilli();
        for (int i = 9; i >= 0; i--, time >>>= 5) {
            text[i] = ALPHABET.charAt((int) (time & 31));
        }
        for (int i = 10; i < 26; i++) {
            text[i] = ALPHABET.charAt(random.nextInt(32));
        }
        return new BuildId(new String(text));
    }

    /** The time of submission that is part of the id, in milliseconds. */
    public Instant submitted() {
        long time = 0;
        for (int i = 0; i < 10; i++) {
            time = time << 5 | ALPHABET.indexOf(value.charAt(i));
        }
        return Instant.ofEpochMilli(time);
    }

    @Override
    public int compareTo(BuildId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
