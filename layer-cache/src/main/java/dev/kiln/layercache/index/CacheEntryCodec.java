package dev.kiln.layercache.index;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import dev.kiln.layercache.index.CacheEntry.CachedLayer;
import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.Platform;

/**
 * The file form of an entry: a magic number that also is the form's version, the SHA-256 of the rest, the fields in order.
 * Texts are UTF-8 behind their length in bytes, optionals behind a byte 0 or 1.
 */
final class CacheEntryCodec {
    private static final int MAGIC = 0x4b494c31;
    private static final int HASH = 32;

    private CacheEntryCodec() {}

    static byte[] encode(CacheEntry entry) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            text(out, entry.key().toString());
            out.writeLong(entry.cost().toNanos());
            time(out, entry.created());
            map(out, entry.preimage());
            out.writeInt(entry.layers().size());
            for (CachedLayer layer : entry.layers()) {
                layer(out, layer);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        byte[] body = bytes.toByteArray();
        return ByteBuffer.allocate(4 + HASH + body.length)
            .putInt(MAGIC)
            .put(Digest.newSha256().digest(body))
            .put(body)
            .array();
    }

    /** The entry, or empty when the bytes are not whole or not of this form. */
    static Optional<CacheEntry> decode(byte[] file) {
        try {
            ByteBuffer in = ByteBuffer.wrap(file);
            if (in.getInt() != MAGIC) {
                return Optional.empty();
            }
            byte[] expected = new byte[HASH];
            in.get(expected);
            MessageDigest hash = Digest.newSha256();
            hash.update(in.duplicate());
            return MessageDigest.isEqual(expected, hash.digest()) ? Optional.of(body(in)) : Optional.empty();
        } catch (BufferUnderflowException | IllegalArgumentException | DateTimeException e) {
            return Optional.empty();
        }
    }

    private static CacheEntry body(ByteBuffer in) {
        CacheKey key = new CacheKey(Digest.parse(text(in)));
        Duration cost = Duration.ofNanos(in.getLong());
        Instant created = time(in);
        Map<String, String> preimage = map(in);
        int count = count(in);
        List<CachedLayer> layers = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            layers.add(layer(in));
        }
        return new CacheEntry(key, layers, cost, created, preimage);
    }

    private static void layer(DataOutputStream out, CachedLayer layer) throws IOException {
        text(out, layer.diffId().toString());
        Descriptor blob = layer.blob();
        text(out, blob.mediaType());
        text(out, blob.digest().toString());
        out.writeLong(blob.size());
        map(out, blob.annotations());
        optional(out, blob.platform());
        optional(out, blob.artifactType());
        out.writeLong(layer.tarSize());
        optional(out, layer.snapshot());
        out.writeBoolean(layer.created().isPresent());
        if (layer.created().isPresent()) {
            time(out, layer.created().get());
        }
    }

    private static CachedLayer layer(ByteBuffer in) {
        Digest diffId = Digest.parse(text(in));
        Descriptor blob = new Descriptor(text(in), Digest.parse(text(in)), in.getLong(), map(in),
                optional(in).map(Platform::parse), optional(in));
        return new CachedLayer(diffId, blob, in.getLong(), optional(in),
                in.get() == 0 ? Optional.empty() : Optional.of(time(in)));
    }

    private static void text(DataOutputStream out, String text) throws IOException {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(utf8.length);
        out.write(utf8);
    }

    private static String text(ByteBuffer in) {
        byte[] utf8 = new byte[count(in)];
        in.get(utf8);
        return new String(utf8, StandardCharsets.UTF_8);
    }

    private static void time(DataOutputStream out, Instant time) throws IOException {
        out.writeLong(time.getEpochSecond());
        out.writeInt(time.getNano());
    }

    private static Instant time(ByteBuffer in) {
        return Instant.ofEpochSecond(in.getLong(), in.getInt());
    }

    private static void optional(DataOutputStream out, Optional<?> value) throws IOException {
        out.writeBoolean(value.isPresent());
        if (value.isPresent()) {
            text(out, value.get().toString());
        }
    }

    private static Optional<String> optional(ByteBuffer in) {
        return in.get() == 0 ? Optional.empty() : Optional.of(text(in));
    }

    private static void map(DataOutputStream out, Map<String, String> map) throws IOException {
        out.writeInt(map.size());
        for (Map.Entry<String, String> field : map.entrySet()) {
            text(out, field.getKey());
            text(out, field.getValue());
        }
    }

    private static Map<String, String> map(ByteBuffer in) {
        int count = count(in);
        Map<String, String> map = HashMap.newHashMap(count);
        for (int i = 0; i < count; i++) {
            map.put(text(in), text(in));
        }
        return map;
    }

    /** A count of things that take at least a byte each. */
    private static int count(ByteBuffer in) {
        int count = in.getInt();
        if (count < 0 || count > in.remaining()) {
            throw new BufferUnderflowException();
        }
        return count;
    }
}
