package dev.kiln.executor.worker;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/** Bytes of a stream to text, piece by piece: a character that is split between pieces is put together again. */
final class Utf8Decoder {
    private final CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder()
        .onMalformedInput(CodingErrorAction.REPLACE)
        .onUnmappableCharacter(CodingErrorAction.REPLACE);
    private byte[] rest = new byte[0];

    /** The text of these bytes, as far as it is whole; with {@code end} all of it. */
    String decode(byte[] bytes, int length, boolean end) {
        ByteBuffer in = ByteBuffer.allocate(rest.length + length).put(rest).put(bytes, 0, length).flip();
        CharBuffer out = CharBuffer.allocate(in.remaining() + 1);
        decoder.reset();
        decoder.decode(in, out, end);
        rest = new byte[in.remaining()];
        in.get(rest);
        return out.flip().toString();
    }
}
