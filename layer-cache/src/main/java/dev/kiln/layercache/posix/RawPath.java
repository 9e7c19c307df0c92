package dev.kiln.layercache.posix;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;
import java.util.HexFormat;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * A path, or one name in it, exactly as Linux has it: any bytes but NUL. Ordered by unsigned bytes.
 *
 * <p>The bytes are held as the ISO 8859-1 string that has one character for each, which costs one byte each and makes
 * comparing, hashing and cutting the work of {@link String}.
 */
public final class RawPath implements Comparable<RawPath> {
    private final String latin1;

    private RawPath(String latin1) {
        this.latin1 = latin1;
    }

    private static RawPath checked(String latin1) {
        if (latin1.indexOf(0) >= 0) {
            throw new IllegalArgumentException("a path cannot contain NUL: " + printable(latin1.getBytes(ISO_8859_1)));
        }
        return new RawPath(latin1);
    }

    public static RawPath ofBytes(byte[] bytes) {
        return checked(new String(bytes, ISO_8859_1));
    }

    /** The path whose bytes are the characters of {@code latin1}, all below U+0100; {@link #latin1} is its inverse. */
    public static RawPath ofLatin1(String latin1) {
        for (int i = 0; i < latin1.length(); i++) {
            if (latin1.charAt(i) > 0xff) {
                throw new IllegalArgumentException("not a string of bytes: " + latin1);
            }
        }
        return checked(latin1);
    }

    /** The path that {@code text} is in UTF-8. */
    public static RawPath ofUtf8(String text) {
        return ofBytes(text.getBytes(UTF_8));
    }

    /** The bytes behind {@code path}, whatever the encoding of the process makes of them when they are printed. */
    public static RawPath of(Path path) {
        String text = path.toString();
        if (US_ASCII.newEncoder().canEncode(text)) {
            return new RawPath(text);
        }
        // The URI form is the only public one that has the bytes themselves, percent-encoded.
        String raw = path.toUri().getRawPath();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(raw.length());
        for (int i = 0; i < raw.length(); i++) {
            char c = raw.charAt(i);
            if (c == '%') {
                bytes.write(HexFormat.fromHexDigits(raw, i + 1, i + 3));
                i += 2;
            } else {
                bytes.write(c);
            }
        }
        String absolute = bytes.toString(ISO_8859_1);
        boolean slashAdded = absolute.length() > 1 && absolute.endsWith("/");
        return new RawPath(slashAdded ? absolute.substring(0, absolute.length() - 1) : absolute);
    }

    /** This path, a slash, and {@code below}, which is not absolute. An empty path or name adds nothing. */
    public RawPath resolve(RawPath below) {
        if (latin1.isEmpty() || below.latin1.isEmpty()) {
            return latin1.isEmpty() ? below : this;
        }
        return new RawPath(latin1.endsWith("/") ? latin1 + below.latin1 : latin1 + "/" + below.latin1);
    }

    /** As {@link #resolve(RawPath)} with the UTF-8 form of {@code below}. */
    public RawPath resolve(String below) {
        return resolve(ofUtf8(below));
    }

    /** What stands before the last slash: empty when there is none, {@code /} for a child of the root. */
    public RawPath parent() {
        int slash = latin1.lastIndexOf('/');
        return slash == 0 ? new RawPath("/") : new RawPath(slash < 0 ? "" : latin1.substring(0, slash));
    }

    /** What stands after the last slash. */
    public RawPath name() {
        return new RawPath(latin1.substring(latin1.lastIndexOf('/') + 1));
    }

    public boolean isEmpty() {
        return latin1.isEmpty();
    }

    /** Number of bytes. */
    public int length() {
        return latin1.length();
    }

    public byte[] bytes() {
        return latin1.getBytes(ISO_8859_1);
    }

    /** One character per byte; see {@link #ofLatin1}. Not for people: {@link #toString} is. */
    public String latin1() {
        return latin1;
    }

    /** The bytes with the NUL that ends a string of C. */
    byte[] terminated() {
        int length = latin1.length();
        byte[] bytes = new byte[length + 1];
        copyInto(bytes, length);
        return bytes;
    }

    @SuppressWarnings("deprecation") // exactly what it is for: the low byte of each character, of which there is no other
    private void copyInto(byte[] bytes, int length) {
        latin1.getBytes(0, length, bytes, 0);
    }

    @Override
    public int compareTo(RawPath other) {
        return latin1.compareTo(other.latin1);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof RawPath path && path.latin1.equals(latin1);
    }

    @Override
    public int hashCode() {
        return latin1.hashCode();
    }

    /** For people: as UTF-8 when it is that; otherwise, and for control characters, {@code \xNN} for each odd byte. */
    @Override
    public String toString() {
        return printable(bytes());
    }

    private static String printable(byte[] bytes) {
        try {
            String text = UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
            if (text.chars().noneMatch(Character::isISOControl)) {
                return text;
            }
        } catch (CharacterCodingException _) {
            // not UTF-8: escaped below
        }
        StringBuilder text = new StringBuilder();
        for (byte b : bytes) {
            if (b >= ' ' && b < 0x7f) {
                text.append((char) b);
            } else {
                text.append("\\x").append(HexFormat.of().toHexDigits(b));
            }
        }
        return text.toString();
    }
}
