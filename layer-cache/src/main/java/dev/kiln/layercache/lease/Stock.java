package dev.kiln.layercache.lease;

import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The items of one kind, as they are on the disk. Safe for many threads. */
public interface Stock {

    /** All items, in no order. What comes or goes meanwhile may be among them or not. */
    List<Stocked> list() throws IOException;

    /** Writes down when an item was used last, so that the next process knows; one that is gone is no error. */
    void used(String id, Instant when) throws IOException;

    /**
     * Takes an item away: when this returns nobody finds it any more, also after a crash. Quick; what takes long is left to
     * what it returns. The collector sees to it that nobody comes to hold the item meanwhile.
     *
     * @return empty when the item is gone already, or cannot go
     */
    Optional<Disposal> take(String id) throws IOException;

    /** Frees the space of an item that was taken away. */
    interface Disposal {
        Disposal DONE = () -> {};

        void run() throws IOException;
    }
}
