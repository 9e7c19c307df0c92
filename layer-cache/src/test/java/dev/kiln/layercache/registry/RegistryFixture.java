package dev.kiln.layercache.registry;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

import dev.kiln.layercache.oci.ImageReference;

/** A client that does not sleep between its tries and is soon out of patience. */
final class RegistryFixture implements AutoCloseable {
    static final int CHUNK = 1 << 20;

    final List<Duration> pauses = Collections.synchronizedList(new ArrayList<>());
    final MovableClock clock = new MovableClock();
    final RegistryClient client;

    RegistryFixture(URI farm) {
        this(new RegistrySettings(farm, Set.of()), Keychain.anonymous(), Duration.ofSeconds(30));
    }

    RegistryFixture(RegistrySettings settings, Keychain keychain, Duration patience) {
        RetryPolicy retries = new RetryPolicy(3, Duration.ofSeconds(1), Duration.ofSeconds(60), new Random(1),
                pauses::add);
        client = new RegistryClient(settings, keychain, retries, clock, new RegistryClient.Pace(patience, CHUNK));
    }

    static RegistryFixture with(URI farm, Map<String, HostSettings> hosts) {
        return new RegistryFixture(new RegistrySettings(farm, Set.of(), hosts), Keychain.anonymous(),
                Duration.ofSeconds(30));
    }

    Repository repository(String name) {
        return client.repository(ImageReference.parse(name));
    }

    static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new Random(7).nextBytes(bytes);
        return bytes;
    }

    @Override
    public void close() {
        client.close();
    }

    /** Stands still unless it is moved. */
    static final class MovableClock implements InstantSource {
        private volatile Instant now = Instant.EPOCH;

        @Override
        public Instant instant() {
            return now;
        }

        void move(Duration time) {
            now = now.plus(time);
        }
    }
}
