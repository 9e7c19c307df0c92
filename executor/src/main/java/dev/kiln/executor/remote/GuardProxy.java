package dev.kiln.executor.remote;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

/**
 * An HTTP proxy on loopback which resolves names itself and connects to the address that the guard found good; so neither
 * redirects nor names that change their meaning get a client to a private address. Tunnels for HTTPS; of plain HTTP it
 * passes one request on each connection.
 */
final class GuardProxy implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(GuardProxy.class);
    private static final int MAX_HEAD = 64 * 1024;
    private static final int CONNECT_MILLIS = 20_000;
    private static final int PATIENCE_MILLIS = 120_000;

    private final AddressGuard guard;
    private final ServerSocket listener;

    GuardProxy(AddressGuard guard) throws IOException {
        this.guard = guard;
        listener = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().name("guard-proxy").start(this::accept);
    }

    InetSocketAddress address() {
        return (InetSocketAddress) listener.getLocalSocketAddress();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                Thread.ofVirtual().name("guard-proxy").start(() -> serve(client));
            } catch (IOException e) {
                if (!listener.isClosed()) {
                    LOG.warn("the proxy for remote sources cannot accept a connection", e);
                }
            }
        }
    }

    /** What a client asked for: to which machine, and the head that is passed on; none for a tunnel. */
    private record Request(String host, int port, byte[] head) {}

    private void serve(Socket client) {
        try (client) {
            client.setSoTimeout(PATIENCE_MILLIS);
            Request request;
            try {
                request = parse(head(client.getInputStream()));
            } catch (IllegalArgumentException e) {
                answer(client, "400 Bad Request");
                return;
            }
            try (Socket server = connect(request)) {
                server.setSoTimeout(PATIENCE_MILLIS);
                if (request.head.length == 0) {
                    answer(client, "200 Connection established");
                } else {
                    server.getOutputStream().write(request.head);
                }
                Thread upload = Thread.ofVirtual().start(() -> pass(client, server));
                pass(server, client);
                client.shutdownInput();
                upload.join();
            } catch (FetchException e) {
                answer(client, e.code() == FetchException.Code.REFUSED ? "403 Forbidden" : "502 Bad Gateway");
            }
        } catch (IOException e) {
            LOG.debug("a connection of the proxy for remote sources ended", e);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private static void answer(Socket client, String status) throws IOException {
        String length = status.startsWith("200") ? "" : "Content-Length: 0\r\nConnection: close\r\n";
        client.getOutputStream().write(("HTTP/1.1 " + status + "\r\n" + length + "\r\n").getBytes(ISO_8859_1));
    }

    private Socket connect(Request request) throws FetchException {
        IOException last = null;
        for (InetAddress address : guard.resolve(request.host)) {
            Socket socket = new Socket();
            try {
                socket.connect(new InetSocketAddress(address, request.port), CONNECT_MILLIS);
                return socket;
            } catch (IOException e) {
                last = e;
                closeQuietly(socket);
            }
        }
        throw new FetchException(FetchException.Code.UNAVAILABLE, "could not connect to " + request.host,
                last == null ? new IOException("no address") : last);
    }

    private static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            LOG.debug("closing a socket failed", e);
        }
    }

    /** Passes on what comes until there is no more, and says so. */
    private static void pass(Socket from, Socket to) {
        try {
            from.getInputStream().transferTo(to.getOutputStream());
            to.shutdownOutput();
        } catch (IOException e) {
            // The other direction ended, or somebody hung up: what has to be closed is closed by who opened it.
            LOG.debug("passing on ended", e);
        }
    }

    /** Byte by byte to the empty line, so that nothing of what follows is taken. */
    private static String head(InputStream in) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        int matched = 0;
        while (matched < 4) {
            int b = in.read();
            if (b < 0 || head.size() >= MAX_HEAD) {
                throw new IOException("no request");
            }
            head.write(b);
            matched = b == "\r\n\r\n".charAt(matched) ? matched + 1 : b == '\r' ? 1 : 0;
        }
        return head.toString(ISO_8859_1);
    }

    private static Request parse(String head) {
        List<String> lines = new ArrayList<>(List.of(head.stripTrailing().split("\r\n")));
        String[] first = lines.removeFirst().split(" ");
        if (first.length != 3) {
            throw new IllegalArgumentException("not a request line");
        }
        if (first[0].equals("CONNECT")) {
            URI target = URI.create("tunnel://" + first[1]);
            return new Request(hostOf(target), target.getPort(), new byte[0]);
        }
        URI target = URI.create(first[1]);
        if (!"http".equals(target.getScheme())) {
            throw new IllegalArgumentException("not for a proxy");
        }
        String query = target.getRawQuery() == null ? "" : "?" + target.getRawQuery();
        String path = target.getRawPath().isEmpty() ? "/" : target.getRawPath();
        StringBuilder rewritten = new StringBuilder(first[0] + " " + path + query + " " + first[2] + "\r\n");
        for (String line : lines) {
            String name = line.toLowerCase(Locale.ROOT);
            if (!name.startsWith("connection:") && !name.startsWith("proxy-")) {
                rewritten.append(line).append("\r\n");
            }
        }
        rewritten.append("Connection: close\r\n\r\n");
        return new Request(hostOf(target), target.getPort() < 0 ? 80 : target.getPort(),
                rewritten.toString().getBytes(ISO_8859_1));
    }

    private static String hostOf(URI target) {
        if (target.getHost() == null) {
            throw new IllegalArgumentException("no host");
        }
        return target.getHost();
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
