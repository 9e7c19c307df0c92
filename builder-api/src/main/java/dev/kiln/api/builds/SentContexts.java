package dev.kiln.api.builds;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;

import dev.kiln.layercache.content.BlobWriter;
import dev.kiln.layercache.content.ContentStore;
import dev.kiln.layercache.context.ContextLayout;
import dev.kiln.layercache.context.ContextLayout.Place;
import dev.kiln.layercache.context.ContextListing;
import dev.kiln.layercache.context.ContextUpload;
import dev.kiln.layercache.layer.ExtractLimits;
import dev.kiln.layercache.layer.LayerException;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.queue.job.ContextRef;

/**
 * Takes contexts of which only the data travels that is not here. What came with one upload is kept as one blob, a pack; when
 * everything that the listing names is in some pack, the layout becomes a blob too, and that is what builds name. Safe for
 * many threads.
 *
 * <p>Where data lies is remembered while this process lives, for as much as fits; a client that names the layout of an
 * earlier context helps it out after a restart. That a client has a digest proves nothing: it learns only whether the data
 * is here, and whoever may build may read contexts anyway.
 */
final class SentContexts {
    private static final int MAX_LISTING = 128 << 20;
    private static final int BUFFER = 64 << 10;
    /** Of data, some 250 bytes of memory each. */
    private static final int REMEMBERED = 200_000;
    private static final int LAYOUTS = 1_000;

    private final ContentStore content;
    private final long limit;
    /** Guarded by this. */
    private final Map<Digest, Place> known = remembering(REMEMBERED);
    /** By the digest of the listing. Guarded by this. */
    private final Map<Digest, ContextRef.Uploaded> layouts = remembering(LAYOUTS);

    /** @param limit bytes of data that a context may have */
    SentContexts(ContentStore content, long limit) {
        this.content = content;
        this.limit = limit;
    }

    /** What became of an upload. */
    sealed interface Answer {
        record Complete(ContextRef.Uploaded context) implements Answer {}

        /** @param data numbers among {@link ContextLayout#distinct} of what has to be sent too */
        record Missing(List<Integer> data) implements Answer {}
    }

    private static <V> Map<Digest, V> remembering(int most) {
        return new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<Digest, V> eldest) {
                return size() > most;
            }
        };
    }

    /** @throws LayerException when what came is refused */
    Answer receive(InputStream body) throws IOException {
        ContextUpload upload = ContextUpload.read(body, ExtractLimits.CONTEXT.withBytes(limit), MAX_LISTING);
        Map<Digest, Place> received = receiveData(upload, body);
        if (body.read() >= 0) {
            throw new LayerException(LayerException.Code.CORRUPT, "reading a context: more came than was announced");
        }
        Optional<ContextRef.Uploaded> before = layoutOf(upload.listing());
        if (before.isPresent()) {
            return new Answer.Complete(before.get());
        }
        Map<Digest, Place> places = places(upload, received);
        List<Digest> distinct = ContextLayout.distinct(upload.listing());
        List<Integer> missing = new ArrayList<>();
        for (int i = 0; i < distinct.size(); i++) {
            if (!places.containsKey(distinct.get(i))) {
                missing.add(i);
            }
        }
        return missing.isEmpty()
                ? new Answer.Complete(layOut(upload.listing(), places))
                : new Answer.Missing(missing);
    }

    private Map<Digest, Place> receiveData(ContextUpload upload, InputStream body) throws IOException {
        if (upload.sent().isEmpty()) {
            return Map.of();
        }
        List<Digest> distinct = ContextLayout.distinct(upload.listing());
        Map<Digest, Long> sizes = new HashMap<>();
        upload.listing().files().forEach(file -> sizes.put(file.data(), file.size()));
        Map<Digest, Long> offsets = new LinkedHashMap<>();
        Digest pack;
        try (BlobWriter blob = content.newBlob()) {
            for (int number : upload.sent()) {
                Digest data = distinct.get(number);
                offsets.put(data, blob.written());
                copy(body, data, sizes.getOrDefault(data, 0L), blob);
            }
            pack = blob.commit(Optional.empty());
        }
        Map<Digest, Place> received = new HashMap<>();
        offsets.forEach(
                (data, offset) -> received.put(data, new Place(pack, offset, sizes.getOrDefault(data, 0L))));
        synchronized (this) {
            known.putAll(received);
        }
        return received;
    }

    private static void copy(InputStream body, Digest data, long size, BlobWriter blob) throws IOException {
        MessageDigest hash = Digest.newSha256();
        byte[] buffer = new byte[(int) Math.min(BUFFER, size)];
        for (long left = size; left > 0;) {
            int n = body.read(buffer, 0, (int) Math.min(buffer.length, left));
            if (n < 0) {
                throw new LayerException(LayerException.Code.CORRUPT, "reading a context: it is cut short",
                        new EOFException());
            }
            hash.update(buffer, 0, n);
            blob.write(buffer, 0, n);
            left -= n;
        }
        if (!Digest.ofSha256(hash.digest()).equals(data)) {
            throw new LayerException(LayerException.Code.CORRUPT, "reading a context: what came as " + data
                    + " is something else; did a file change while it was sent?");
        }
    }

    private synchronized Optional<ContextRef.Uploaded> remembered(ContextListing listing) {
        return Optional.ofNullable(layouts.get(listing.digest()));
    }

    /** The same tree again has the same layout, so that builds of it have the same keys. */
    private Optional<ContextRef.Uploaded> layoutOf(ContextListing listing) throws IOException {
        Optional<ContextRef.Uploaded> layout = remembered(listing);
        return layout.isPresent() && isWhole(layout.get().digest()) ? layout : Optional.empty();
    }

    /** True for a layout that is here with all of its packs, and for anything else that is here. */
    boolean isWhole(Digest context) throws IOException {
        if (content.size(context).isEmpty()) {
            return false;
        }
        Optional<Map<Digest, Long>> packs;
        try (InputStream in = content.open(context)) {
            packs = ContextLayout.packsOf(in);
        }
        return packs.isEmpty() || haveAll(packs.get());
    }

    private boolean haveAll(Map<Digest, Long> packs) throws IOException {
        for (Map.Entry<Digest, Long> pack : packs.entrySet()) {
            OptionalLong size = content.size(pack.getKey());
            if (size.isEmpty() || size.getAsLong() != pack.getValue()) {
                return false;
            }
        }
        return true;
    }

    /** Where the data lies, as far as it is here; not where it would make a layout of too many packs. */
    private Map<Digest, Place> places(ContextUpload upload, Map<Digest, Place> received) throws IOException {
        Map<Digest, Place> base = base(upload);
        Map<Digest, Place> places = new HashMap<>();
        for (Digest data : ContextLayout.distinct(upload.listing())) {
            Optional<Place> place = Optional.ofNullable(received.get(data))
                .or(() -> Optional.ofNullable(base.get(data)))
                .or(() -> recall(data));
            place.ifPresent(p -> places.put(data, p));
        }
        Set<Digest> gone = new HashSet<>();
        for (Digest pack : places.values().stream().map(Place::pack).collect(Collectors.toSet())) {
            if (content.size(pack).isEmpty()) {
                gone.add(pack);
            }
        }
        gone.addAll(needless(places));
        places.values().removeIf(place -> gone.contains(place.pack()));
        return places;
    }

    /** Of too many packs those that hold the least; their data is asked for, and comes back as one. */
    private static List<Digest> needless(Map<Digest, Place> places) {
        Map<Digest, Long> bytes = places.values()
            .stream()
            .collect(Collectors.groupingBy(Place::pack, Collectors.summingLong(Place::size)));
        if (bytes.size() <= ContextLayout.MAX_PACKS) {
            return List.of();
        }
        return bytes.entrySet()
            .stream()
            .sorted(Map.Entry.<Digest, Long>comparingByValue().reversed())
            .skip(ContextLayout.MAX_PACKS / 4)
            .map(Map.Entry::getKey)
            .toList();
    }

    private Map<Digest, Place> base(ContextUpload upload) throws IOException {
        if (upload.base().isEmpty() || !isWhole(upload.base().get())) {
            return Map.of();
        }
        try (InputStream in = content.open(upload.base().get())) {
            byte[] blob = in.readNBytes(MAX_LISTING);
            return ContextLayout.startsLikeOne(blob)
                    ? ContextLayout.read(blob, ExtractLimits.CONTEXT).places()
                    : Map.of();
        }
    }

    private synchronized Optional<Place> recall(Digest data) {
        return Optional.ofNullable(known.get(data));
    }

    private ContextRef.Uploaded layOut(ContextListing listing, Map<Digest, Place> places) throws IOException {
        Map<Digest, Long> packs = new LinkedHashMap<>();
        for (Digest data : ContextLayout.distinct(listing)) {
            Digest pack = places.getOrDefault(data, new Place(data, 0, 0)).pack();
            if (!packs.containsKey(pack)) {
                packs.put(pack, content.size(pack).orElse(0));
            }
        }
        byte[] bytes = new ContextLayout(listing, packs, places).bytes();
        ContextRef.Uploaded layout = new ContextRef.Uploaded(content.ingest(bytes), bytes.length);
        synchronized (this) {
            layouts.put(listing.digest(), layout);
        }
        return layout;
    }
}
