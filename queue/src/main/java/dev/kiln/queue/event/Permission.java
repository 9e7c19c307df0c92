package dev.kiln.queue.event;

/** Whether an attempt may publish. */
public enum Permission {
    GRANTED,
    /** Somebody wished that the build ends, before the attempt asked. It is this attempt's to end it. */
    CANCELLED,
    /** Another attempt started later, or the build has an outcome. */
    REFUSED
}
