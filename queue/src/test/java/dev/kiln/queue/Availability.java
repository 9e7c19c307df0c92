package dev.kiln.queue;

/** Whether the stand-in for a broker answers. */
final class Availability {
    private volatile boolean available = true;

    void set(boolean now) {
        available = now;
    }

    boolean get() {
        return available;
    }

    void check(String what) throws QueueException {
        if (!available) {
            throw new QueueException(QueueException.Code.UNAVAILABLE, what + ": the broker does not answer");
        }
    }
}
