package dev.kiln.api.distribution;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.IntStream;

import dev.kiln.api.access.Caller;
import dev.kiln.api.http.ByteRange;
import dev.kiln.api.http.Call;
import dev.kiln.api.http.Reply;
import dev.kiln.layercache.content.ContentException;
import dev.kiln.layercache.oci.Digest;

/** Reading and deleting blobs. */
final class BlobActions {
    private static final String TYPE = "application/octet-stream";
    /** Smaller blobs are read whole, from the store's memory; opening a file for them costs more. */
    private static final int SMALL = 64 << 10;
    private static final int BUFFER = 256 << 10;
    /** What is read within the patience of any client. */
    private static final long CHECKED_BEFORE_A_PROMISE = 2L << 30;

    private final Registry registry;
    private final List<ReentrantLock> checks = IntStream.range(0, 16).mapToObj(_ -> new ReentrantLock()).toList();

    BlobActions(Registry registry) {
        this.registry = registry;
    }

    /**
     * The blob's size, when this repository has it. For the farm it has every blob of the content store that was not deleted
     * here, so that nothing is sent twice; for others only what came here, because knowing a digest is no right to read.
     */
    OptionalLong size(Caller caller, RepositoryName name, Digest blob) throws IOException {
        return registry.tags().blobs().isHidden(name, blob) || !caller.isFarm() && !cameHere(name, blob)
                ? OptionalLong.empty()
                : registry.content().size(blob);
    }

    private boolean cameHere(RepositoryName name, Digest blob) throws IOException {
        return registry.tags().blobs().isPushed(name, blob) || registry.manifests().userOf(name, blob).isPresent();
    }

    /** Notes that the caller brought a blob here. */
    void came(Caller caller, RepositoryName name, Digest blob) throws IOException {
        registry.tags().blobs().show(name, blob);
        if (!caller.isFarm()) {
            registry.tags().blobs().pushed(name, blob);
        }
    }

    Reply head(Call call) throws IOException {
        Digest blob = Named.digest(call.pathParam("digest"));
        long size = require(call, blob);
        checkBeforePromise(blob, size);
        return described(Reply.of(200), blob).headOnly(TYPE, size);
    }

    Reply get(Call call) throws IOException {
        Digest blob = Named.digest(call.pathParam("digest"));
        long size = require(call, blob);
        Optional<ByteRange> range = ByteRange.of(call, size);
        Reply reply = described(Reply.of(range.isPresent() ? 206 : 200), blob);
        if (range.isPresent()) {
            reply = reply.header("Content-Range", range.get().contentRange());
        }
        return reply.body(TYPE, body(blob, range.orElse(new ByteRange(0, size, size))));
    }

    /**
     * Takes a blob out of this repository. Its bytes stay in the content store, which builds share and whose collector
     * knows what they still hold; they go when nobody needs them.
     */
    Reply delete(Call call) throws IOException {
        RepositoryName name = Named.repository(call);
        Digest blob = Named.digest(call.pathParam("digest"));
        var unused = require(call, blob);
        registry.tags().alone(name, () -> {
            Optional<Digest> user = registry.manifests().userOf(name, blob);
            if (user.isPresent()) {
                throw new DistributionException(DistributionError.DENIED, 405, "the manifest " + user.get()
                        + " of the repository " + name + " needs the blob " + blob + "; delete the manifest first")
                    .with("Allow", "GET, HEAD");
            }
            registry.tags().blobs().hide(name, blob);
        });
        return Reply.of(202);
    }

    private long require(Call call, Digest blob) throws IOException {
        RepositoryName name = Named.repository(call);
        return size(Named.caller(call), name, blob)
            .orElseThrow(() -> new DistributionException(DistributionError.BLOB_UNKNOWN,
                    "the repository " + name + " has no blob " + blob));
    }

    private Reply.Body body(Digest blob, ByteRange part) throws IOException {
        if (part.length() == 0) {
            return new Reply.Body.Nothing(0);
        }
        if (part.total() <= SMALL) {
            try (InputStream in = registry.content().open(blob, part.first())) {
                return new Reply.Body.Bytes(in.readNBytes((int) part.length()));
            }
        }
        Optional<Path> file = registry.files().checkedFile(blob);
        return file.isPresent() ? file(file.get(), blob, part) : read(blob, part);
    }

    /** Sent without a copy through this process. */
    private static Reply.Body file(Path file, Digest blob, ByteRange part) throws IOException {
        try {
            FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
            return new Reply.Body.File(channel, part.first(), part.length());
        } catch (NoSuchFileException e) {
            throw new DistributionException(DistributionError.BLOB_UNKNOWN,
                    "the blob " + blob + " was just removed");
        }
    }

    /**
     * Read and compared with the digest on the way: the last bytes only leave when all were right, else the connection breaks
     * and the store moves the blob away. For a part of a blob, all of it is read first.
     */
    private Reply.Body read(Digest blob, ByteRange part) throws IOException {
        if (part.length() < part.total()) {
            check(blob);
        }
        return new Reply.Body.Stream(part.length(), out -> {
            try (InputStream in = registry.content().open(blob, part.first())) {
                byte[] buffer = new byte[BUFFER];
                long left = part.length();
                for (int n = in.readNBytes(buffer, 0, buffer.length); n > 0 && left > 0; n = in.readNBytes(buffer, 0,
                        buffer.length)) {
                    int count = (int) Math.min(n, left);
                    out.write(buffer, 0, count);
                    left -= count;
                }
                if (left > 0) {
                    throw new IOException("the blob " + blob + " ended " + left + " bytes early");
                }
            }
        });
    }

    /**
     * Reads a blob that nobody has read for long, before somebody who has its bytes is told that they need not be sent: what the
     * disk has damaged would otherwise stay, and be in images that are made of it.
     *
     * @throws ContentException when it is damaged; it is gone then
     */
    void checkBeforePromise(Digest blob, long size) throws IOException {
        if (size <= CHECKED_BEFORE_A_PROMISE && registry.files().checkedFile(blob).isEmpty()) {
            check(blob);
        }
    }

    /** Many parts of one blob may be asked for at once; the first to come reads for all. */
    private void check(Digest blob) throws IOException {
        ReentrantLock lock = checks.get(Math.floorMod(blob.hashCode(), checks.size()));
        lock.lock();
        try (InputStream in = registry.content().open(blob)) {
            if (registry.files().checkedFile(blob).isEmpty()) {
                in.transferTo(OutputStream.nullOutputStream());
            }
        } finally {
            lock.unlock();
        }
    }

    private static Reply described(Reply reply, Digest blob) {
        return reply.header("Docker-Content-Digest", blob.toString())
            .header("Accept-Ranges", "bytes")
            .header("ETag", "\"" + blob + "\"");
    }
}
