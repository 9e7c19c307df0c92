package dev.kiln.executor.cachemount;

import java.io.IOException;
import java.util.List;

/** Hears that a step has to wait for caches. */
public interface Waiting {

    /** Nobody needs to know. */
    Waiting SILENTLY = _ -> {
        // it waits all the same
    };

    /** @param ids of the caches that others have, at least one; asked for under them */
    void began(List<String> ids) throws IOException;
}
