package dev.kiln.executor.remote;

import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.time.Duration;

import dev.kiln.executor.remote.FetchException.Code;

/** A body that ends with an error when nothing comes for long, when it takes too long, and when its reader is interrupted. */
final class BodyWatch extends FilterInputStream {
    private static final long TICK_MILLIS = 200;
    private static final long IDLE_NANOS = Duration.ofMinutes(2).toNanos();

    private final Deadline deadline;
    private final String what;
    private final Thread watch;
    private volatile long lastProgress = System.nanoTime();
    private volatile boolean cut;

    BodyWatch(InputStream in, Deadline deadline, String what) {
        super(in);
        this.deadline = deadline;
        this.what = what;
        watch = Thread.ofVirtual().name("http-watch").start(this::watch);
    }

    private void watch() {
        try {
            while (!deadline.isPassed() && System.nanoTime() - lastProgress < IDLE_NANOS) {
                Thread.sleep(TICK_MILLIS);
            }
            cut = true;
            in.close();
        } catch (InterruptedException _) {
            // read to the end
        } catch (IOException _) {
            // closed already, which is what was wanted
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        try {
            int count = in.read(into, offset, length);
            if (count < 0 && cut) {
                throw end(new EOFException("closed"));
            }
            lastProgress = System.nanoTime();
            return count;
        } catch (FetchException e) {
            throw e;
        } catch (IOException e) {
            throw end(e);
        }
    }

    private IOException end(IOException cause) {
        if (Thread.currentThread().isInterrupted()) {
            InterruptedIOException interrupted = new InterruptedIOException("fetching " + what + " was interrupted");
            interrupted.initCause(cause);
            return interrupted;
        }
        if (cut) {
            return deadline.isPassed()
                    ? deadline.exceeded(what + ": the answer")
                    : new FetchException(Code.UNAVAILABLE, what + ": the answer stopped coming", cause);
        }
        return new FetchException(Code.UNAVAILABLE, what + ": the answer broke off: " + HttpRequests.reason(cause),
                cause);
    }

    @Override
    public void close() throws IOException {
        watch.interrupt();
        in.close();
    }
}
