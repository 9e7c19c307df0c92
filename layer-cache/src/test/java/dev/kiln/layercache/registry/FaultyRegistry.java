package dev.kiln.layercache.registry;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A registry on loopback that answers by a script, byte by byte, as no HTTP server would: the first request as the first
 * fault says, and so on; the last one stays. Each connection is for one request.
 */
final class FaultyRegistry implements AutoCloseable {
    private static final Pattern RANGE = Pattern.compile("Range: bytes=([0-9]+)-");
    private final ServerSocket server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final List<Fault> script;
    private final List<String> requests = Collections.synchronizedList(new ArrayList<>());
    private final AtomicInteger next = new AtomicInteger();
    private final AtomicLong sent = new AtomicLong();

    /** What a connection gets after its request. */
    interface Fault {
        void answer(String request, Socket socket, OutputStream out) throws IOException;
    }

    FaultyRegistry(Fault... script) {
        this.script = List.copyOf(Arrays.asList(script));
        try {
            server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        threads.execute(this::accept);
    }

    /** An answer with a body, whole. */
    static Fault answer(int status, String headers, byte[] body) {
        return partly(status, headers, body.length, body);
    }

    /** An answer that announces so many bytes, sends these, and ends. */
    static Fault partly(int status, String headers, long announced, byte[] body) {
        return (request, socket, out) -> {
            out.write(head(status, headers + "Content-Length: " + announced + "\r\n"));
            out.write(body);
        };
    }

    /** What is right: the blob from where the request wants it on. */
    static Fault rest(byte[] blob) {
        return (request, socket, out) -> {
            Matcher range = RANGE.matcher(request);
            int from = range.find() ? Integer.parseInt(range.group(1)) : 0;
            String headers = "Content-Range: bytes " + from + "-" + (blob.length - 1) + "/" + blob.length + "\r\n";
            answer(206, headers, Arrays.copyOfRange(blob, from, blob.length)).answer(request, socket, out);
        };
    }

    /** As {@link #partly}, but the connection is reset. */
    static Fault reset(long announced, byte[] body) {
        return (request, socket, out) -> {
            out.write(head(200, "Content-Length: " + announced + "\r\n"));
            out.write(body);
            out.flush();
            socket.setSoLinger(true, 0);
        };
    }

    /** Sends until the client has enough. */
    static Fault endless() {
        return (request, socket, out) -> {
            out.write(head(200, ""));
            byte[] block = new byte[64 << 10];
            while (true) {
                out.write(block);
            }
        };
    }

    /** A byte now and then, for ever. */
    static Fault dripping(Duration pause) {
        return (request, socket, out) -> {
            out.write(head(200, "Content-Length: 1000000\r\n"));
            while (true) {
                out.write(' ');
                out.flush();
                sleep(pause);
            }
        };
    }

    /** Begins an answer and never comes to its end. */
    static Fault drippingHead(Duration pause) {
        return (request, socket, out) -> {
            out.write("HTTP/1.1 200 OK\r\nX-Slow: ".getBytes(StandardCharsets.US_ASCII));
            while (true) {
                out.write('x');
                out.flush();
                sleep(pause);
            }
        };
    }

    private static byte[] head(int status, String headers) {
        return ("HTTP/1.1 " + status + " x\r\n" + headers + "Connection: close\r\n\r\n")
            .getBytes(StandardCharsets.US_ASCII);
    }

    private static void sleep(Duration time) throws IOException {
        try {
            Thread.sleep(time);
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    /** {@code 127.0.0.1:port}. */
    String host() {
        return "127.0.0.1:" + server.getLocalPort();
    }

    URI address() {
        return URI.create("http://" + host());
    }

    /** The first line and the headers of each. */
    List<String> requests() {
        return List.copyOf(requests);
    }

    /** Bytes that clients were sent at most, buffers between included. */
    long sent() {
        return sent.get();
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                threads.execute(() -> serve(socket));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(Socket socket) {
        try (socket; InputStream in = new BufferedInputStream(socket.getInputStream())) {
            String head = head(in);
            if (head.isEmpty()) {
                return;
            }
            requests.add(head);
            OutputStream out = socket.getOutputStream();
            script.get(Math.min(next.getAndIncrement(), script.size() - 1)).answer(head, socket, counting(out));
        } catch (IOException e) {
            // The client had enough.
        }
    }

    private OutputStream counting(OutputStream out) {
        return new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                write(new byte[]{(byte) b}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                out.write(bytes, offset, length);
                sent.addAndGet(length);
            }
        };
    }

    private static String head(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int b = in.read();
            if (b < 0) {
                return "";
            }
            head.append((char) b);
        }
        return head.toString();
    }

    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            threads.shutdownNow();
        }
    }
}
