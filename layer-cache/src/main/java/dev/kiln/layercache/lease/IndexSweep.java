package dev.kiln.layercache.lease;

import java.io.IOException;

/** Drops what the index says of things that are gone. */
public interface IndexSweep {
    IndexSweep NONE = _ -> {};

    /** @param everything drop all entries, also those whose results could be had again */
    void sweep(boolean everything) throws IOException;
}
