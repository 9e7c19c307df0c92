package dev.kiln.layercache.lease;

/** Hears of every run of a {@link Collector}; called from many threads, must not block. */
public interface CollectorMeter {
    CollectorMeter NONE = (_, _) -> {};

    /**
     * A run has ended.
     *
     * @param gone what it took away
     * @param left everything that was listed and stays
     */
    void collected(Usage gone, Usage left);
}
