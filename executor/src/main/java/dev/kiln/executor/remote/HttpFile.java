package dev.kiln.executor.remote;

import java.time.Instant;
import java.util.Optional;

import dev.kiln.layercache.oci.Digest;

/** A file that was fetched and is in the content store. */
public record HttpFile(Digest digest, long size, Optional<Instant> lastModified) {}
