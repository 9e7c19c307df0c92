package dev.kiln.executor.remote;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.zip.GZIPInputStream;

import dev.kiln.executor.remote.FetchException.Code;
import dev.kiln.layercache.content.BlobWriter;
import dev.kiln.layercache.content.ContentStore;
import dev.kiln.layercache.durable.TempFolder;
import dev.kiln.layercache.oci.Digest;

/**
 * Fetches files over HTTP into the content store. A file that was fetched before is fetched again only when the server
 * does not say that it is the same. Safe for many threads.
 */
public final class HttpFetcher implements AutoCloseable {
    private static final int BUFFER = 128 * 1024;
    private static final int NOT_MODIFIED = 304;

    private final HttpRequests requests;
    private final ContentStore content;
    private final RemotePolicy.Limits limits;
    private final Path records;
    private final TempFolder temp;
    private final Stripes locks = new Stripes();

    /** @param records a directory for what servers said, and nothing else */
    HttpFetcher(HttpRequests requests, ContentStore content, RemotePolicy.Limits limits, Path records, TempFolder temp)
            throws IOException {
        this.requests = requests;
        this.content = content;
        this.limits = limits;
        this.records = Files.createDirectories(records);
        this.temp = temp;
    }

    /**
     * Brings the file into the content store.
     *
     * @param address http or https; credentials in it are used when there are no secrets for the host
     * @param checksum what the content must have; what is in the store already is not fetched again
     */
    public HttpFile fetch(URI address, Optional<Digest> checksum, RemoteAuth auth)
            throws IOException, InterruptedException {
        if (address.getHost() == null || !("http".equals(address.getScheme()) || "https".equals(address.getScheme()))) {
            throw new FetchException(Code.REFUSED, "not an address of HTTP with a host that has a valid name");
        }
        URI plain = HttpRequests.plain(address);
        String name = Digest.sha256(plain.toString().getBytes(StandardCharsets.UTF_8)).hex();
        Path file = records.resolve(name);
        try (Stripes.Held _ = locks.acquire(name)) {
            Optional<HttpRecord> known = HttpRecord.read(file).filter(record -> holds(record.digest()));
            if (checksum.isPresent()) {
                Optional<HttpFile> here = here(checksum.get(), known);
                if (here.isPresent()) {
                    return here.get();
                }
                known = known.filter(record -> record.digest().equals(checksum.get()));
            }
            return ask(plain, authorization(address, auth), checksum, known, file);
        }
    }

    private boolean holds(Digest digest) {
        try {
            return content.size(digest).isPresent();
        } catch (IOException e) {
            return false;
        }
    }

    /** What has the right checksum needs no server; only this address can tell a time. */
    private Optional<HttpFile> here(Digest checksum, Optional<HttpRecord> known) throws IOException {
        OptionalLong size = content.size(checksum);
        Optional<HttpRecord> same = known.filter(record -> record.digest().equals(checksum));
        return size.isEmpty() || same.isEmpty()
                ? Optional.empty()
                : Optional.of(new HttpFile(checksum, size.getAsLong(), same.flatMap(HttpFetcher::time)));
    }

    private HttpFile ask(URI address, Optional<String> authorization, Optional<Digest> checksum,
            Optional<HttpRecord> known, Path file) throws IOException, InterruptedException {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("User-Agent", "kiln");
        headers.put("Accept-Encoding", "gzip");
        known.ifPresent(record -> record.etag()
            .ifPresentOrElse(
                    etag -> headers.put("If-None-Match", etag),
                    () -> record.lastModified().ifPresent(time -> headers.put("If-Modified-Since", time))));
        Deadline deadline = Deadline.in(limits.time());
        HttpResponse<InputStream> response = requests.get(address, headers, authorization);
        try (InputStream body = response.body()) {
            int status = response.statusCode();
            Optional<String> etag = response.headers().firstValue("ETag").map(HttpFetcher::strong);
            if (known.isPresent() && (status == NOT_MODIFIED || status == 200 && etag.isPresent()
                    && etag.equals(known.get().etag()))) {
                return new HttpFile(known.get().digest(), known.get().size(), time(known.get()));
            }
            if (status < 200 || status >= 300) {
                throw new FetchException(status == 404 || status == 410
                        ? Code.NOT_FOUND
                        : status >= 500 || status == 429 ? Code.UNAVAILABLE : Code.REFUSED,
                        HttpRequests.shown(address) + ": invalid response status " + status);
            }
            HttpRecord fetched = store(address, response, body, checksum, deadline);
            if (fetched.etag().isPresent() || fetched.lastModified().isPresent()) {
                fetched.write(temp, file);
            }
            return new HttpFile(fetched.digest(), fetched.size(), time(fetched));
        }
    }

    private static String strong(String etag) {
        return etag.startsWith("W/") ? etag.substring(2) : etag;
    }

    private HttpRecord store(URI address, HttpResponse<?> response, InputStream body, Optional<Digest> checksum,
            Deadline deadline) throws IOException {
        boolean zipped = response.headers().firstValue("Content-Encoding").map("gzip"::equalsIgnoreCase).orElse(false);
        String shown = HttpRequests.shown(address);
        try (BodyWatch watch = new BodyWatch(body, deadline, shown); BlobWriter blob = content.newBlob()) {
            copy(zipped, watch, blob, shown);
            Digest digest = blob.commit(Optional.empty());
            if (checksum.isPresent() && !digest.equals(checksum.get())) {
                throw new FetchException(Code.REFUSED, shown + ": digest mismatch " + digest + ": " + checksum.get());
            }
            return new HttpRecord(digest, blob.written(),
                    response.headers().firstValue("ETag").map(HttpFetcher::strong),
                    response.headers().firstValue("Last-Modified"));
        }
    }

    private void copy(boolean zipped, BodyWatch body, BlobWriter blob, String shown) throws IOException {
        InputStream in = zipped ? new GZIPInputStream(body, BUFFER) : body;
        byte[] buffer = new byte[BUFFER];
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
            if (blob.written() + n > limits.bytes()) {
                throw new FetchException(Code.TOO_LARGE, shown + ": it has more than " + limits.bytes()
                        + " bytes, which is this executor's limit");
            }
            blob.write(buffer, 0, n);
        }
    }

    private static Optional<String> authorization(URI address, RemoteAuth auth) throws IOException {
        Optional<String> token = auth.header("HTTP_AUTH_TOKEN_" + address.getHost()).map(t -> "Bearer " + t);
        Optional<String> secret = token.isPresent() ? token : auth.header("HTTP_AUTH_HEADER_" + address.getHost());
        return secret.isPresent() || address.getUserInfo() == null
                ? secret
                : Optional.of(RemoteAuth.basic(address.getUserInfo()));
    }

    private static Optional<Instant> time(HttpRecord record) {
        return record.lastModified().flatMap(text -> {
            try {
                return Optional.of(Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(text)));
            } catch (DateTimeException e) {
                return Optional.empty();
            }
        });
    }

    @Override
    public void close() {
        requests.close();
    }
}
