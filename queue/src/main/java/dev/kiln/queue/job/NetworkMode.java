package dev.kiln.queue.job;

/** The network of a step: nothing but its own loopback, the host's, or one of its own with a way out. */
public enum NetworkMode {
    NONE, HOST, PRIVATE
}
