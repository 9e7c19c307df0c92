package dev.kiln.api.distribution;

import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import dev.kiln.api.distribution.UploadSessions.Session;
import dev.kiln.api.http.Call;
import dev.kiln.api.http.ClientGoneException;
import dev.kiln.api.http.Query;
import dev.kiln.api.http.Reply;
import dev.kiln.layercache.content.BlobWriter;
import dev.kiln.layercache.content.ContentStore;
import dev.kiln.layercache.oci.Digest;

/** Pushing blobs: in one request, in one request after another, or by mounting what is here already. */
final class UploadActions {
    private static final Pattern CHUNK = Pattern.compile("(?:bytes[ =])?([0-9]{1,18})-([0-9]{1,18})(?:/.*)?");
    private static final int BUFFER = 64 << 10;

    private final ContentStore content;
    private final BlobActions blobs;
    private final TagStore tags;
    private final UploadSessions sessions;

    UploadActions(ContentStore content, BlobActions blobs, TagStore tags, UploadSessions sessions) {
        this.content = content;
        this.blobs = blobs;
        this.tags = tags;
        this.sessions = sessions;
    }

    /** POST: a mount, a whole blob, or the beginning of an upload. */
    Reply begin(Call call) throws IOException {
        RepositoryName name = Named.repository(call);
        Query query = call.anyQuery();
        Optional<Digest> mount = query.one("mount").map(Named::digest);
        if (mount.isPresent() && mounted(name, mount.get(), query.one("from").map(RepositoryName::new))) {
            return created(name, mount.get());
        }
        Optional<Digest> digest = query.one("digest").map(Named::digest);
        if (digest.isPresent()) {
            return whole(call, name, digest.get());
        }
        Session session = sessions.begin(name);
        return progress(202, session);
    }

    /** With a source, the blob must not be deleted there; without one, being anywhere is enough. */
    private boolean mounted(RepositoryName name, Digest blob, Optional<RepositoryName> from) throws IOException {
        boolean there = from.isPresent() ? blobs.size(from.get(), blob).isPresent() : content.size(blob).isPresent();
        if (there) {
            tags.showBlob(name, blob);
        }
        return there;
    }

    private Reply whole(Call call, RepositoryName name, Digest digest) throws IOException {
        try (BlobWriter writer = content.newBlob()) {
            copy(call.body(), writer);
            return stored(name, writer.commit(Optional.of(digest)));
        }
    }

    Reply status(Call call) {
        Session session = sessions.hold(Named.repository(call), call.pathParam("id"));
        try {
            return progress(204, session);
        } finally {
            session.release();
        }
    }

    Reply append(Call call) throws IOException {
        Session session = sessions.hold(Named.repository(call), call.pathParam("id"));
        try {
            receive(call, session);
            return progress(202, session);
        } finally {
            session.release();
        }
    }

    Reply finish(Call call) throws IOException {
        RepositoryName name = Named.repository(call);
        Digest digest = call.anyQuery()
            .one("digest")
            .map(Named::digest)
            .orElseThrow(() -> new DistributionException(DistributionError.DIGEST_INVALID,
                    "the upload cannot be finished without the parameter digest"));
        Session session = sessions.hold(name, call.pathParam("id"));
        try {
            receive(call, session);
            try {
                return stored(name, session.writer().commit(Optional.of(digest)));
            } finally {
                session.end();
            }
        } finally {
            session.release();
        }
    }

    Reply cancel(Call call) throws IOException {
        Session session = sessions.hold(Named.repository(call), call.pathParam("id"));
        try {
            session.end();
            return Reply.of(204);
        } finally {
            session.release();
        }
    }

    /** Takes the body as the upload's next bytes. When the client breaks off, it can go on after those that came. */
    private void receive(Call call, Session session) throws IOException {
        long announced = announced(call, session);
        long before = session.written();
        try {
            copy(call.body(), session.writer());
        } catch (ClientGoneException e) {
            throw e;
        } catch (IOException e) {
            session.end();
            throw e;
        }
        if (announced >= 0 && session.written() - before != announced) {
            throw new DistributionException(DistributionError.SIZE_INVALID, 400,
                    "the chunk has " + (session.written() - before) + " bytes, its Content-Range says " + announced);
        }
    }

    /** How long the Content-Range says that the chunk is; -1 when there is none. */
    private static long announced(Call call, Session session) {
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
        if (first != session.written() || last < first) {
            throw new DistributionException(DistributionError.BLOB_UPLOAD_INVALID, 416, "the upload has "
                    + session.written() + " bytes; the next chunk must begin there, not at " + first)
                .with("Location", session.location())
                .with("Range", range(session));
        }
        return last - first + 1;
    }

    private static void copy(InputStream from, BlobWriter to) throws IOException {
        byte[] buffer = new byte[BUFFER];
        for (int n = from.read(buffer); n >= 0; n = from.read(buffer)) {
            to.write(buffer, 0, n);
        }
    }

    private Reply stored(RepositoryName name, Digest blob) throws IOException {
        tags.showBlob(name, blob);
        return created(name, blob);
    }

    private static Reply created(RepositoryName name, Digest blob) {
        return Reply.of(201)
            .header("Location", "/v2/" + name + "/blobs/" + blob)
            .header("Docker-Content-Digest", blob.toString());
    }

    private static Reply progress(int status, Session session) {
        return Reply.of(status)
            .header("Location", session.location())
            .header("Range", range(session))
            .header("Docker-Upload-UUID", session.id());
    }

    private static String range(Session session) {
        return "0-" + Math.max(0, session.written() - 1);
    }
}
