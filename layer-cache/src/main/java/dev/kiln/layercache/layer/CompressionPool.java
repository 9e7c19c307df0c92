package dev.kiln.layercache.layer;

import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * The threads that compress, and what they work with. They are platform threads, one for each processor: compressing blocks
 * nobody and would only starve virtual threads. Blocks and compressors are kept for the next layer; how many there are is
 * bounded by how many {@link LayerOutput}s are open.
 */
final class CompressionPool implements AutoCloseable {
    private static final int KEPT_BLOCKS = 16;
    private static final int MAX_KEPT_LEVEL = 9;
    private final int threads;
    private final ExecutorService workers;
    private final Map<Compression, Queue<BlockCompressor>> idleCompressors = new ConcurrentHashMap<>();
    private final Map<Integer, Queue<byte[]>> idleBlocks = new ConcurrentHashMap<>();

    CompressionPool(int threads) {
        this.threads = threads;
        workers = Executors
            .newFixedThreadPool(threads, Thread.ofPlatform().daemon().name("layer-compression-", 0).factory());
    }

    int threads() {
        return threads;
    }

    byte[] block(int size) {
        byte[] idle = blocks(size).poll();
        return idle == null ? new byte[size] : idle;
    }

    void giveBack(byte[] block) {
        Queue<byte[]> idle = blocks(block.length);
        if (idle.size() < KEPT_BLOCKS) {
            idle.add(block);
        }
    }

    private Queue<byte[]> blocks(int size) {
        return idleBlocks.computeIfAbsent(size, _ -> new ConcurrentLinkedQueue<>());
    }

    Future<ByteBuffer> submit(Compression compression, byte[] block, int length) {
        return workers.submit(() -> compress(compression, block, length));
    }

    /** Compresses on the calling thread. */
    ByteBuffer compress(Compression compression, byte[] block, int length) {
        Queue<BlockCompressor> idle = idleCompressors.computeIfAbsent(compression, _ -> new ConcurrentLinkedQueue<>());
        BlockCompressor kept = idle.poll();
        BlockCompressor compressor = kept == null ? open(compression) : kept;
        ByteBuffer compressed = compressor.compress(block, length);
        if (isSmall(compression)) {
            idle.add(compressor);
        } else {
            compressor.close();
        }
        return compressed;
    }

    /** At high levels zstd takes tens of megabytes, and so long for a block that making a new compressor costs nothing. */
    private static boolean isSmall(Compression compression) {
        return !(compression instanceof Compression.Zstd(int level)) || level <= MAX_KEPT_LEVEL;
    }

    private static BlockCompressor open(Compression compression) {
        return switch (compression) {
            case Compression.Gzip gzip -> BlockCompressor.of(gzip);
            case Compression.Zstd zstd -> BlockCompressor.of(zstd);
            case Compression.None _ -> throw new IllegalArgumentException("nothing compresses without a compression");
        };
    }

    @Override
    public void close() {
        workers.close();
        idleCompressors.values().forEach(idle -> idle.forEach(BlockCompressor::close));
    }
}
