package dev.kiln.layercache.context;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

import dev.kiln.layercache.content.BlobReader;
import dev.kiln.layercache.layer.LayerException;
import dev.kiln.layercache.layer.LayerException.Code;
import dev.kiln.layercache.oci.Digest;

/** Reads data out of packs in the order in which it lies there, and checks each against its digest. */
public final class PackReader {
    private static final int BUFFER = 64 << 10;

    private final BlobReader packs;

    public PackReader(BlobReader packs) {
        this.packs = packs;
    }

    /** Takes data piece by piece; {@link #end} comes once for each, after all of it was found to be right. */
    public interface Sink {
        void begin(Digest data, long size) throws IOException, InterruptedException;

        void bytes(byte[] buffer, int length) throws IOException;

        void end(Digest data) throws IOException, InterruptedException;
    }

    /**
     * Reads all of these.
     *
     * @throws LayerException {@code CORRUPT} when what lies at a place is something else; the sink heard of a begin then
     */
    public void read(ContextLayout layout, Collection<Digest> wanted, Sink sink)
            throws IOException, InterruptedException {
        Map<Digest, ContextLayout.Place> places = layout.places();
        List<Digest> inOrder = wanted.stream()
            .sorted(Comparator.comparing((Digest data) -> place(places, data).pack())
                .thenComparing(data -> place(places, data).offset()))
            .toList();
        Pack pack = null;
        try {
            for (Digest data : inOrder) {
                ContextLayout.Place place = place(places, data);
                if (pack == null || !pack.canReach(place)) {
                    if (pack != null) {
                        pack.close();
                    }
                    pack = new Pack(place, packs.open(place.pack(), place.offset()));
                }
                pack.read(data, place, sink);
            }
        } finally {
            if (pack != null) {
                pack.close();
            }
        }
    }

    private static ContextLayout.Place place(Map<Digest, ContextLayout.Place> places, Digest data) {
        ContextLayout.Place place = places.get(data);
        if (place == null) {
            throw new IllegalArgumentException("the layout has no place of " + data);
        }
        return place;
    }

    /** An open pack and how far it has been read. */
    private static final class Pack {
        /** Reading on is cheaper than opening anew. */
        private static final long NEAR = 1 << 20;

        private final Digest digest;
        private final InputStream in;
        private long position;

        Pack(ContextLayout.Place first, InputStream in) {
            this.digest = first.pack();
            this.in = in;
            this.position = first.offset();
        }

        boolean canReach(ContextLayout.Place place) {
            return place.pack().equals(digest) && place.offset() >= position && place.offset() - position <= NEAR;
        }

        void read(Digest data, ContextLayout.Place place, Sink sink) throws IOException, InterruptedException {
            in.skipNBytes(place.offset() - position);
            sink.begin(data, place.size());
            MessageDigest hash = data.newHash();
            byte[] buffer = new byte[(int) Math.min(BUFFER, place.size())];
            long left = place.size();
            while (left > 0) {
                int n = in.read(buffer, 0, (int) Math.min(buffer.length, left));
                if (n < 0) {
                    throw new EOFException("the pack " + digest + " ends early");
                }
                hash.update(buffer, 0, n);
                sink.bytes(buffer, n);
                left -= n;
            }
            position = place.offset() + place.size();
            if (!Digest.ofSha256(hash.digest()).equals(data)) {
                throw new LayerException(Code.CORRUPT,
                        "reading a context: the pack " + digest + " does not hold " + data + " where it should");
            }
            sink.end(data);
        }

        void close() throws IOException {
            in.close();
        }
    }
}
