package dev.kiln.layercache.content;

import java.io.IOException;
import java.util.function.Consumer;

import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.Digest;

/** All roles of a local store of blobs together. */
public interface ContentStore extends BlobReader, BlobIngester {

    /** Removes a blob; one that is not here is no error. Readers that have it open read on to its end. */
    void delete(Digest digest) throws IOException;

    /** Calls {@code each} for every blob, in no order; the media type of the descriptors says nothing. */
    void forEach(Consumer<Descriptor> each) throws IOException;
}
