package dev.kiln.queue.broker;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;

import org.jspecify.annotations.Nullable;

import static java.nio.charset.StandardCharsets.US_ASCII;

/**
 * The broker's process: takes the data directory's lock, formats the storage the first time, runs Kafka, and ends when
 * its standard input does, which happens when the process that started it is gone, however it went.
 *
 * <p>Kafka's classes are called by name, because its server is no library to compile against.
 */
final class BrokerMain {
    /** The data directory belongs to another broker. */
    static final int EXIT_LOCKED = 3;

    private static final Duration STOP_PATIENCE = Duration.ofSeconds(15);

    /** Kept, because a lock that nobody can reach ends when it is collected. */
    private static @Nullable FileLock dataLock;

    private BrokerMain() {}

    /**
     * Arguments: the lock file, the storage directory, server.properties, the cluster's id for a first start.
     */
    public static void main(String[] args) throws Exception {
        endWithStandardInput(System.in);
        dataLock = lock(Path.of(args[0]));
        if (dataLock == null) {
            System.exit(EXIT_LOCKED);
        }
        if (!Files.exists(Path.of(args[1], "meta.properties"))) {
            format(args[2], args[3]);
        }
        call("kafka.Kafka", "main", new Class<?>[]{String[].class}, (Object) new String[]{args[2]});
    }

    private static void endWithStandardInput(InputStream in) {
        Thread.ofPlatform().daemon().name("parent-watch").start(() -> {
            try {
                while (in.read() >= 0) {
                    // Nothing is ever said on it; only its end counts.
                }
            } catch (IOException e) {
                System.err.println("reading standard input failed, which ends this broker: " + e);
            }
            Thread.ofPlatform().daemon().name("stop-watch").start(BrokerMain::haltLater);
            System.exit(0);
        });
    }

    private static void haltLater() {
        try {
            Thread.sleep(STOP_PATIENCE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Runtime.getRuntime().halt(1);
    }

    /** Held until this process ends, whose id it then says. */
    private static @Nullable FileLock lock(Path file) throws IOException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = channel.tryLock();
        if (lock != null) {
            channel.truncate(0);
            channel.write(ByteBuffer.wrap(Long.toString(ProcessHandle.current().pid()).getBytes(US_ASCII)));
        }
        return lock;
    }

    private static void format(String properties, String clusterId) throws Exception {
        String[] arguments = {"format", "--config", properties, "--cluster-id", clusterId};
        Object code = call("kafka.tools.StorageTool", "execute", new Class<?>[]{String[].class, PrintStream.class},
                arguments, System.out);
        if (!Integer.valueOf(0).equals(code)) {
            throw new IOException("formatting the storage ended with code " + code);
        }
    }

    private static @Nullable Object call(String type, String method, Class<?>[] parameters, Object... arguments)
            throws Exception {
        try {
            return Class.forName(type).getMethod(method, parameters).invoke(null, arguments);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof Exception cause) {
                throw cause;
            }
            throw e;
        }
    }
}
