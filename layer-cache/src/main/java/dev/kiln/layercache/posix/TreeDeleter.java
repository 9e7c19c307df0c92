package dev.kiln.layercache.posix;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Removes a tree from open directories, not from paths: so no link is followed and no depth is too great for a path.
 * Below {@link #MAX_DEPTH} a directory is first moved up to the top of the tree, which keeps open files and stack few.
 * A directory on which something is mounted is refused before anything in it is touched.
 */
final class TreeDeleter {
    private static final int MAX_DEPTH = 64;
    private static final int EBUSY = 16;
    private static final int AT_EMPTY_PATH = 0x1000;
    private static final long STATX_ATTR_MOUNT_ROOT = 0x2000;
    private static final int IMMUTABLE_OR_APPEND_ONLY = 0x10 | 0x20;
    private static final int RENAME_NOREPLACE = 1;

    private int moved;

    void delete(RawPath path) throws IOException {
        RawPath name = path.name();
        if (name.isEmpty() || name.latin1().equals(".") || name.latin1().equals("..")) {
            throw new IllegalArgumentException("cannot delete a tree without a name of its own: " + path);
        }
        RawPath parent = path.parent().isEmpty() ? RawPath.ofUtf8(".") : path.parent();
        try (FileHandle above = FileHandle.openDirectoryFollowing(parent)) {
            delete(above, name);
        } catch (PosixException e) {
            if (!e.isMissing()) {
                throw e;
            }
        }
    }

    private void delete(FileHandle above, RawPath name) throws IOException {
        if (LibC.get().unlinkat(above.fd(), name.terminated(), 0) == 0) {
            return;
        }
        try (FileHandle top = open(above, name)) {
            int before;
            do {
                before = moved;
                empty(top, top, 0);
            } while (moved != before);
        } catch (PosixException e) {
            if (e.errno() != Errno.ENOTDIR) {
                throw e;
            }
            unlock(above, name);
            Posix.check(LibC.get().unlinkat(above.fd(), name.terminated(), 0), "removing", above.path().resolve(name));
            return;
        }
        unlock(above, name);
        Posix.check(LibC.get().unlinkat(above.fd(), name.terminated(), LibC.AT_REMOVEDIR), "removing the directory",
                above.path().resolve(name));
    }

    private void empty(FileHandle directory, FileHandle top, int depth) throws IOException {
        for (DirEntry entry : Posix.list(directory, directory.path())) {
            if (entry.type() != FileType.DIRECTORY) {
                remove(directory, entry.name(), 0);
            } else if (depth >= MAX_DEPTH) {
                moveUp(directory, entry.name(), top);
            } else {
                removeDirectory(directory, entry.name(), top, depth);
            }
        }
    }

    private void removeDirectory(FileHandle directory, RawPath name, FileHandle top, int depth) throws IOException {
        try (FileHandle below = open(directory, name)) {
            empty(below, top, depth + 1);
        } catch (PosixException e) {
            if (e.errno() != Errno.ENOENT) {
                throw e;
            }
            return;
        }
        remove(directory, name, LibC.AT_REMOVEDIR);
    }

    private void moveUp(FileHandle directory, RawPath name, FileHandle top) throws IOException {
        boolean unlocked = false;
        while (true) {
            RawPath to = RawPath.ofUtf8(".moved-" + moved++);
            if (LibC.get()
                .renameat2(directory.fd(), name.terminated(), top.fd(), to.terminated(), RENAME_NOREPLACE) == 0) {
                return;
            }
            PosixException failure = Posix.failure("moving up", directory.path().resolve(name), LibC.errno());
            switch (failure.errno()) {
                case EEXIST -> {
                    // a name that the tree has itself: the next number
                }
                case EPERM, EACCES -> {
                    if (unlocked) {
                        throw failure;
                    }
                    unlock(top);
                    unlock(directory);
                    unlock(directory, name);
                    unlocked = true;
                }
                default -> throw failure;
            }
        }
    }

    /** Opens a directory; a plain user may first have to give himself back the permission to read it. */
    private static FileHandle open(FileHandle above, RawPath name) throws IOException {
        FileHandle directory;
        try {
            directory = above.openDirectoryBelow(name);
        } catch (PosixException e) {
            if (e.errno() != Errno.EACCES) {
                throw e;
            }
            LibC.get().fchmodat(above.fd(), name.terminated(), 0700, 0);
            directory = above.openDirectoryBelow(name);
        }
        if (isMountRoot(directory)) {
            directory.close();
            throw Posix.failure("removing what is mounted at", directory.path(), EBUSY);
        }
        return directory;
    }

    private static boolean isMountRoot(FileHandle directory) throws IOException {
        byte[] statx = new byte[Posix.STATX_SIZE];
        Posix.check(LibC.get().statx(directory.fd(), new byte[1], AT_EMPTY_PATH, 0, statx), "looking at",
                directory.path());
        return (ByteBuffer.wrap(statx).order(ByteOrder.nativeOrder()).getLong(8) & STATX_ATTR_MOUNT_ROOT) != 0;
    }

    private static void remove(FileHandle directory, RawPath name, int flags) throws IOException {
        if (LibC.get().unlinkat(directory.fd(), name.terminated(), flags) == 0) {
            return;
        }
        PosixException failure = Posix.failure("removing", directory.path().resolve(name), LibC.errno());
        switch (failure.errno()) {
            case ENOENT -> {
                // somebody else removed it
            }
            case EPERM, EACCES -> {
                unlock(directory);
                unlock(directory, name);
                Posix.check(LibC.get().unlinkat(directory.fd(), name.terminated(), flags), "removing",
                        directory.path().resolve(name));
            }
            default -> throw failure;
        }
    }

    private static void unlock(FileHandle directory) {
        clearFlags(directory);
        LibC.get().fchmod(directory.fd(), 0700);
    }

    private static void unlock(FileHandle directory, RawPath name) throws IOException {
        try (FileHandle file = directory.openBelow(name)) {
            clearFlags(file);
        } catch (PosixException _) {
            // links and devices have no flags; the removal that follows says what is wrong
        }
    }

    private static void clearFlags(FileHandle file) {
        int[] flags = new int[2];
        if (LibC.get().ioctl(file.fd(), LibC.FS_IOC_GETFLAGS, flags) == 0
                && (flags[0] & IMMUTABLE_OR_APPEND_ONLY) != 0) {
            flags[0] &= ~IMMUTABLE_OR_APPEND_ONLY;
            LibC.get().ioctl(file.fd(), LibC.FS_IOC_SETFLAGS, flags);
        }
    }
}
