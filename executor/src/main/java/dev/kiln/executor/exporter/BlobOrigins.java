package dev.kiln.executor.exporter;

import java.util.List;

import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.ImageReference;

/** Knows repositories that have a blob, so that a registry can be asked to take it from one of them. */
public interface BlobOrigins {
    List<ImageReference> of(Digest blob);
}
