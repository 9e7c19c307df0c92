package dev.kiln.api.distribution;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;

import dev.kiln.layercache.oci.Digest;

/** What counts against one quota. Not safe for several threads. */
final class QuotaAccount {
    private final Quota quota;
    /** What manifests list and refer to. */
    private final Map<Digest, Long> held = new HashMap<>();
    /** What was pushed and waits for its manifest. */
    private final Map<Digest, Long> waiting = new HashMap<>();
    private long bytes;
    private long underWay;

    QuotaAccount(Quota quota) {
        this.quota = quota;
    }

    Quota quota() {
        return quota;
    }

    long used() {
        return bytes + underWay;
    }

    boolean admits(long more) {
        return used() <= quota.bytes() - more;
    }

    /** Bytes of uploads that have not ended; negative when they have. */
    void underWay(long more) {
        underWay += more;
    }

    void pushed(Digest blob, long size) {
        if (!held.containsKey(blob) && waiting.putIfAbsent(blob, size) == null) {
            bytes += size;
        }
    }

    /** What a manifest would add. */
    long missing(Digest manifest, ManifestParts parts) {
        long sum = isCounted(manifest) ? 0 : parts.size();
        for (Map.Entry<Digest, Long> part : parts.parts().entrySet()) {
            sum += isCounted(part.getKey()) ? 0 : part.getValue();
        }
        return sum;
    }

    void listed(Digest manifest, ManifestParts parts) {
        hold(manifest, parts.size());
        parts.parts().forEach(this::hold);
    }

    /** Begins to count anew what manifests hold. */
    void clearHeld() {
        held.values().forEach(size -> bytes -= size);
        held.clear();
    }

    /** Forgets what waited for a manifest in vain. */
    void keepWaiting(Predicate<Digest> there) {
        waiting.entrySet().removeIf(entry -> {
            boolean gone = !there.test(entry.getKey());
            bytes -= gone ? entry.getValue() : 0;
            return gone;
        });
    }

    boolean isCounted(Digest blob) {
        return held.containsKey(blob) || waiting.containsKey(blob);
    }

    private void hold(Digest blob, long size) {
        Long waited = waiting.remove(blob);
        bytes -= waited == null ? 0 : waited;
        if (held.putIfAbsent(blob, size) == null) {
            bytes += size;
        }
    }
}
