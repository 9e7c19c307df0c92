package dev.kiln.cli.client;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

import dev.kiln.layercache.context.ContextUpload;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.queue.job.BuildId;

/** The farm's API. Safe for many threads. */
public final class ApiClient {
    private static final int CONNECT_MILLIS = 10_000;
    /** The server sends a comment at least this often on a stream of events. */
    private static final int SILENCE_MILLIS = 90_000;
    private static final int BUFFER = 64 << 10;
    private static final int MAX_ANSWER = 64 << 20;
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final URI address;
    private final Optional<String> token;

    public ApiClient(URI address, Optional<String> token) {
        this.address = address;
        this.token = token;
    }

    public static ObjectNode newObject() {
        return JSON.createObjectNode();
    }

    public URI address() {
        return address;
    }

    /** Whether nobody on the way reads what is sent: over TLS, or on this machine. */
    public boolean isPrivate() {
        String host = String.valueOf(address.getHost());
        return "https".equals(address.getScheme()) || host.equals("localhost") || host.equals("[::1]")
                || host.matches("127(\\.[0-9]{1,3}){3}");
    }

    /** The size of a context, when the farm has it already. */
    public OptionalLong contextSize(Digest digest) throws ApiException {
        try {
            HttpURLConnection connection = open("HEAD", "/v1/contexts/" + digest, Map.of());
            int status = connection.getResponseCode();
            if (status == 404) {
                return OptionalLong.empty();
            }
            if (status != 200) {
                throw failure(connection, status);
            }
            return OptionalLong.of(Math.max(0, connection.getContentLengthLong()));
        } catch (IOException e) {
            throw unreachable(e);
        }
    }

    /** Uploads a context of {@code size} bytes. */
    public void putContext(Digest digest, long size, InputStream body) throws ApiException {
        try {
            HttpURLConnection connection = open("PUT", "/v1/contexts?digest=" + digest,
                    Map.of("Content-Type", "application/x-tar"));
            connection.setDoOutput(true);
            connection.setFixedLengthStreamingMode(size);
            send(connection, body::transferTo);
            expect(connection, 201);
        } catch (IOException e) {
            throw unreachable(e);
        }
    }

    /** Writes the body of a request. */
    public interface Body {
        void writeTo(OutputStream out) throws IOException;
    }

    /** Sends parts of a context, {@code size} bytes; the answer names the context, or what is missing of it. */
    public JsonNode sendContext(long size, Body body) throws ApiException {
        try {
            HttpURLConnection connection = open("POST", "/v1/contexts",
                    Map.of("Content-Type", ContextUpload.MEDIA_TYPE));
            connection.setDoOutput(true);
            connection.setFixedLengthStreamingMode(size);
            send(connection, body);
            return expect(connection, connection.getResponseCode() == 200 ? 200 : 201);
        } catch (IOException e) {
            throw unreachable(e);
        }
    }

    /** An early answer, a refusal for instance, is read even when the body could not be sent to its end. */
    private static void send(HttpURLConnection connection, Body body) throws IOException {
        OutputStream out = new BufferedOutputStream(connection.getOutputStream(), BUFFER);
        try {
            body.writeTo(out);
            out.close();
        } catch (IOException e) {
            if (connection.getErrorStream() == null) {
                throw e;
            }
        }
    }

    public JsonNode submit(ObjectNode build) throws ApiException {
        return request("POST", "/v1/builds", Optional.of(build), 202);
    }

    public JsonNode build(BuildId id) throws ApiException {
        return request("GET", "/v1/builds/" + id, Optional.empty(), 200);
    }

    /** The steps of a build, and why those that ran did so. */
    public JsonNode why(BuildId id) throws ApiException {
        return request("GET", "/v1/builds/" + id + "/why", Optional.empty(), 200);
    }

    /** One page of builds, the newest first. */
    public JsonNode builds(int limit, List<String> states) throws ApiException {
        StringBuilder query = new StringBuilder("/v1/builds?limit=" + limit);
        states.forEach(s -> query.append("&state=").append(s));
        return request("GET", query.toString(), Optional.empty(), 200);
    }

    public JsonNode cancel(BuildId id, Optional<String> reason) throws ApiException {
        String query = reason.map(r -> "?reason=" + URLEncoder.encode(r, StandardCharsets.UTF_8)).orElse("");
        return request("DELETE", "/v1/builds/" + id + query, Optional.empty(), 202);
    }

    /** Who waits, in the order in which builds are expected to go. */
    public JsonNode queue(int limit) throws ApiException {
        return request("GET", "/v1/queue?limit=" + limit, Optional.empty(), 200);
    }

    /** Builds that failed for no fault of their own. */
    public JsonNode deadLetters() throws ApiException {
        return request("GET", "/v1/dead-letters", Optional.empty(), 200);
    }

    public JsonNode deadLetter(BuildId id) throws ApiException {
        return request("GET", "/v1/dead-letters/" + id, Optional.empty(), 200);
    }

    /** Has the build tried once more; the answer names the new one. */
    public JsonNode retry(BuildId id) throws ApiException {
        return request("POST", "/v1/dead-letters/" + id + "/retry", Optional.empty(), 202);
    }

    public void removeDeadLetter(BuildId id) throws ApiException {
        var _ = request("DELETE", "/v1/dead-letters/" + id, Optional.empty(), 204);
    }

    /** What is on the disks of the farm. */
    public JsonNode usage(boolean records, List<String> kinds) throws ApiException {
        StringBuilder query = new StringBuilder("/v1/usage?records=" + records);
        kinds.forEach(kind -> query.append("&kind=").append(URLEncoder.encode(kind, StandardCharsets.UTF_8)));
        return request("GET", query.toString(), Optional.empty(), 200);
    }

    /** Removes what is not in use; answers what went. */
    public JsonNode prune(ObjectNode wish, boolean records) throws ApiException {
        return request("POST", "/v1/prune?records=" + records, Optional.of(wish), 200);
    }

    /** The events after {@code position}, from the oldest; the stream lasts as long as the build. */
    public EventReader events(BuildId id, long position) throws ApiException {
        try {
            HttpURLConnection connection = open("GET", "/v1/builds/" + id + "/events?after=" + position,
                    Map.of("Accept", "text/event-stream"));
            connection.setReadTimeout(SILENCE_MILLIS);
            int status = connection.getResponseCode();
            if (status == 204) {
                return new EventReader(InputStream.nullInputStream(), position);
            }
            if (status != 200) {
                throw failure(connection, status);
            }
            return new EventReader(connection.getInputStream(), position);
        } catch (IOException e) {
            throw unreachable(e);
        }
    }

    /** The log as text; with {@code follow} it lasts as long as the build. The caller closes it. */
    public InputStream log(BuildId id, boolean follow) throws ApiException {
        try {
            HttpURLConnection connection = open("GET", "/v1/builds/" + id + "/log" + (follow ? "?follow=true" : ""),
                    Map.of());
            int status = connection.getResponseCode();
            if (status != 200) {
                throw failure(connection, status);
            }
            return connection.getInputStream();
        } catch (IOException e) {
            throw unreachable(e);
        }
    }

    private JsonNode request(String method, String path, Optional<ObjectNode> body, int expected)
            throws ApiException {
        try {
            HttpURLConnection connection = open(method, path, Map.of());
            if (body.isPresent()) {
                byte[] bytes = JSON.writeValueAsBytes(body.get());
                connection.setRequestProperty("Content-Type", "application/json");
                connection.setDoOutput(true);
                connection.setFixedLengthStreamingMode(bytes.length);
                try (OutputStream out = connection.getOutputStream()) {
                    out.write(bytes);
                }
            }
            return expect(connection, expected);
        } catch (IOException e) {
            throw unreachable(e);
        }
    }

    private HttpURLConnection open(String method, String path, Map<String, String> headers) throws IOException {
        HttpURLConnection connection = (HttpURLConnection) address.resolve(path).toURL().openConnection();
        connection.setRequestMethod(method);
        connection.setConnectTimeout(CONNECT_MILLIS);
        connection.setInstanceFollowRedirects(false);
        headers.forEach(connection::setRequestProperty);
        token.ifPresent(t -> connection.setRequestProperty("Authorization", "Bearer " + t));
        return connection;
    }

    private JsonNode expect(HttpURLConnection connection, int expected) throws IOException, ApiException {
        int status = connection.getResponseCode();
        if (status != expected) {
            throw failure(connection, status);
        }
        try (InputStream in = connection.getInputStream()) {
            return JSON.readTree(in.readNBytes(MAX_ANSWER));
        }
    }

    private ApiException failure(HttpURLConnection connection, int status) throws IOException {
        ApiException.Kind kind = switch (status) {
            case 404 -> ApiException.Kind.NOT_FOUND;
            case 422 -> ApiException.Kind.BUILD_INVALID;
            case 429, 502, 503, 504 -> ApiException.Kind.UNREACHABLE;
            default -> ApiException.Kind.REFUSED;
        };
        return new ApiException(kind, OptionalInt.of(status), describe(connection, status), null);
    }

    /** A problem document (RFC 9457) as text; what is not one is named by its status alone. */
    private String describe(HttpURLConnection connection, int status) throws IOException {
        String plain = "the farm at " + address + " answered " + status;
        try (@Nullable
        InputStream error = connection.getErrorStream()) {
            String type = String.valueOf(connection.getContentType());
            if (error == null || !type.contains("json")) {
                return plain;
            }
            JsonNode problem = JSON.readTree(error.readNBytes(1 << 20));
            return problem.has("detail") ? ProblemText.of(problem) : plain;
        } catch (tools.jackson.core.JacksonException e) {
            return plain + " with a body that is not JSON";
        }
    }

    private ApiException unreachable(IOException e) {
        String what = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        return new ApiException(ApiException.Kind.UNREACHABLE, OptionalInt.empty(),
                "cannot reach the farm at " + address + " (" + what
                        + "). Is it running? Start one with `kiln up`, or set KILN_ADDR.",
                e);
    }

    /** The fields of a map as a JSON object, in order. */
    public static ObjectNode object(Map<String, String> fields) {
        ObjectNode node = newObject();
        new LinkedHashMap<>(fields).forEach(node::put);
        return node;
    }
}
