package dev.kiln.api.distribution;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.OptionalLong;

import dev.kiln.api.http.ByteRange;
import dev.kiln.api.http.Call;
import dev.kiln.api.http.Reply;
import dev.kiln.layercache.content.BlobReader;
import dev.kiln.layercache.oci.Digest;

/** Reading and deleting blobs. */
final class BlobActions {
    private static final String TYPE = "application/octet-stream";
    /** Smaller blobs are read whole, from the store's memory; opening a file for them costs more. */
    private static final int SMALL = 64 << 10;

    private final BlobReader content;
    private final BlobFiles files;
    private final TagStore tags;
    private final StoredManifests manifests;

    BlobActions(BlobReader content, BlobFiles files, TagStore tags, StoredManifests manifests) {
        this.content = content;
        this.files = files;
        this.tags = tags;
        this.manifests = manifests;
    }

    /** The blob's size, when this repository has it. */
    OptionalLong size(RepositoryName name, Digest blob) throws IOException {
        return tags.isHidden(name, blob) ? OptionalLong.empty() : content.size(blob);
    }

    Reply head(Call call) throws IOException {
        Digest blob = Named.digest(call.pathParam("digest"));
        long size = require(call, blob);
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
        tags.alone(name, () -> {
            Optional<Digest> user = manifests.userOf(name, blob);
            if (user.isPresent()) {
                throw new DistributionException(DistributionError.DENIED, "the manifest " + user.get()
                        + " of the repository " + name + " needs the blob " + blob + "; delete the manifest first");
            }
            tags.hideBlob(name, blob);
        });
        return Reply.of(202);
    }

    private long require(Call call, Digest blob) throws IOException {
        RepositoryName name = Named.repository(call);
        return size(name, blob).orElseThrow(() -> new DistributionException(DistributionError.BLOB_UNKNOWN,
                "the repository " + name + " has no blob " + blob));
    }

    private Reply.Body body(Digest blob, ByteRange part) throws IOException {
        if (part.length() == 0) {
            return new Reply.Body.Nothing(0);
        }
        if (part.total() <= SMALL) {
            try (InputStream in = content.open(blob, part.first())) {
                return new Reply.Body.Bytes(in.readNBytes((int) part.length()));
            }
        }
        Optional<Path> file = files.file(blob);
        if (file.isPresent()) {
            try {
                FileChannel channel = FileChannel.open(file.get(), StandardOpenOption.READ);
                return new Reply.Body.File(channel, part.first(), part.length());
            } catch (NoSuchFileException e) {
                throw new DistributionException(DistributionError.BLOB_UNKNOWN,
                        "the blob " + blob + " was just removed");
            }
        }
        return new Reply.Body.Stream(part.length(), out -> {
            try (InputStream in = content.open(blob, part.first())) {
                byte[] buffer = new byte[SMALL];
                long left = part.length();
                for (int n = in.read(buffer); n > 0 && left > 0; n = in.read(buffer)) {
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

    private static Reply described(Reply reply, Digest blob) {
        return reply.header("Docker-Content-Digest", blob.toString())
            .header("Accept-Ranges", "bytes")
            .header("ETag", "\"" + blob + "\"");
    }
}
