package dev.kiln.api.distribution;

import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import dev.kiln.api.access.AccessException;
import dev.kiln.api.access.Caller;
import dev.kiln.api.access.RegistryAccess;
import dev.kiln.api.access.Right;
import dev.kiln.api.http.Call;
import dev.kiln.api.http.ClientGoneException;
import dev.kiln.api.http.ProblemException;
import dev.kiln.api.http.Query;
import dev.kiln.api.http.Reply;
import dev.kiln.layercache.content.BlobWriter;
import dev.kiln.layercache.content.ContentException;
import dev.kiln.layercache.oci.Digest;

/** Pushing blobs: in one request, in one request after another, or by mounting what is here already. */
final class UploadActions {
    private static final Pattern CHUNK = Pattern.compile("(?:bytes[ =])?([0-9]{1,18})-([0-9]{1,18})(?:/.*)?");
    private static final int BUFFER = 64 << 10;

    private final Registry registry;
    private final BlobActions blobs;
    private final UploadSessions sessions;
    private final Quotas quotas;
    private final RegistryAccess access;

    UploadActions(Registry registry, BlobActions blobs, UploadSessions sessions, Quotas quotas, RegistryAccess access) {
        this.registry = registry;
        this.blobs = blobs;
        this.sessions = sessions;
        this.quotas = quotas;
        this.access = access;
    }

    /** POST: a mount, a whole blob, or the beginning of an upload. */
    Reply begin(Call call) throws IOException {
        RepositoryName name = Named.repository(call);
        Query query = call.anyQuery();
        Optional<Digest> mount = query.one("mount").map(Named::digest);
        if (mount.isPresent() && mounted(call, name, mount.get(), query.one("from").map(RepositoryName::new))) {
            return created(name, mount.get());
        }
        Optional<Digest> digest = query.one("digest").map(Named::digest);
        if (digest.isPresent()) {
            return whole(call, name, digest.get());
        }
        String algorithm = query.one("digest-algorithm").orElse("sha256");
        if (!algorithm.equals("sha256") && !algorithm.equals("sha512")) {
            throw new DistributionException(DistributionError.DIGEST_INVALID,
                    "digests here are made by sha256 or sha512, not by what digest-algorithm asks for");
        }
        try (Quotas.Reservation _ = quotas.reserve(name, 0)) {
            return progress(202, sessions.begin(name, algorithm));
        }
    }

    /** With a source, the blob must be there, for one who may read there; without one, the farm takes it from anywhere. */
    private boolean mounted(Call call, RepositoryName name, Digest blob, Optional<RepositoryName> from)
            throws IOException {
        Caller caller = Named.caller(call);
        OptionalLong size;
        if (from.isEmpty()) {
            size = caller.isFarm() ? registry.content().size(blob) : blobs.size(caller, name, blob);
        } else {
            size = mayPull(call, from.get()) ? blobs.size(caller, from.get(), blob) : OptionalLong.empty();
        }
        if (size.isEmpty() || isDamaged(blob, size.getAsLong())) {
            return false;
        }
        try (Quotas.Reservation reservation = quotas.reserve(name, 0)) {
            reservation.expect(size.getAsLong());
        }
        came(caller, name, blob, size.getAsLong());
        return true;
    }

    private boolean isDamaged(Digest blob, long size) throws IOException {
        try {
            blobs.checkBeforePromise(blob, size);
            return false;
        } catch (ContentException e) {
            if (e.code() == ContentException.Code.DIGEST_MISMATCH || e.code() == ContentException.Code.SIZE_MISMATCH
                    || e.code() == ContentException.Code.NOT_FOUND) {
                return true;
            }
            throw e;
        }
    }

    private boolean mayPull(Call call, RepositoryName from) {
        try {
            Caller _ = access.admit(call, Optional.of(new RegistryAccess.Need(Right.PULL, from.value())));
            return true;
        } catch (AccessException _) {
            // Then the blob is as good as not there, and the client sends it.
            return false;
        }
    }

    private Reply whole(Call call, RepositoryName name, Digest digest) throws IOException {
        long[] taken = {0};
        try (BlobWriter writer = registry.content().newBlob();
                Quotas.Reservation reservation = quotas.reserve(name, 0, Optional.of(digest))) {
            expect(call, reservation);
            copy(call.body(), (bytes, count) -> {
                reservation.take(count);
                sessions.space().take(taken[0], count);
                taken[0] += count;
                writer.write(bytes, 0, count);
            });
            Digest stored = writer.commit(Optional.of(digest));
            return stored(call, name, stored, taken[0]);
        } finally {
            sessions.space().giveBack(taken[0]);
        }
    }

    Reply status(Call call) {
        Upload upload = sessions.hold(Named.repository(call), call.pathParam("id"));
        try {
            return progress(204, upload);
        } finally {
            upload.release();
        }
    }

    Reply append(Call call) throws IOException {
        Upload upload = sessions.hold(Named.repository(call), call.pathParam("id"));
        try {
            receive(call, upload, Optional.empty());
            upload.commitProgress();
            return progress(202, upload);
        } finally {
            upload.release();
        }
    }

    Reply finish(Call call) throws IOException {
        RepositoryName name = Named.repository(call);
        Digest digest = call.anyQuery()
            .one("digest")
            .map(Named::digest)
            .orElseThrow(() -> new DistributionException(DistributionError.DIGEST_INVALID,
                    "the upload cannot be finished without the parameter digest"));
        Upload upload = sessions.hold(name, call.pathParam("id"));
        try {
            receive(call, upload, Optional.of(digest));
            long size = upload.written();
            return stored(call, name, upload.finish(digest), size);
        } finally {
            upload.release();
        }
    }

    Reply cancel(Call call) throws IOException {
        Upload upload = sessions.hold(Named.repository(call), call.pathParam("id"));
        try {
            upload.end();
            return Reply.of(204);
        } finally {
            upload.release();
        }
    }

    /** Takes the body as the upload's next bytes. When the client breaks off, it can go on after those that came. */
    private void receive(Call call, Upload upload, Optional<Digest> blob) throws IOException {
        long announced = announced(call, upload);
        long before = upload.written();
        try (Quotas.Reservation reservation = quotas.reserve(upload.repository(), before, blob)) {
            expect(call, reservation);
            copy(call.body(), (bytes, count) -> {
                reservation.take(count);
                upload.write(bytes, count);
            });
        } catch (ClientGoneException | ProblemException e) {
            upload.commitProgress();
            throw e;
        } catch (IOException | DistributionException e) {
            upload.end();
            throw e;
        }
        if (announced >= 0 && upload.written() - before != announced) {
            throw new DistributionException(DistributionError.SIZE_INVALID, 400,
                    "the chunk has " + (upload.written() - before) + " bytes, its Content-Range says " + announced);
        }
    }

    /** Refuses what will not fit before it is sent. */
    private static void expect(Call call, Quotas.Reservation reservation) throws IOException {
        OptionalLong length = call.contentLength();
        if (length.isPresent()) {
            reservation.expect(length.getAsLong());
        }
    }

    /** How long the Content-Range says that the chunk is; -1 when there is none. */
    private static long announced(Call call, Upload upload) {
        Optional<String> header = call.header("Content-Range");
        if (header.isEmpty()) {
            return -1;
        }
        Matcher matcher = CHUNK.matcher(header.get());
        if (!matcher.matches()) {
            throw new DistributionException(DistributionError.BLOB_UPLOAD_INVALID,
                    "the Content-Range is not of the form FIRST-LAST");
        }
        long first = Long.parseLong(matcher.group(1));
        long last = Long.parseLong(matcher.group(2));
        if (first != upload.written() || last < first) {
            throw new DistributionException(DistributionError.BLOB_UPLOAD_INVALID, 416, "the upload has "
                    + upload.written() + " bytes; the next chunk must begin there, not at " + first)
                .with("Location", upload.location())
                .with("Range", range(upload));
        }
        return last - first + 1;
    }

    private interface Sink {
        void write(byte[] bytes, int count) throws IOException;
    }

    private static void copy(InputStream from, Sink to) throws IOException {
        byte[] buffer = new byte[BUFFER];
        for (int n = from.read(buffer); n >= 0; n = from.read(buffer)) {
            to.write(buffer, n);
        }
    }

    private Reply stored(Call call, RepositoryName name, Digest blob, long size) throws IOException {
        came(Named.caller(call), name, blob, size);
        return created(name, blob);
    }

    private void came(Caller caller, RepositoryName name, Digest blob, long size) throws IOException {
        blobs.came(caller, name, blob);
        quotas.pushed(name, blob, size);
    }

    private static Reply created(RepositoryName name, Digest blob) {
        return Reply.of(201)
            .header("Location", "/v2/" + name + "/blobs/" + blob)
            .header("Docker-Content-Digest", blob.toString());
    }

    private static Reply progress(int status, Upload upload) {
        return Reply.of(status)
            .header("Location", upload.location())
            .header("Range", range(upload))
            .header("Docker-Upload-UUID", upload.id());
    }

    private static String range(Upload upload) {
        return "0-" + Math.max(0, upload.written() - 1);
    }
}
