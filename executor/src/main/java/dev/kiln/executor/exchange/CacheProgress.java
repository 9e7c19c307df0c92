package dev.kiln.executor.exchange;

import java.util.Optional;

/** Hears what becomes of the caches of one build. Called from many threads. */
public interface CacheProgress {

    /** Something begins that takes time, and that people see like a step. */
    void begun(String name);

    void line(String name, String text);

    /** @param error what went wrong; whether the build fails for it is said elsewhere */
    void ended(String name, Optional<String> error);
}
