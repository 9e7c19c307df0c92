package dev.kiln.executor.history;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

import dev.kiln.executor.history.StepRecord.Input;
import dev.kiln.layercache.oci.Digest;

/**
 * The file forms of records and of lists of instructions: a magic number that also is the form's version, the SHA-256 of
 * the rest, the fields in order. Texts are UTF-8 behind their length in bytes.
 */
final class RecordCodec {
    private static final int RECORDS = 0x4b534831;
    private static final int TEXTS = 0x4b535431;
    private static final int HASH = 32;

    private RecordCodec() {}

    private interface Body {
        void write(DataOutputStream out) throws IOException;
    }

    static byte[] records(List<StepRecord> records) {
        return encode(RECORDS, out -> {
            out.writeInt(records.size());
            for (StepRecord one : records) {
                record(out, one);
            }
        });
    }

    /** Empty when the bytes are not whole or not of this form. */
    static Optional<List<StepRecord>> records(byte[] file) {
        return body(RECORDS, file).flatMap(in -> {
            try {
                int count = count(in);
                List<StepRecord> records = new ArrayList<>(count);
                for (int i = 0; i < count; i++) {
                    records.add(record(in));
                }
                return Optional.of(records);
            } catch (BufferUnderflowException | IllegalArgumentException | DateTimeException e) {
                return Optional.empty();
            }
        });
    }

    static byte[] texts(List<String> texts) {
        return encode(TEXTS, out -> {
            out.writeInt(texts.size());
            for (String text : texts) {
                text(out, text);
            }
        });
    }

    /** Empty when the bytes are not whole or not of this form. */
    static Optional<List<String>> texts(byte[] file) {
        return body(TEXTS, file).flatMap(in -> {
            try {
                int count = count(in);
                List<String> texts = new ArrayList<>(count);
                for (int i = 0; i < count; i++) {
                    texts.add(text(in));
                }
                return Optional.of(texts);
            } catch (BufferUnderflowException e) {
                return Optional.empty();
            }
        });
    }

    private static byte[] encode(int magic, Body body) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            body.write(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        byte[] rest = bytes.toByteArray();
        return ByteBuffer.allocate(Integer.BYTES + HASH + rest.length)
            .putInt(magic)
            .put(Digest.newSha256().digest(rest))
            .put(rest)
            .array();
    }

    private static Optional<ByteBuffer> body(int magic, byte[] file) {
        ByteBuffer in = ByteBuffer.wrap(file);
        if (file.length < Integer.BYTES + HASH || in.getInt() != magic) {
            return Optional.empty();
        }
        byte[] expected = new byte[HASH];
        in.get(expected);
        MessageDigest hash = Digest.newSha256();
        hash.update(in.duplicate());
        return MessageDigest.isEqual(expected, hash.digest()) ? Optional.of(in) : Optional.empty();
    }

    private static void record(DataOutputStream out, StepRecord record) throws IOException {
        text(out, record.project());
        text(out, record.stage());
        out.writeLong(record.made().getEpochSecond());
        out.writeInt(record.made().getNano());
        out.writeInt(record.preimage().size());
        for (var part : record.preimage().entrySet()) {
            text(out, part.getKey());
            text(out, part.getValue());
        }
        out.writeInt(record.inputs().size());
        for (Input input : record.inputs()) {
            text(out, input.name());
            text(out, input.image());
            text(out, input.definition().toString());
            text(out, input.identity().map(Digest::toString).orElse(""));
            text(out, input.content().map(Digest::toString).orElse(""));
        }
    }

    private static StepRecord record(ByteBuffer in) {
        String project = text(in);
        String stage = text(in);
        Instant made = Instant.ofEpochSecond(in.getLong(), in.getInt());
        SortedMap<String, String> preimage = new TreeMap<>();
        for (int left = count(in); left > 0; left--) {
            preimage.put(text(in), text(in));
        }
        int count = count(in);
        List<Input> inputs = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            inputs.add(new Input(text(in), text(in), Digest.parse(text(in)), digest(in), digest(in)));
        }
        return new StepRecord(project, stage, made, preimage, inputs);
    }

    private static Optional<Digest> digest(ByteBuffer in) {
        String text = text(in);
        return text.isEmpty() ? Optional.empty() : Optional.of(Digest.parse(text));
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

    /** A count of things that take at least a byte each. */
    private static int count(ByteBuffer in) {
        int count = in.getInt();
        if (count < 0 || count > in.remaining()) {
            throw new BufferUnderflowException();
        }
        return count;
    }
}
