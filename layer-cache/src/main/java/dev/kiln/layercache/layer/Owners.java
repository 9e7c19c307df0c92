package dev.kiln.layercache.layer;

/** What becomes of the owners that an archive names. */
public enum Owners {
    /** Files get them, and the attributes that only root may set; needs root. */
    KEEP,
    /** All files belong to who extracts; of extended attributes only {@code user.*} are set, which anybody may. */
    DROP
}
