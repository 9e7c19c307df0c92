package dev.kiln.dockerfile.expand;

import java.util.Arrays;

import dev.kiln.dockerfile.source.DockerfileException;
import dev.kiln.dockerfile.source.DockerfileException.Code;

/**
 * The patterns of {@code ${name#pattern}} and its relatives: {@code *} is any text, {@code ?} one character, both
 * without line ends; a backslash takes the meaning from these two and from itself, and a backslash before {@code /} or
 * {@code }} only kept the expression going.
 *
 * <p>
 * Matching follows all possibilities at once, so it takes at most (length of value × length of pattern) steps, and that
 * product is bounded.
 */
final class Glob {

    private static final long MOST_STEPS = 1L << 25;
    private static final int STAR = -1;
    private static final int ANY = -2;

    private final int[] tokens;

    private Glob(int[] tokens) {
        this.tokens = tokens;
    }

    static Glob parse(String pattern) {
        int[] in = pattern.codePoints().toArray();
        int[] out = new int[in.length];
        int length = 0;
        for (int i = 0; i < in.length; i++) {
            int c = in[i];
            if (c == '\\') {
                if (++i == in.length || "*?\\/}".indexOf(in[i]) < 0) {
                    String escape = i == in.length ? "\\" : "\\" + Character.toString(in[i]);
                    throw new DockerfileException(Code.EXPANSION,
                            "invalid pattern (" + pattern + ") in substitution: invalid escape '" + escape + "'");
                }
                out[length++] = in[i];
            } else if (c != '*') {
                out[length++] = c == '?' ? ANY : c;
            } else if (length == 0 || out[length - 1] != STAR) {
                out[length++] = STAR;
            }
        }
        return new Glob(Arrays.copyOf(out, length));
    }

    String withoutPrefix(String value, boolean longest) {
        int[] text = value.codePoints().toArray();
        int end = matchEnd(text, 0, longest);
        return end < 0 ? value : new String(text, end, text.length - end);
    }

    String withoutSuffix(String value, boolean longest) {
        int[] text = reversed(value.codePoints().toArray());
        int end = new Glob(reversed(tokens)).matchEnd(text, 0, longest);
        return end < 0 ? value : new String(reversed(text), 0, text.length - end);
    }

    /**
     * The leftmost longest match, or all of them from left to right, replaced. If all are, {@code $0} in the replacement
     * is the match: see {@link Template}.
     */
    String replace(String value, String replacement, boolean all, int longestResult) {
        int[] text = value.codePoints().toArray();
        StringBuilder result = new StringBuilder();
        int copied = 0;
        int from = 0;
        int lastEnd = -1;
        do {
            int start = leftmost(text, from);
            if (start < 0 || result.length() > longestResult) {
                break;
            }
            int end = matchEnd(text, start, true);
            if (end > start || start != lastEnd) {
                append(result, text, copied, start);
                if (all) {
                    Template.expand(replacement, new String(text, start, end - start), result, longestResult);
                } else {
                    result.append(replacement);
                }
                copied = end;
                lastEnd = end;
            }
            from = end > start ? end : end + 1;
        } while (all && from <= text.length);
        return append(result, text, copied, text.length).toString();
    }

    private static StringBuilder append(StringBuilder result, int[] text, int from, int to) {
        for (int i = from; i < to; i++) {
            result.appendCodePoint(text[i]);
        }
        return result;
    }

    /** Where the shortest or longest match that starts at {@code from} ends, or -1. */
    private int matchEnd(int[] text, int from, boolean longest) {
        checkWork(text);
        boolean[] alive = new boolean[tokens.length + 1];
        alive[0] = true;
        int end = -1;
        for (int i = from; passStars(alive); i++) {
            if (alive[tokens.length]) {
                end = i;
                if (!longest) {
                    break;
                }
            }
            if (i == text.length) {
                break;
            }
            step(alive, text[i]);
        }
        return end;
    }

    private void checkWork(int[] text) {
        if ((long) text.length * tokens.length > MOST_STEPS) {
            throw new DockerfileException(Code.TOO_LARGE, "a value of " + text.length
                    + " characters is too long to be matched with a pattern of " + tokens.length);
        }
    }

    /** Lets every star match nothing; false if no possibility is left. */
    private boolean passStars(boolean[] alive) {
        boolean any = false;
        for (int t = 0; t < tokens.length; t++) {
            any |= alive[t];
            if (alive[t] && tokens[t] == STAR) {
                alive[t + 1] = true;
            }
        }
        return any | alive[tokens.length];
    }

    private void step(boolean[] alive, int c) {
        alive[tokens.length] = false;
        for (int t = tokens.length - 1; t >= 0; t--) {
            if (alive[t]) {
                boolean wild = tokens[t] < 0 && c != '\n';
                if (tokens[t] == STAR) {
                    alive[t] = wild;
                } else {
                    alive[t] = false;
                    alive[t + 1] |= wild || tokens[t] == c;
                }
            }
        }
    }

    /** The first index at or after {@code from} at which some match starts, or -1. */
    private int leftmost(int[] text, int from) {
        checkWork(text);
        int[] start = new int[tokens.length + 1];
        Arrays.fill(start, Integer.MAX_VALUE);
        for (int i = from; i <= text.length; i++) {
            start[0] = Math.min(start[0], i);
            for (int t = 0; t < tokens.length; t++) {
                if (tokens[t] == STAR) {
                    start[t + 1] = Math.min(start[t + 1], start[t]);
                }
            }
            if (start[tokens.length] != Integer.MAX_VALUE) {
                return start[tokens.length];
            }
            if (i < text.length) {
                stepStarts(start, text[i]);
            }
        }
        return -1;
    }

    private void stepStarts(int[] start, int c) {
        for (int t = tokens.length - 1; t >= 0; t--) {
            boolean wild = tokens[t] < 0 && c != '\n';
            if (tokens[t] == STAR) {
                start[t] = wild ? start[t] : Integer.MAX_VALUE;
            } else {
                if (wild || tokens[t] == c) {
                    start[t + 1] = Math.min(start[t + 1], start[t]);
                }
                start[t] = Integer.MAX_VALUE;
            }
        }
    }

    private static int[] reversed(int[] in) {
        int[] out = new int[in.length];
        for (int i = 0; i < in.length; i++) {
            out[in.length - 1 - i] = in[i];
        }
        return out;
    }
}
