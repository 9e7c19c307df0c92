package dev.kiln.queue;

/**
 * Which of several processes does what one of them has to do. It is a hint: for a moment two may believe that they lead, or
 * none. Safe for many threads.
 */
public interface Leadership extends AutoCloseable {

    /** For a process that has no equals. */
    Leadership ALONE = new Leadership() {
        @Override
        public boolean leads() {
            return true;
        }

        @Override
        public void close() {}
    };

    boolean leads();

    /** Lets another process lead. */
    @Override
    void close();
}
