package dev.kiln.executor.solver;

import java.util.List;
import java.util.Optional;

import dev.kiln.layercache.index.CacheEntry;
import dev.kiln.layercache.index.CacheKey;

/**
 * Results that the executors of a farm hand each other, by key. Whatever goes wrong there is no failure of a step: what
 * cannot be had is not found, and what cannot be left is left out. Safe for many threads.
 */
public interface FarmResults {

    /** An executor that is alone. */
    FarmResults NONE = new FarmResults() {
        @Override
        public Optional<CacheEntry> find(CacheKey key) {
            return Optional.empty();
        }

        @Override
        public void made(List<CacheEntry> entries) {
            // nobody wants it
        }

        @Override
        public void used(CacheEntry entry) {
            // nobody wants it
        }
    };

    /**
     * What another executor left under this key, without what the key was made of: whoever asks knows that. Its layers are
     * only promised, and come when somebody needs them. Takes a bounded time.
     */
    Optional<CacheEntry> find(CacheKey key) throws InterruptedException;

    /**
     * A step was run here, and its result is in the index; does not wait.
     *
     * @param entries one for each key of the step, all with the same layers
     */
    void made(List<CacheEntry> entries);

    /** An entry of the index here was of use, so the farm had better have it too; does not wait. */
    void used(CacheEntry entry);
}
