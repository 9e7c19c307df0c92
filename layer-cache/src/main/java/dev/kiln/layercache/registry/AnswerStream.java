package dev.kiln.layercache.registry;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;

/**
 * The body of an answer. A connection that breaks, on which nothing comes for too long, or on which next to nothing comes
 * for as long, is a {@link RegistryException} that may be tried again; an interrupt is an {@link InterruptedIOException}
 * and stays set. For one reader. Its place at the registry is free when it ended or was closed.
 */
final class AnswerStream extends FilterInputStream {
    /** Who sends fewer bytes a second than this for the whole patience holds a place and sends nothing of use. */
    private static final long SLOWEST = 512;

    private final Transport.Call call;
    private final Duration patience;
    private final Lane.Place place;
    private final RegistryMeter meter;
    private final CountDownLatch ended = new CountDownLatch(1);
    private long count;
    /** Even between reads, odd during one; each read has its own numbers. */
    private volatile long reads;
    private volatile boolean stalled;
    /** How long reads took since {@link #countThen} bytes had come. */
    private long waited;
    private long countThen;

    private AnswerStream(InputStream in, Transport.Call call, Duration patience, Lane.Place place,
            RegistryMeter meter) {
        super(in);
        this.call = call;
        this.patience = patience;
        this.place = place;
        this.meter = meter;
    }

    /** @param patience how long one read may take; it ends within twice this time */
    static InputStream of(InputStream in, Transport.Call call, Duration patience, Lane.Place place,
            RegistryMeter meter) {
        AnswerStream stream = new AnswerStream(in, call, patience, place, meter);
        if (!call.method().equals("HEAD")) {
            Thread.startVirtualThread(stream::watch);
        }
        return stream;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        long begun = System.nanoTime();
        reads++;
        try {
            int n = in.read(bytes, offset, length);
            if (n < 0) {
                ended.countDown();
                place.close();
            } else {
                count += n;
                meter.received(n);
                drip(System.nanoTime() - begun);
            }
            return n;
        } catch (IOException e) {
            throw explain(e);
        } finally {
            reads++;
        }
    }

    /** A byte now and then looks alive to {@link #watch}. */
    private void drip(long nanos) throws IOException {
        waited += nanos;
        if (waited < patience.toNanos()) {
            return;
        }
        if (count - countThen < SLOWEST * patience.toMillis() / 1000) {
            throw failure("sent " + (count - countThen) + " bytes in " + patience.toSeconds() + " s", null);
        }
        waited = 0;
        countThen = count;
    }

    @Override
    public long skip(long n) throws IOException {
        return readNBytes((int) Math.min(n, 1 << 16)).length;
    }

    @Override
    public void close() throws IOException {
        place.close();
        closeAndStay();
    }

    /** Closes the connection or gives it back, and keeps the place at the registry. */
    void closeAndStay() throws IOException {
        ended.countDown();
        super.close();
    }

    @Override
    public boolean markSupported() {
        return false;
    }

    private IOException explain(IOException e) {
        if (Thread.currentThread().isInterrupted()) {
            InterruptedIOException interrupted = new InterruptedIOException(call.what() + ": interrupted");
            interrupted.initCause(e);
            return interrupted;
        }
        if (e instanceof RegistryException known) {
            return known;
        }
        return failure(stalled
                ? "sent nothing for " + patience.toSeconds() + " s"
                : "broke the connection: " + Transport.reason(e), e);
    }

    private RegistryException failure(String how, @Nullable IOException cause) {
        return new RegistryException(RegistryException.Code.UNAVAILABLE, call.what() + ": the registry "
                + call.uri().getAuthority() + " " + how + " (after " + count + " bytes)", OptionalInt.empty(),
                Optional.empty(), cause);
    }

    /** Closes the connection under a read that takes too long; a reader that does not read is not waited for. */
    private void watch() {
        try {
            long before = -1;
            while (!ended.await(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                long now = reads;
                if (now % 2 == 1 && now == before) {
                    stalled = true;
                    in.close();
                    return;
                }
                before = now;
            }
        } catch (InterruptedException | IOException e) {
            // The reader finds the stream closed or broken itself.
            Thread.currentThread().interrupt();
        }
    }
}
