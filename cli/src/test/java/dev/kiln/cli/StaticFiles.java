package dev.kiln.cli;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;

/** A web server of a folder's files: enough for downloads, and for git repositories that were prepared for it. */
final class StaticFiles implements AutoCloseable {
    private final HttpServer server;

    StaticFiles(Path root) throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", call -> answer(call, root));
        server.start();
    }

    private static void answer(HttpExchange call, Path root) throws IOException {
        try (call) {
            Path file = root.resolve(call.getRequestURI().getPath().substring(1)).normalize();
            if (!file.startsWith(root) || !Files.isRegularFile(file)) {
                call.sendResponseHeaders(404, -1);
                return;
            }
            byte[] content = Files.readAllBytes(file);
            call.getResponseHeaders().add("Last-Modified", "Tue, 14 Nov 2023 22:13:20 GMT");
            call.sendResponseHeaders(200, content.length == 0 ? -1 : content.length);
            call.getResponseBody().write(content);
        }
    }

    String address(String path) {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/" + path;
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
