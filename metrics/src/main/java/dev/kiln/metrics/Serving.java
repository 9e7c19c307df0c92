package dev.kiln.metrics;

/** Something that is served until it is closed; closing it does nothing where nothing is served. */
public interface Serving extends AutoCloseable {
    @Override
    void close();
}
