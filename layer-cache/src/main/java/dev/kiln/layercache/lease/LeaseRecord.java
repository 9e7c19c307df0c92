package dev.kiln.layercache.lease;

import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Collection;
import java.util.Collections;
import java.util.Iterator;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

import dev.kiln.layercache.oci.Digest;

/**
 * What a lease holds, and its file form: lines of words, the last one the digest of those before it.
 *
 * <pre>
 * lease build-17.1
 * expires 2026-08-01T10:00:00Z
 * blob sha256:ba78…
 * snapshot 42
 * check sha256:77ab…
 * </pre>
 */
record LeaseRecord(String name, Instant expires, SortedSet<Digest> blobs, SortedSet<String> snapshots) {

    LeaseRecord {
        checkLine(name, "name");
        snapshots.forEach(s -> checkLine(s, "snapshot"));
        blobs = Collections.unmodifiableSortedSet(new TreeSet<>(blobs));
        snapshots = Collections.unmodifiableSortedSet(new TreeSet<>(snapshots));
    }

    LeaseRecord(String name, Instant expires) {
        this(name, expires, new TreeSet<>(), new TreeSet<>());
    }

    LeaseRecord with(Collection<Digest> moreBlobs, Collection<String> moreSnapshots) {
        return new LeaseRecord(name, expires, union(blobs, moreBlobs), union(snapshots, moreSnapshots));
    }

    LeaseRecord until(Instant time) {
        return new LeaseRecord(name, time, blobs, snapshots);
    }

    byte[] encode() {
        StringBuilder text = new StringBuilder();
        text.append("lease ").append(name).append('\n').append("expires ").append(expires).append('\n');
        blobs.forEach(b -> text.append("blob ").append(b).append('\n'));
        snapshots.forEach(s -> text.append("snapshot ").append(s).append('\n'));
        return (text + check(text.toString())).getBytes(StandardCharsets.UTF_8);
    }

    /** The record, or empty when the bytes are not whole. */
    static Optional<LeaseRecord> decode(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.UTF_8);
        int check = text.lastIndexOf("check ");
        if (check < 0) {
            return Optional.empty();
        }
        String body = text.substring(0, check);
        if (!text.substring(check).equals(check(body))) {
            return Optional.empty();
        }
        try {
            return Optional.of(parse(body.lines().iterator()));
        } catch (IllegalArgumentException | DateTimeException e) {
            return Optional.empty();
        }
    }

    private static String check(String body) {
        return "check " + Digest.sha256(body.getBytes(StandardCharsets.UTF_8)) + "\n";
    }

    private static LeaseRecord parse(Iterator<String> lines) {
        String name = value(lines, "lease ");
        Instant expires = Instant.parse(value(lines, "expires "));
        Set<Digest> blobs = new TreeSet<>();
        Set<String> snapshots = new TreeSet<>();
        while (lines.hasNext()) {
            String line = lines.next();
            if (line.startsWith("blob ")) {
                blobs.add(Digest.parse(line.substring("blob ".length())));
            } else if (line.startsWith("snapshot ")) {
                snapshots.add(line.substring("snapshot ".length()));
            } else {
                throw new IllegalArgumentException("unknown line");
            }
        }
        return new LeaseRecord(name, expires).with(blobs, snapshots);
    }

    private static String value(Iterator<String> lines, String word) {
        String line = lines.hasNext() ? lines.next() : "";
        if (!line.startsWith(word)) {
            throw new IllegalArgumentException("expected " + word);
        }
        return line.substring(word.length());
    }

    private static <T> SortedSet<T> union(SortedSet<T> some, Collection<T> more) {
        SortedSet<T> all = new TreeSet<>(some);
        all.addAll(more);
        return all;
    }

    private static void checkLine(String text, String what) {
        if (text.isEmpty() || text.length() > 255 || text.chars().anyMatch(c -> c < ' ' || c == 0x7f)) {
            throw new IllegalArgumentException("a lease's " + what + " is 1 to 255 characters on one line");
        }
    }
}
