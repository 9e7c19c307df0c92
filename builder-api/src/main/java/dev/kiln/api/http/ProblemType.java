package dev.kiln.api.http;

/** A class of failures that programs can tell apart (RFC 9457, section 3.1.1). */
public interface ProblemType {

    /** The last part of the type's URI. */
    String word();

    /** The HTTP status that goes with it. */
    int status();

    /** The same for all failures of the type. */
    String title();

    default String uri() {
        return "urn:kiln:problem:" + word();
    }
}
