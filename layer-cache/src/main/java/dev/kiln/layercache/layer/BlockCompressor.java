package dev.kiln.layercache.layer;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;

/** Compresses one block at a time, each into bytes that stand for themselves. For one thread at a time. */
sealed interface BlockCompressor extends AutoCloseable {

    /** Compresses the first {@code length} bytes of {@code block}; the result's room is the caller's to keep. */
    ByteBuffer compress(byte[] block, int length);

    @Override
    void close();

    static BlockCompressor of(Compression.Gzip gzip) {
        return new GzipMembers(gzip.level());
    }

    static BlockCompressor of(Compression.Zstd zstd) {
        return new ZstdFrames(zstd.level());
    }

    /** RFC 1952: no name, no time, "unknown" system, so that equal blocks give equal bytes. */
    final class GzipMembers implements BlockCompressor {
        private static final int HEADER = 10;
        private static final int TRAILER = 8;
        private final Deflate deflate;
        private final CRC32 crc = new CRC32();

        /** The deflate stream of a member: how much room it may need, and how it is written; both as {@link FastDeflate}. */
        private sealed interface Deflate {
            int bound(int length);

            int compress(byte[] block, int length, byte[] out, int at);

            void close();
        }

        private record Fast(FastDeflate deflate) implements Deflate {
            @Override
            public int bound(int length) {
                return FastDeflate.bound(length);
            }

            @Override
            public int compress(byte[] block, int length, byte[] out, int at) {
                return deflate.compress(block, length, out, at);
            }

            @Override
            public void close() {
                // memory only
            }
        }

        private record Zlib(Deflater deflater) implements Deflate {
            /** What cannot be compressed is stored, at 5 bytes for each 16 KiB or more. */
            @Override
            public int bound(int length) {
                return length + (length >> 10) + 128;
            }

            @Override
            public int compress(byte[] block, int length, byte[] out, int at) {
                deflater.reset();
                deflater.setInput(block, 0, length);
                deflater.finish();
                int written = deflater.deflate(out, at, out.length - at);
                if (!deflater.finished()) {
                    throw new IllegalStateException("deflate made " + length + " bytes longer than it ever does");
                }
                return at + written;
            }

            @Override
            public void close() {
                deflater.end();
            }
        }

        private GzipMembers(int level) {
            deflate = level == 1 ? new Fast(new FastDeflate()) : new Zlib(new Deflater(level, true));
        }

        @Override
        public ByteBuffer compress(byte[] block, int length) {
            ByteBuffer out = ByteBuffer.allocate(HEADER + deflate.bound(length) + TRAILER)
                .order(ByteOrder.LITTLE_ENDIAN);
            out.putShort((short) 0x8b1f).putShort((short) 8).putInt(0).put((byte) 0).put((byte) 0xff);
            out.position(deflate.compress(block, length, out.array(), HEADER));
            crc.reset();
            crc.update(block, 0, length);
            return out.putInt((int) crc.getValue()).putInt(length).flip();
        }

        @Override
        public void close() {
            deflate.close();
        }
    }

    /** RFC 8878. */
    final class ZstdFrames implements BlockCompressor {
        private final ZstdCompressCtx context = new ZstdCompressCtx();

        private ZstdFrames(int level) {
            context.setLevel(level).setChecksum(true).setContentSize(true);
        }

        @Override
        public ByteBuffer compress(byte[] block, int length) {
            byte[] out = new byte[(int) Zstd.compressBound(length)];
            int size = context.compressByteArray(out, 0, out.length, block, 0, length);
            return ByteBuffer.wrap(out, 0, size);
        }

        @Override
        public void close() {
            context.close();
        }
    }
}
