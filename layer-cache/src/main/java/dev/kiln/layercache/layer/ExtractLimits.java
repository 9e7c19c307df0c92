package dev.kiln.layercache.layer;

/**
 * How much an archive may hold; one that has more is refused with {@link LayerException.Code#TOO_LARGE}.
 *
 * @param entries names, the whiteouts among them
 * @param bytes of the uncompressed archive, and, counted apart, of all files when their holes are filled
 * @param pathBytes of one name or link target
 * @param xattrBytes of the extended attributes of one entry, names and values together
 * @param namesBytes of all names together: what has to be remembered while the archive is read
 */
public record ExtractLimits(long entries, long bytes, int pathBytes, int xattrBytes, long namesBytes) {
    /** For layers of images: what a kernel takes as a path, and far more than any layer seen. */
    public static final ExtractLimits LAYER = new ExtractLimits(4_000_000, 256L << 30, 4095, 1 << 20, 1L << 30);

    /** For contexts of builds, which users send. */
    public static final ExtractLimits CONTEXT = new ExtractLimits(1_000_000, 32L << 30, 4095, 1 << 20, 256L << 20);

    public ExtractLimits {
        if (entries < 1 || bytes < 1 || pathBytes < 1 || xattrBytes < 1 || namesBytes < 1) {
            throw new IllegalArgumentException("every limit must be positive");
        }
    }

    /** These limits with another number of bytes. */
    public ExtractLimits withBytes(long bytes) {
        return new ExtractLimits(entries, bytes, pathBytes, xattrBytes, namesBytes);
    }

    /** These limits with another number of entries. */
    public ExtractLimits withEntries(long entries) {
        return new ExtractLimits(entries, bytes, pathBytes, xattrBytes, namesBytes);
    }
}
