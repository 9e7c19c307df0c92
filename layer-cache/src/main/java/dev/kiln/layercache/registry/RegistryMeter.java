package dev.kiln.layercache.registry;

/** Hears of the traffic of a {@link RegistryClient}; called from many threads, must not block. */
public interface RegistryMeter {
    RegistryMeter NONE = new RegistryMeter() {
        @Override
        public void answered(int status) {}

        @Override
        public void unanswered() {}

        @Override
        public void retried() {}

        @Override
        public void sent(long bytes) {}

        @Override
        public void received(long bytes) {}
    };

    /** A request was answered; one that is redirected, or refused for want of a token and sent again, counts each time. */
    void answered(int status);

    /** No answer came to a request. */
    void unanswered();

    /** What failed is tried again now. */
    void retried();

    /** A body went out whole. */
    void sent(long bytes);

    /** So much of a body came. */
    void received(long bytes);
}
