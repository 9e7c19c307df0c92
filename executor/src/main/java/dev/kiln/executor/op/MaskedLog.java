package dev.kiln.executor.op;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

import dev.kiln.executor.solver.Op.StepLog;

/**
 * Puts three asterisks in place of secrets that a step prints, before anything of its output leaves the executor. Output that
 * may be the beginning of a secret is held until that is known, or until {@link #close}. Safe for the threads of both
 * streams.
 */
final class MaskedLog implements StepLog, AutoCloseable {
    private static final byte[] MASK = "***".getBytes(StandardCharsets.US_ASCII);

    private final StepLog log;
    private final Stream[] streams;

    MaskedLog(StepLog log, SecretMask mask) {
        this.log = log;
        this.streams = new Stream[]{new Stream(1, mask), new Stream(2, mask)};
    }

    @Override
    public void write(int stream, byte[] bytes, int length) throws IOException {
        streams[stream - 1].write(bytes, length);
    }

    @Override
    public void warning(String rule, String message) throws IOException {
        log.warning(rule, message);
    }

    /** Lets go what was held: no more output comes. */
    @Override
    public void close() throws IOException {
        for (Stream stream : streams) {
            stream.end();
        }
    }

    /** One stream's output; each belongs to one thread at a time. */
    private final class Stream {
        private final int number;
        private final SecretMask mask;
        private byte[] held = new byte[256];
        /** Which of the held bytes belong to a secret. */
        private boolean[] secret = new boolean[256];
        private int count;
        private int state;
        private boolean masking;

        Stream(int number, SecretMask mask) {
            this.number = number;
            this.mask = mask;
        }

        synchronized void write(byte[] bytes, int length) throws IOException {
            ByteArrayOutputStream out = new ByteArrayOutputStream(length + MASK.length);
            for (int i = 0; i < length; i++) {
                take(bytes[i]);
                if (count - mask.pending(state) >= 4096) {
                    release(out, count - mask.pending(state));
                }
            }
            release(out, count - mask.pending(state));
            send(out);
        }

        synchronized void end() throws IOException {
            ByteArrayOutputStream out = new ByteArrayOutputStream(count);
            release(out, count);
            state = 0;
            send(out);
        }

        private void send(ByteArrayOutputStream out) throws IOException {
            if (out.size() > 0) {
                log.write(number, out.toByteArray(), out.size());
            }
        }

        private void take(byte b) {
            if (count == held.length) {
                held = Arrays.copyOf(held, count * 2);
                secret = Arrays.copyOf(secret, count * 2);
            }
            held[count] = b;
            secret[count] = false;
            count++;
            state = mask.step(state, b);
            Arrays.fill(secret, count - mask.found(state), count, true);
        }

        /** Gives the first of the held bytes away, one mask for each run of secret ones. */
        private void release(ByteArrayOutputStream out, int release) {
            for (int i = 0; i < release; i++) {
                if (!secret[i]) {
                    out.write(held[i]);
                } else if (!masking) {
                    out.writeBytes(MASK);
                }
                masking = secret[i];
            }
            System.arraycopy(held, release, held, 0, count - release);
            System.arraycopy(secret, release, secret, 0, count - release);
            count -= release;
        }
    }
}
