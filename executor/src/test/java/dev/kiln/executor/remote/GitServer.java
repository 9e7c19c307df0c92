package dev.kiln.executor.remote;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;

/**
 * Repositories over HTTP on loopback, by git's own {@code http-backend}; below {@code /dumb} as plain files, as a web server
 * would that knows nothing of git. Names that end in {@code -private.git} want the authorization {@link #authorization}.
 */
final class GitServer implements AutoCloseable {
    final Path root;
    /** Method, path with query, and what was shown as authorization. */
    final List<String> requests = new CopyOnWriteArrayList<>();
    volatile String authorization = "";
    private final HttpServer server;

    GitServer(Path root) throws IOException {
        this.root = Files.createDirectories(root).toRealPath();
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::handle);
        server.start();
    }

    String authority() {
        return "127.0.0.1:" + server.getAddress().getPort();
    }

    String url(String name) {
        return "http://" + authority() + "/" + name;
    }

    long requests(String part) {
        return requests.stream().filter(request -> request.contains(part)).count();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            String shown = exchange.getRequestHeaders().getFirst("Authorization");
            requests.add(exchange.getRequestMethod() + " " + exchange.getRequestURI() + " " + shown);
            String path = exchange.getRequestURI().getPath();
            if (path.contains("-private.git") && !authorization.equals(shown)) {
                exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"git\"");
                exchange.sendResponseHeaders(401, -1);
            } else if (path.startsWith("/dumb/")) {
                serveFile(exchange, root.resolve(path.substring("/dumb/".length())));
            } else {
                serveGit(exchange, path);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void serveFile(HttpExchange exchange, Path file) throws IOException {
        byte[] bytes = Files.isRegularFile(file) ? Files.readAllBytes(file) : new byte[0];
        exchange.sendResponseHeaders(Files.isRegularFile(file) ? 200 : 404, bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    private void serveGit(HttpExchange exchange, String path) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder("git", "-c", "safe.directory=*", "http-backend");
        builder.environment()
            .putAll(Map.of("GIT_PROJECT_ROOT", root.toString(), "GIT_HTTP_EXPORT_ALL", "1", "PATH_INFO",
                    path, "REQUEST_METHOD", exchange.getRequestMethod(), "QUERY_STRING", query(exchange),
                    "CONTENT_TYPE",
                    header(exchange, "Content-Type"), "GIT_PROTOCOL", header(exchange, "Git-Protocol"),
                    "HTTP_CONTENT_ENCODING", header(exchange, "Content-Encoding")));
        builder.redirectError(ProcessBuilder.Redirect.DISCARD);
        Process process = builder.start();
        try (OutputStream in = process.getOutputStream()) {
            exchange.getRequestBody().transferTo(in);
        }
        try (InputStream out = process.getInputStream()) {
            int status = 200;
            for (String line = line(out); !line.isEmpty(); line = line(out)) {
                String[] header = line.split(": ", 2);
                if (header[0].equals("Status")) {
                    status = Integer.parseInt(header[1].split(" ")[0]);
                } else {
                    exchange.getResponseHeaders().add(header[0], header[1]);
                }
            }
            exchange.sendResponseHeaders(status, 0);
            out.transferTo(exchange.getResponseBody());
        }
        process.waitFor();
    }

    private static String query(HttpExchange exchange) {
        String query = exchange.getRequestURI().getQuery();
        return query == null ? "" : query;
    }

    private static String header(HttpExchange exchange, String name) {
        String value = exchange.getRequestHeaders().getFirst(name);
        return value == null ? "" : value;
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int b = in.read(); b >= 0 && b != '\n'; b = in.read()) {
            if (b != '\r') {
                line.append((char) b);
            }
        }
        return line.toString();
    }

    /** A repository with a working tree, whose bare form is served under its name. */
    Repository repository(String name) throws IOException, InterruptedException {
        Path tree = Files.createDirectories(root.resolveSibling("trees").resolve(name));
        Repository repository = new Repository(tree, root.resolve(name));
        repository.git("init", "--quiet", "-b", "main", ".");
        return repository;
    }

    @Override
    public void close() {
        server.stop(0);
    }

    /** Git with a user of its own; every commit a minute after the one before. */
    static final class Repository {
        static final long FIRST = 1_700_000_000L;
        final Path tree;
        private final Path served;
        private long time = FIRST;

        private Repository(Path tree, Path served) {
            this.tree = tree;
            this.served = served;
        }

        String git(String... arguments) throws IOException, InterruptedException {
            List<String> line = new ArrayList<>(
                    List.of("git", "-c", "user.name=Test", "-c", "user.email=test@test", "-c",
                            "protocol.file.allow=always", "-C", tree.toString()));
            line.addAll(List.of(arguments));
            ProcessBuilder builder = new ProcessBuilder(line).redirectErrorStream(true);
            builder.environment()
                .putAll(Map.of("GIT_CONFIG_NOSYSTEM", "1", "GIT_CONFIG_GLOBAL", "/dev/null", "GIT_AUTHOR_DATE",
                        time + " +0000", "GIT_COMMITTER_DATE", time + " +0000"));
            Process process = builder.start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            if (process.waitFor() != 0) {
                throw new IOException(line + ": " + output);
            }
            return output;
        }

        Repository file(String name, String content) throws IOException {
            Path file = tree.resolve(name);
            Files.createDirectories(file.getParent());
            Files.writeString(file, content);
            return this;
        }

        /** Commits everything, and returns the commit. */
        String commit(String message) throws IOException, InterruptedException {
            git("add", "--all");
            git("commit", "--quiet", "--allow-empty", "-m", message);
            time += 60;
            publish();
            return git("rev-parse", "HEAD");
        }

        /** Makes the served repository the same as this. */
        void publish() throws IOException, InterruptedException {
            if (!Files.exists(served)) {
                git("init", "--quiet", "--bare", "-b", "main", served.toString());
            }
            git("push", "--quiet", "--mirror", "--force", served.toString());
            git("--git-dir=" + served, "update-server-info");
        }
    }
}
