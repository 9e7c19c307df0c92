package dev.kiln.api.distribution;

import java.time.Instant;
import java.util.List;

/**
 * What is remembered of an upload besides its bytes; written whenever a request on it has ended.
 *
 * @param algorithm of the digest that is computed while bytes come
 * @param committed how many bytes were taken for good
 * @param touched when it was written, to the second
 */
record UploadState(RepositoryName repository, String algorithm, long committed, Instant touched) {

    UploadState with(long bytes, Instant now) {
        return new UploadState(repository, algorithm, bytes, now);
    }

    /** One value on each line. */
    String text() {
        return repository + "\n" + algorithm + "\n" + committed + "\n" + touched.getEpochSecond() + "\n";
    }

    /** Throws {@link IllegalArgumentException} for what was not written here. */
    static UploadState parse(String text) {
        List<String> lines = text.lines().toList();
        if (lines.size() != 4 || !lines.get(2).matches("[0-9]{1,18}") || !lines.get(3).matches("[0-9]{1,11}")) {
            throw new IllegalArgumentException("not the state of an upload");
        }
        try {
            return new UploadState(new RepositoryName(lines.get(0)), lines.get(1), Long.parseLong(lines.get(2)),
                    Instant.ofEpochSecond(Long.parseLong(lines.get(3))));
        } catch (DistributionException e) {
            throw new IllegalArgumentException("it is of no repository", e);
        }
    }
}
