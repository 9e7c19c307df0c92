package dev.kiln.layercache.layer;

import java.io.IOException;
import java.io.InputStream;

/** A layer that can be read, plain or compressed, as often as it takes. */
@FunctionalInterface
public interface LayerSource {

    /** Opens the layer at its start; who opens it closes it. */
    InputStream open() throws IOException;
}
