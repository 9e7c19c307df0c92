package dev.kiln.layercache.layer;

import dev.kiln.layercache.oci.MediaTypes;

/**
 * How the tar of a layer is stored. The tar is cut into blocks of fixed size, each compressed for itself (a gzip member, a
 * zstd frame); so the bytes depend on the input, the level and the versions of the compressors, not on the number of
 * processors.
 */
public sealed interface Compression {

    /** What everything can pull. */
    Compression GZIP = new Gzip(1);

    /** What is fastest by far, for readers that know it. */
    Compression ZSTD = new Zstd(1);

    Compression NONE = new None();

    /** The media type of OCI for layers stored so. */
    String mediaType();

    /** Bytes of tar that are compressed together. */
    int blockSize();

    /** The tar as it is. */
    record None() implements Compression {
        @Override
        public String mediaType() {
            return MediaTypes.OCI_LAYER;
        }

        @Override
        public int blockSize() {
            return 1 << 20;
        }
    }

    /**
     * Members of gzip at {@code level} 0 to 9: zlib's, but 1 is Kiln's own, which is about as good as zlib's 1 and several
     * times as fast. 0 does not compress.
     */
    record Gzip(int level) implements Compression {
        public Gzip {
            if (level < 0 || level > 9) {
                throw new IllegalArgumentException("gzip has levels 0 to 9, not " + level);
            }
        }

        @Override
        public String mediaType() {
            return MediaTypes.OCI_LAYER_GZIP;
        }

        @Override
        public int blockSize() {
            return 1 << 20;
        }
    }

    /** Frames of zstd at {@code level}, 0 to 22, of which 0 is zstd's own choice; each with its size and checksum. */
    record Zstd(int level) implements Compression {
        public Zstd {
            if (level < 0 || level > 22) {
                throw new IllegalArgumentException("zstd has levels 0 to 22, not " + level);
            }
        }

        @Override
        public String mediaType() {
            return MediaTypes.OCI_LAYER_ZSTD;
        }

        @Override
        public int blockSize() {
            return 4 << 20;
        }
    }
}
