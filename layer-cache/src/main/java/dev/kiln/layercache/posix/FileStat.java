package dev.kiln.layercache.posix;

import java.time.Instant;
import java.util.Optional;

/**
 * What {@code lstat} says of a file.
 *
 * @param stMode type and permissions as Linux packs them; {@link #type} and {@link #mode} take them apart
 * @param space how long it is, and what it takes on the disk
 * @param links names that the file has
 * @param device which device a device node stands for; 0:0 otherwise
 */
public record FileStat(int stMode, Owner owner, Space space, FileId id, long links, Device device, Times times) {

    /**
     * Two sizes in bytes.
     *
     * @param length of the content; of a symbolic link, of its target
     * @param disk the blocks that the filesystem gave it
     */
    public record Space(long length, long disk) {}

    /** Unsigned 32-bit user and group ids. */
    public record Owner(long uid, long gid) {
        public static final Owner ROOT = new Owner(0, 0);
    }

    /** One file on this machine, whatever names it has: equal for hard links to the same file. */
    public record FileId(long filesystem, long inode) {}

    /** Major and minor number. */
    public record Device(int major, int minor) {
        public static final Device NONE = new Device(0, 0);

        /** As glibc's {@code makedev}. */
        long packed() {
            long high = major;
            long low = minor;
            return (low & 0xff) | (high & 0xfff) << 8 | (low & 0xffffff00L) << 12 | (high & 0xfffff000L) << 32;
        }
    }

    /**
     * With nanoseconds.
     *
     * @param modified change of content
     * @param changed change of anything
     * @param born when the file was made, where the filesystem knows
     */
    public record Times(Instant modified, Instant changed, Optional<Instant> born) {}

    /** Bytes of content; of a symbolic link, the length of its target. */
    public long size() {
        return space.length();
    }

    public FileType type() {
        return FileType.ofMode(stMode);
    }

    /** Permission bits with set-user-id, set-group-id and sticky: at most 07777. */
    public int mode() {
        return stMode & 07777;
    }

    public boolean isDirectory() {
        return type() == FileType.DIRECTORY;
    }

    public Instant modified() {
        return times.modified();
    }
}
