package dev.kiln.layercache.posix;

import java.util.Locale;
import java.util.Optional;

/** What a file is: the {@code S_IFMT} part of {@code st_mode}. */
public enum FileType {
    FIFO(0x1000),
    CHARACTER_DEVICE(0x2000),
    DIRECTORY(0x4000),
    BLOCK_DEVICE(0x6000),
    REGULAR(0x8000),
    SYMLINK(0xa000),
    SOCKET(0xc000);

    private static final int MASK = 0xf000;
    private static final FileType[] VALUES = values();
    private final int bits;

    FileType(int bits) {
        this.bits = bits;
    }

    /** The bits that {@code mknod} takes beside the permissions. */
    int bits() {
        return bits;
    }

    /** For messages: "block device". */
    String describe() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    static FileType ofMode(int stMode) {
        return ofBits(stMode & MASK).orElseThrow(() -> new IllegalArgumentException("no file type in mode "
                + Integer.toOctalString(stMode)));
    }

    /** The type that {@code d_type} of a directory entry names; empty when the filesystem did not say. */
    static Optional<FileType> ofDirentType(int type) {
        return ofBits(type << 12);
    }

    private static Optional<FileType> ofBits(int bits) {
        for (FileType type : VALUES) {
            if (type.bits == bits) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }
}
