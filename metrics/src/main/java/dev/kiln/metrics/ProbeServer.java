package dev.kiln.metrics;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code /metrics}, {@code /healthz} ({@code /livez} is the same) and {@code /readyz} on a port of their own, for whoever
 * reaches it: it tells nothing but numbers, changes nothing, and reads no body.
 *
 * <p>Requests are bounded: so many at a time, each of them soon over. Closing it ends those under way.
 */
public final class ProbeServer implements Serving {
    private static final Logger LOG = LoggerFactory.getLogger(ProbeServer.class);
    private static final int AT_ONCE = 8;
    private static final int BACKLOG = 16;
    private static final String TEXT = "text/plain; charset=utf-8";

    static {
        // The JDK's server reads its bounds from here, once, when it is first used; who set some keeps them.
        bound("sun.net.httpserver.maxReqTime", "10");
        bound("sun.net.httpserver.maxRspTime", "30");
        bound("jdk.httpserver.maxConnections", "64");
    }

    private final ProcessMetrics metrics;
    private final Check check;
    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Semaphore places = new Semaphore(AT_ONCE);

    /** What keeps the process from its work, in words; nothing when it is ready. */
    public interface Check {
        List<String> missing() throws InterruptedException;
    }

    private static void bound(String property, String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }

    private ProbeServer(InetSocketAddress address, ProcessMetrics metrics, Check check) throws IOException {
        this.metrics = metrics;
        this.check = check;
        this.server = HttpServer.create(address, BACKLOG);
    }

    /**
     * Begins to serve where the settings say so.
     *
     * @param where its host may be unresolved; empty for nowhere
     * @throws IOException when it cannot listen there
     */
    public static Serving start(Optional<InetSocketAddress> where, ProcessMetrics metrics, Check check)
            throws IOException {
        if (where.isEmpty()) {
            return () -> {};
        }
        ProbeServer probes = start(where.get().getHostString(), where.get().getPort(), metrics, check);
        LOG.info("metrics listening address={}", probes.address());
        return probes;
    }

    /**
     * Begins to serve.
     *
     * @param port 0 takes a free one
     * @throws IOException when it cannot listen there
     */
    static ProbeServer start(String host, int port, ProcessMetrics metrics, Check check) throws IOException {
        InetSocketAddress address = new InetSocketAddress(host, port);
        if (address.isUnresolved()) {
            throw new IOException("cannot serve metrics on " + host + ":" + port + ": there is no such host");
        }
        ProbeServer probes;
        try {
            probes = new ProbeServer(address, metrics, check);
        } catch (IOException e) {
            throw new IOException("cannot serve metrics on " + host + ":" + port + ": " + e.getMessage(), e);
        }
        probes.server.createContext("/", probes::handle);
        probes.server.setExecutor(probes.threads);
        probes.server.start();
        return probes;
    }

    InetSocketAddress address() {
        return server.getAddress();
    }

    private record Answer(int status, String contentType, byte[] bytes) {
        static Answer text(int status, String text) {
            return new Answer(status, TEXT, text.getBytes(StandardCharsets.UTF_8));
        }
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            Answer answer = answer(exchange);
            exchange.getResponseHeaders().set("Content-Type", answer.contentType);
            boolean head = exchange.getRequestMethod().equals("HEAD");
            exchange.sendResponseHeaders(answer.status, head ? -1 : answer.bytes.length);
            if (!head) {
                exchange.getResponseBody().write(answer.bytes);
            }
        }
    }

    private Answer answer(HttpExchange exchange) {
        String method = exchange.getRequestMethod();
        if (!method.equals("GET") && !method.equals("HEAD")) {
            return Answer.text(405, "only GET\n");
        }
        if (!places.tryAcquire()) {
            return Answer.text(503, "busy: " + AT_ONCE + " requests are under way\n");
        }
        try {
            return switch (exchange.getRequestURI().getPath()) {
                case "/metrics" -> metrics(exchange);
                case "/healthz", "/livez" -> Answer.text(200, "alive\n");
                case "/readyz" -> ready();
                case null, default -> Answer.text(404, "there are /metrics, /healthz and /readyz\n");
            };
        } finally {
            places.release();
        }
    }

    private Answer metrics(HttpExchange exchange) {
        String accept = Optional.ofNullable(exchange.getRequestHeaders().getFirst("Accept")).orElse("");
        ProcessMetrics.Page page = metrics.read(accept);
        return new Answer(200, page.contentType(), page.bytes());
    }

    private Answer ready() {
        try {
            List<String> missing = check.missing();
            return missing.isEmpty()
                    ? Answer.text(200, "ready\n")
                    : Answer.text(503, "not ready: " + String.join("; ", missing) + "\n");
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return Answer.text(503, "not ready: the process ends\n");
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
