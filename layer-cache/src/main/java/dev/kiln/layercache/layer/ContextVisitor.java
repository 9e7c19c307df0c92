package dev.kiln.layercache.layer;

import java.io.IOException;
import java.time.Instant;
import java.util.Map;

import dev.kiln.layercache.posix.RawPath;

/** What is done with the entries of a context, all of which are found in order. */
sealed interface ContextVisitor permits ContextFiles, ContextExtraction {

    /** A directory without an entry; {@code modified} is the time of what is in it. */
    void implied(RawPath directory, Instant modified) throws IOException;

    void entry(RawPath name, TarEntry entry, TarReader content) throws IOException;

    /** See {@link ContextSummary#files}. */
    Map<String, byte[]> files();

    /** See {@link ContextSummary#links}. */
    Map<String, String> links();
}
