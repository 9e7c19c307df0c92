package dev.kiln.api.distribution;

import java.util.concurrent.atomic.AtomicLong;

/** What all unfinished uploads together take of the disk, and how much they may. Safe for many threads. */
final class UploadSpace {
    private final long limit;
    private final AtomicLong taken = new AtomicLong();

    UploadSpace(long limit) {
        this.limit = limit;
    }

    /**
     * Takes space for an upload.
     *
     * @param before what the upload has taken already
     * @throws DistributionException when it alone would never fit, or when others have to end first
     */
    void take(long before, long more) {
        if (before > limit - more) {
            throw new DistributionException(DistributionError.SIZE_INVALID, "the blob has more than the " + limit
                    + " bytes that uploads may take here (setting uploadSpace)");
        }
        long now = taken.addAndGet(more);
        if (now > limit) {
            taken.addAndGet(-more);
            throw new DistributionException(DistributionError.TOOMANYREQUESTS, "the uploads under way take all of the "
                    + limit + " bytes that they may (setting uploadSpace); wait until some have ended")
                .with("Retry-After", "5");
        }
    }

    /** For uploads that were there before the limit was known. */
    void takeAnyway(long bytes) {
        taken.addAndGet(bytes);
    }

    void giveBack(long bytes) {
        taken.addAndGet(-bytes);
    }

    long taken() {
        return taken.get();
    }
}
