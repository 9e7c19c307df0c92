package dev.kiln.layercache.oci;

import java.util.List;
import java.util.Optional;

/** What a tag or digest of a repository can name: one image or an index of several. */
public sealed interface ImageDocument permits Manifest, ImageIndex {

    String mediaType();

    /** What this refers to, in the document's order: config and layers, or manifests; not the subject. */
    List<Descriptor> references();

    /** The manifest this one is attached to, for signatures and the like. */
    Optional<Descriptor> subject();
}
