package dev.kiln.executor.solver;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The output of a step so far, for those who join it late: the first part in memory, more of it in a file. For one
 * thread at a time.
 */
final class LogSpool implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LogSpool.class);
    private static final int IN_MEMORY = 64 * 1024;
    private static final byte[] LOST = "(earlier output of this step could not be kept)\n"
        .getBytes(StandardCharsets.UTF_8);

    private final Path directory;
    private ByteArrayOutputStream memory = new ByteArrayOutputStream(0);
    private @Nullable Path file;
    private boolean lost;

    /** @param directory takes the file when one is needed; must exist */
    LogSpool(Path directory) {
        this.directory = directory;
    }

    /** Never fails: that the output cannot be told again to others does not end the step. */
    void append(int stream, byte[] bytes, int length) {
        if (lost) {
            return;
        }
        try {
            var out = new DataOutputStream(memory);
            out.writeByte(stream);
            out.writeInt(length);
            out.write(bytes, 0, length);
            if (memory.size() > IN_MEMORY) {
                spill();
            }
        } catch (IOException e) {
            LOG.warn("action=keep-step-output directory={} outcome=lost", directory, e);
            lost = true;
        }
    }

    private void spill() throws IOException {
        if (file == null) {
            file = Files.createTempFile(directory, "step-", ".log");
        }
        try (var out = Files.newOutputStream(file, java.nio.file.StandardOpenOption.APPEND)) {
            memory.writeTo(out);
        }
        memory = new ByteArrayOutputStream();
    }

    void replay(Sink sink) {
        if (!lost) {
            try {
                if (file != null) {
                    try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
                        replay(in, sink);
                    }
                }
                replay(new java.io.ByteArrayInputStream(memory.toByteArray()), sink);
                return;
            } catch (IOException e) {
                LOG.warn("action=replay-step-output file={} outcome=lost", file, e);
                lost = true;
            }
        }
        sink.log(2, LOST, LOST.length);
    }

    private static void replay(InputStream in, Sink sink) throws IOException {
        var data = new DataInputStream(in);
        for (int stream = data.read(); stream >= 0; stream = data.read()) {
            byte[] bytes = new byte[data.readInt()];
            data.readFully(bytes);
            sink.log(stream, bytes, bytes.length);
        }
    }

    @Override
    public void close() {
        memory = new ByteArrayOutputStream(0);
        lost = true;
        try {
            if (file != null) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            LOG.warn("action=remove-step-output file={}", file, e);
        }
    }

    interface Sink {
        void log(int stream, byte[] bytes, int length);
    }
}
