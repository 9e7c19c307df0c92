package dev.kiln.executor.ssh;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import dev.kiln.layercache.posix.FileHandle;
import dev.kiln.layercache.posix.RawPath;

/**
 * A socket that passes on to an agent what may be asked of it; see draft-miller-ssh-agent. Everything else is answered with
 * a failure here. Each connection has its own to the agent, closed with it.
 */
final class AgentRelay implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AgentRelay.class);
    private static final String SOCKET = "socket";
    private static final int MAX_CONNECTIONS = 64;
    /** The agent's own limit. */
    private static final int MAX_MESSAGE = 256 << 10;
    private static final byte FAILURE = 5;
    private static final byte REQUEST_IDENTITIES = 11;
    private static final byte SIGN_REQUEST = 13;

    private final Path directory;
    private final FileHandle handle;
    private final String agent;
    private final ServerSocketChannel server;
    private final Semaphore free = new Semaphore(MAX_CONNECTIONS);
    private final Set<SocketChannel> open = ConcurrentHashMap.newKeySet();

    private AgentRelay(Path directory, FileHandle handle, String agent, ServerSocketChannel server) {
        this.directory = directory;
        this.handle = handle;
        this.agent = agent;
        this.server = server;
    }

    /** @param agent the name of the agent's socket in the directory */
    static AgentRelay open(Path directory, String agent) throws IOException {
        FileHandle handle = FileHandle.openForReading(RawPath.of(directory));
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        AgentRelay relay = new AgentRelay(directory, handle, agent, server);
        try {
            server.bind(relay.address(SOCKET));
        } catch (IOException | RuntimeException e) {
            relay.close();
            throw e;
        }
        Thread.ofVirtual().name("ssh-relay").start(relay::accept);
        return relay;
    }

    /** Not by the path of the directory, which may be longer than the address of a socket. */
    private UnixDomainSocketAddress address(String name) {
        return UnixDomainSocketAddress.of(handle.shortPath().resolve(name));
    }

    Path socket() {
        return directory.resolve(SOCKET);
    }

    private void accept() {
        while (server.isOpen()) {
            try {
                free.acquire();
                SocketChannel client = server.accept();
                open.add(client);
                Thread.ofVirtual().name("ssh-relay").start(() -> serve(client));
            } catch (IOException | InterruptedException e) {
                if (server.isOpen()) {
                    LOG.warn("ssh_relay={} accepting=ended", directory, e);
                }
                return;
            }
        }
    }

    private void serve(SocketChannel client) {
        try (client; SocketChannel upstream = SocketChannel.open(address(agent))) {
            open.add(upstream);
            try {
                ByteBuffer request;
                while ((request = read(client)).hasRemaining()) {
                    write(client, allowed(request) ? ask(upstream, request) : ByteBuffer.wrap(new byte[]{FAILURE}));
                }
            } finally {
                open.remove(upstream);
            }
        } catch (IOException e) {
            LOG.debug("ssh_relay={} connection=ended", directory, e);
        } finally {
            open.remove(client);
            free.release();
        }
    }

    private static boolean allowed(ByteBuffer request) {
        byte type = request.get(request.position());
        return type == REQUEST_IDENTITIES || type == SIGN_REQUEST;
    }

    private static ByteBuffer ask(SocketChannel agent, ByteBuffer request) throws IOException {
        write(agent, request);
        ByteBuffer answer = read(agent);
        if (!answer.hasRemaining()) {
            throw new IOException("the agent hung up");
        }
        return answer;
    }

    /** A message without its length; empty at the end of the stream. */
    private static ByteBuffer read(SocketChannel from) throws IOException {
        ByteBuffer length = ByteBuffer.allocate(Integer.BYTES);
        if (!fill(from, length)) {
            return length.limit(0);
        }
        int bytes = length.getInt(0);
        if (bytes < 1 || bytes > MAX_MESSAGE) {
            throw new IOException("a message of " + bytes + " bytes");
        }
        ByteBuffer message = ByteBuffer.allocate(bytes);
        if (!fill(from, message)) {
            throw new IOException("a message that ends too early");
        }
        return message.flip();
    }

    private static boolean fill(SocketChannel from, ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            if (from.read(buffer) < 0) {
                return false;
            }
        }
        return true;
    }

    private static void write(SocketChannel to, ByteBuffer message) throws IOException {
        ByteBuffer framed = ByteBuffer.allocate(Integer.BYTES + message.remaining());
        framed.putInt(message.remaining()).put(message).flip();
        while (framed.hasRemaining()) {
            to.write(framed);
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (SocketChannel channel : open) {
            channel.close();
        }
        handle.close();
    }
}
