package dev.kiln.layercache.posix;

import java.time.Instant;

/**
 * What {@code lstat} says of a file.
 *
 * @param stMode type and permissions as Linux packs them; {@link #type} and {@link #mode} take them apart
 * @param size bytes; of a symbolic link, the length of its target
 * @param links names that the file has
 * @param device which device a device node stands for; 0:0 otherwise
 */
public record FileStat(int stMode, Owner owner, long size, FileId id, long links, Device device, Times times) {

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

    /** Change of content, and change of anything; with nanoseconds. */
    public record Times(Instant modified, Instant changed) {}

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
