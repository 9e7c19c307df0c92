package dev.kiln.cli.context;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/** What comes on standard input in place of a context: an archive or the text of a Dockerfile, told by its first bytes. */
final class StandardInput {
    private static final List<byte[]> COMPRESSED = List.of(new byte[]{0x1f, (byte) 0x8b, 0x08},
            new byte[]{'B', 'Z', 'h'}, new byte[]{(byte) 0xfd, '7', 'z', 'X', 'Z', 0},
            new byte[]{0x28, (byte) 0xb5, 0x2f, (byte) 0xfd});
    private static final int BLOCK = 512;

    private final BufferedInputStream in;
    private final byte[] head;

    StandardInput(InputStream input) throws ContextException, IOException {
        in = new BufferedInputStream(input, 64 * 1024);
        in.mark(BLOCK);
        head = in.readNBytes(BLOCK);
        in.reset();
        if (head.length == 0) {
            throw new ContextException("failed to peek context header from STDIN: it is empty");
        }
    }

    InputStream open() {
        return in;
    }

    boolean isArchive() {
        return COMPRESSED.stream().anyMatch(this::startsWith) || isTar();
    }

    private boolean startsWith(byte[] mark) {
        return head.length >= mark.length && java.util.Arrays.equals(head, 0, mark.length, mark, 0, mark.length);
    }

    /** A header's checksum is that of its bytes, or the block is the empty one that ends a tar. */
    private boolean isTar() {
        if (head.length < BLOCK) {
            return false;
        }
        long unsigned = 0;
        long signed = 0;
        boolean empty = true;
        for (int i = 0; i < BLOCK; i++) {
            byte value = i >= 148 && i < 156 ? (byte) ' ' : head[i];
            unsigned += value & 0xff;
            signed += value;
            empty &= head[i] == 0;
        }
        long said = checksum();
        return empty || said == unsigned || said == signed;
    }

    private long checksum() {
        long sum = 0;
        boolean any = false;
        for (int i = 148; i < 156; i++) {
            if (head[i] >= '0' && head[i] <= '7') {
                sum = sum * 8 + head[i] - '0';
                any = true;
            } else if (any) {
                break;
            }
        }
        return any ? sum : -1;
    }
}
