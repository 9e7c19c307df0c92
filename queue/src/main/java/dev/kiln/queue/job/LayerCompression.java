package dev.kiln.queue.job;

import java.util.Locale;
import java.util.OptionalInt;

import static dev.kiln.queue.job.Checks.check;

/**
 * How layers are compressed.
 *
 * @param level absent for what is usual: the fastest
 */
public record LayerCompression(Kind kind, OptionalInt level) {

    /** What {@code compression=} may say. */
    public enum Kind {
        UNCOMPRESSED(-1),
        GZIP(9),
        ZSTD(22);

        private final int highest;

        Kind(int highest) {
            this.highest = highest;
        }

        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** @throws IllegalArgumentException for a word that is none, or one that Kiln does not write */
        static Kind parse(String word) {
            for (Kind kind : values()) {
                if (kind.word().equals(word)) {
                    return kind;
                }
            }
            throw new IllegalArgumentException("compression=" + Checks.shown(word)
                    + " is not supported; known: uncompressed, gzip, zstd");
        }
    }

    public LayerCompression {
        check(level.isEmpty() || kind != Kind.UNCOMPRESSED, "compression-level says nothing for uncompressed layers");
        check(level.isEmpty() || level.getAsInt() >= 0 && level.getAsInt() <= kind.highest,
                kind.word() + " has levels 0 to " + kind.highest + ", not " + level.orElse(0));
    }
}
