package dev.kiln.layercache.layer;

import dev.kiln.layercache.posix.FileStat.Device;
import dev.kiln.layercache.posix.RawPath;

/**
 * One entry of a tar.
 *
 * @param name as written, but with the slash that ends the name of a directory taken off
 * @param link where a symbolic link points, or the earlier entry that a hard link names; else empty
 * @param size bytes of content, holes filled; 0 for all but files
 */
record TarEntry(Kind kind, RawPath name, RawPath link, long size, Attributes attributes, Device device) {

    /** The same entry with other attributes. */
    TarEntry with(Attributes other) {
        return new TarEntry(kind, name, link, size, other, device);
    }

    enum Kind {
        FILE('0'),
        HARD_LINK('1'),
        SYMLINK('2'),
        CHARACTER_DEVICE('3'),
        BLOCK_DEVICE('4'),
        DIRECTORY('5'),
        FIFO('6');

        private final char flag;

        Kind(char flag) {
            this.flag = flag;
        }

        /** The byte that stands for it in the header. */
        byte flag() {
            return (byte) flag;
        }
    }
}
