package dev.kiln.layercache.posix;

import java.io.IOException;

/** Where a filesystem puts the trees that are made in a directory. */
public final class Spreading {
    private static final int TOP = 0x0002_0000;

    private Spreading() {}

    /**
     * Has each directory that is made in this one begin in a part of the disk of its own ({@code chattr +T}), where the
     * filesystem knows that. Ext4 else keeps the trees together, and does not give away again for half a minute what was just
     * removed there: after a collection of many files, each new one is searched for.
     *
     * @return false where the filesystem does not know it
     */
    public static boolean of(RawPath directory) throws IOException {
        try (FileHandle open = FileHandle.openDirectory(directory)) {
            int[] flags = new int[2];
            if (LibC.get().ioctl(open.fd(), LibC.FS_IOC_GETFLAGS, flags) != 0) {
                return false;
            }
            flags[0] |= TOP;
            return LibC.get().ioctl(open.fd(), LibC.FS_IOC_SETFLAGS, flags) == 0;
        }
    }
}
