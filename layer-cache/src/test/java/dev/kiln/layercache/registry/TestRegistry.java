package dev.kiln.layercache.registry;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;

import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.RawManifest;

/** A small registry in memory on loopback, with faults on request. For tests of whoever speaks to registries. */
public final class TestRegistry implements AutoCloseable {
    private static final Pattern PATH = Pattern.compile("/v2/(.+)/(manifests|blobs)/(.*)");

    /** Answers instead of the registry. */
    @FunctionalInterface
    public interface Fault {
        /** @return true when the exchange was answered */
        boolean answer(HttpExchange exchange) throws IOException;
    }

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<Digest, byte[]> blobs = new ConcurrentHashMap<>();
    private final Map<String, RawManifest> manifests = new ConcurrentHashMap<>();
    private final List<String> requests = Collections.synchronizedList(new ArrayList<>());
    private final List<Fault> faults = Collections.synchronizedList(new ArrayList<>());
    private final AtomicInteger uploads = new AtomicInteger();
    private final Map<String, ByteArrayOutputStream> sessions = new ConcurrentHashMap<>();
    private volatile OptionalLong minimum = OptionalLong.empty();

    public TestRegistry() {
        this(Optional.empty());
    }

    /** @param tls when it is to speak HTTPS */
    TestRegistry(Optional<HttpsConfigurator> tls) {
        InetSocketAddress loopback = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        try {
            if (tls.isPresent()) {
                HttpsServer secure = HttpsServer.create(loopback, 0);
                secure.setHttpsConfigurator(tls.get());
                server = secure;
            } else {
                server = HttpServer.create(loopback, 0);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
    }

    /** {@code 127.0.0.1:port}. */
    public String host() {
        return "127.0.0.1:" + server.getAddress().getPort();
    }

    public URI address() {
        return URI.create((server instanceof HttpsServer ? "https://" : "http://") + host());
    }

    /** Method and path with query of all requests so far. */
    public List<String> requests() {
        return List.copyOf(requests);
    }

    public Digest putBlob(byte[] content) {
        Digest digest = Digest.sha256(content);
        blobs.put(digest, content);
        return digest;
    }

    public Optional<byte[]> blob(Digest digest) {
        return Optional.ofNullable(blobs.get(digest));
    }

    public void putManifest(String repository, String key, RawManifest manifest) {
        manifests.put(repository + "@" + key, manifest);
        manifests.put(repository + "@" + manifest.digest(), manifest);
    }

    public Optional<RawManifest> manifest(String repository, String key) {
        return Optional.ofNullable(manifests.get(repository + "@" + key));
    }

    /** Asked first from now on. */
    public void add(Fault fault) {
        faults.add(fault);
    }

    /** The first {@code times} requests of this method and path are answered with this status. */
    public void fail(int times, String method, String path, int status, Map<String, String> headers) {
        AtomicInteger left = new AtomicInteger(times);
        add(exchange -> {
            if (!exchange.getRequestMethod().equals(method) || !exchange.getRequestURI().getPath().contains(path)
                    || left.getAndDecrement() <= 0) {
                return false;
            }
            headers.forEach(exchange.getResponseHeaders()::set);
            exchange.sendResponseHeaders(status, -1);
            return true;
        });
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            requests.add(exchange.getRequestMethod() + " " + exchange.getRequestURI());
            for (Fault fault : List.copyOf(faults)) {
                if (fault.answer(exchange)) {
                    return;
                }
            }
            Matcher path = PATH.matcher(exchange.getRequestURI().getPath());
            if (!path.matches()) {
                exchange.sendResponseHeaders(exchange.getRequestURI().getPath().equals("/v2/") ? 200 : 404, -1);
            } else if (path.group(2).equals("manifests")) {
                manifest(exchange, path.group(1), path.group(3));
            } else if (path.group(3).startsWith("uploads/")) {
                upload(exchange);
            } else {
                blob(exchange, path.group(3));
            }
        }
    }

    private void manifest(HttpExchange exchange, String repository, String key) throws IOException {
        if (exchange.getRequestMethod().equals("PUT")) {
            byte[] bytes = exchange.getRequestBody().readAllBytes();
            putManifest(repository, key,
                    RawManifest.of(exchange.getRequestHeaders().getFirst("Content-Type"), bytes));
            exchange.sendResponseHeaders(201, -1);
            return;
        }
        RawManifest found = manifests.get(repository + "@" + key);
        if (found == null) {
            error(exchange, 404, "MANIFEST_UNKNOWN", "no such manifest");
            return;
        }
        exchange.getResponseHeaders().set("Content-Type", found.mediaType());
        exchange.getResponseHeaders().set("Docker-Content-Digest", found.digest().toString());
        send(exchange, 200, found.bytes());
    }

    private void blob(HttpExchange exchange, String digest) throws IOException {
        byte[] content = blobs.get(Digest.parse(digest));
        if (content == null) {
            error(exchange, 404, "BLOB_UNKNOWN", "no such blob");
            return;
        }
        String range = exchange.getRequestHeaders().getFirst("Range");
        if (range == null) {
            send(exchange, 200, content);
            return;
        }
        int from = Integer.parseInt(range.replaceAll("bytes=(\\d+)-", "$1"));
        exchange.getResponseHeaders()
            .set("Content-Range", "bytes " + from + "-" + (content.length - 1) + "/" + content.length);
        send(exchange, 206, Arrays.copyOfRange(content, from, content.length));
    }

    private void upload(HttpExchange exchange) throws IOException {
        switch (exchange.getRequestMethod()) {
            case "POST" -> begin(exchange, query(exchange));
            case "PATCH" -> chunk(exchange);
            case "PUT" -> end(exchange, Digest.parse(query(exchange).get("digest")));
            case "GET" -> progress(exchange, 204);
            default -> exchange.sendResponseHeaders(204, -1);
        }
    }

    private void begin(HttpExchange exchange, Map<String, String> query) throws IOException {
        if (query.containsKey("mount") && blobs.containsKey(Digest.parse(query.get("mount")))) {
            exchange.sendResponseHeaders(201, -1);
            return;
        }
        String place = exchange.getRequestURI().getPath() + uploads.incrementAndGet();
        sessions.put(place, new ByteArrayOutputStream());
        exchange.getResponseHeaders().set("Location", place + "?state=x");
        minimum.ifPresent(bytes -> exchange.getResponseHeaders()
            .set("OCI-Chunk-Min-Length", String.valueOf(bytes)));
        exchange.sendResponseHeaders(202, -1);
    }

    private void chunk(HttpExchange exchange) throws IOException {
        ByteArrayOutputStream session = sessions.get(exchange.getRequestURI().getPath());
        byte[] content = exchange.getRequestBody().readAllBytes();
        if (session == null) {
            error(exchange, 404, "BLOB_UPLOAD_UNKNOWN", "no such upload");
        } else if (!exchange.getRequestHeaders().getFirst("Content-Range").startsWith(session.size() + "-")) {
            error(exchange, 416, "BLOB_UPLOAD_INVALID", "out of order");
        } else {
            session.write(content);
            progress(exchange, 202);
        }
    }

    private void progress(HttpExchange exchange, int status) throws IOException {
        ByteArrayOutputStream session = sessions.get(exchange.getRequestURI().getPath());
        if (session == null) {
            error(exchange, 404, "BLOB_UPLOAD_UNKNOWN", "no such upload");
            return;
        }
        exchange.getResponseHeaders().set("Location", exchange.getRequestURI().toString());
        exchange.getResponseHeaders().set("Range", "0-" + Math.max(0, session.size() - 1));
        exchange.sendResponseHeaders(status, -1);
    }

    private void end(HttpExchange exchange, Digest digest) throws IOException {
        ByteArrayOutputStream session = sessions.remove(exchange.getRequestURI().getPath());
        byte[] rest = exchange.getRequestBody().readAllBytes();
        if (session == null) {
            error(exchange, 404, "BLOB_UPLOAD_UNKNOWN", "no such upload");
            return;
        }
        session.write(rest);
        if (!Digest.sha256(session.toByteArray()).equals(digest)) {
            error(exchange, 400, "DIGEST_INVALID", "other bytes");
            return;
        }
        putBlob(session.toByteArray());
        exchange.sendResponseHeaders(201, -1);
    }

    /** Takes part of what an upload sends and breaks the connection; the part counts. */
    public void breakUploads(int times, String method, int after) {
        AtomicInteger left = new AtomicInteger(times);
        add(exchange -> {
            ByteArrayOutputStream session = sessions.get(exchange.getRequestURI().getPath());
            if (session == null || !exchange.getRequestMethod().equals(method) || left.getAndDecrement() <= 0) {
                return false;
            }
            session.write(exchange.getRequestBody().readNBytes(after));
            throw new IOException("the registry falls over");
        });
    }

    /** Chunks that are smaller are too small, it says from now on. */
    public void chunksFrom(long bytes) {
        minimum = OptionalLong.of(bytes);
    }

    /** What was begun and not ended is gone. */
    public void forgetUploads() {
        sessions.clear();
    }

    private static Map<String, String> query(HttpExchange exchange) {
        Map<String, String> query = new HashMap<>();
        String text = Optional.ofNullable(exchange.getRequestURI().getQuery()).orElse("");
        for (String pair : text.split("&")) {
            String[] parts = pair.split("=", 2);
            query.put(parts[0], parts.length > 1 ? parts[1] : "");
        }
        return query;
    }

    private static void error(HttpExchange exchange, int status, String code, String message) throws IOException {
        send(exchange, status,
                ("{\"errors\":[{\"code\":\"" + code + "\",\"message\":\"" + message + "\"}]}").getBytes());
    }

    private static void send(HttpExchange exchange, int status, byte[] body) throws IOException {
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.getResponseHeaders().set("Content-Length", String.valueOf(body.length));
            exchange.sendResponseHeaders(status, -1);
            return;
        }
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
