package dev.kiln.cli.startup;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;

import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.MediaTypes;
import dev.kiln.queue.event.BuildEvent;
import dev.kiln.queue.event.EventJson;
import dev.kiln.queue.job.BuildId;

/** A farm that plays one build of one step to whoever asks. On loopback only. */
final class RehearsedFarm implements AutoCloseable {
    private static final BuildId BUILD = new BuildId("01arz3ndektsv4rrffq69g5fav");
    private static final Digest SOME = Digest.sha256(new byte[0]);

    private final HttpServer server;

    private RehearsedFarm(HttpServer server) {
        this.server = server;
    }

    static RehearsedFarm open() throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        RehearsedFarm farm = new RehearsedFarm(server);
        server.createContext("/", farm::answer);
        server.start();
        return farm;
    }

    String address() {
        return "http://" + server.getAddress().getAddress().getHostAddress() + ":" + server.getAddress().getPort();
    }

    private void answer(HttpExchange call) throws IOException {
        try (call) {
            byte[] _ = call.getRequestBody().readAllBytes();
            switch (call.getRequestMethod()) {
                case "HEAD" -> call.sendResponseHeaders(404, -1);
                case "POST" -> {
                    if (call.getRequestURI().getPath().equals("/v1/contexts")) {
                        send(call, 201, "application/json", "{\"digest\": \"" + SOME + "\", \"size\": 1}");
                    } else {
                        send(call, 202, "application/json", "{\"id\": \"" + BUILD + "\"}");
                    }
                }
                default -> send(call, 200, "text/event-stream", story());
            }
        }
    }

    private static void send(HttpExchange call, int status, String type, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        call.getResponseHeaders().set("Content-Type", type);
        call.sendResponseHeaders(status, bytes.length);
        try (OutputStream out = call.getResponseBody()) {
            out.write(bytes);
        }
    }

    private static String story() {
        Instant now = Instant.EPOCH;
        String attempt = "rehearsal";
        List<BuildEvent> events = List.of(new BuildEvent.Started(BUILD, now, attempt, "nobody", 1),
                new BuildEvent.VertexAdded(BUILD, now, attempt, SOME, "[1/1] RUN true", List.of()),
                new BuildEvent.VertexStarted(BUILD, now, attempt, SOME),
                new BuildEvent.VertexLog(BUILD, now, attempt, SOME, 1, "a line\n"),
                new BuildEvent.VertexCompleted(BUILD, now, attempt, SOME, Optional.empty()),
                new BuildEvent.VertexCached(BUILD, now, attempt, SOME),
                new BuildEvent.Succeeded(BUILD, now, Optional.of(attempt),
                        Descriptor.of(MediaTypes.OCI_MANIFEST, SOME, 0), Optional.empty()));
        StringBuilder story = new StringBuilder();
        for (int i = 0; i < events.size(); i++) {
            story.append("id: ")
                .append(i)
                .append("\ndata: ")
                .append(new String(EventJson.write(events.get(i)), StandardCharsets.UTF_8))
                .append("\n\n");
        }
        return story.toString();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
