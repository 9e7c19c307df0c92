package dev.kiln.layercache.registry;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import dev.kiln.layercache.content.InMemoryContentStore;
import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.ImageReference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** What whoever measures hears of transfers. */
@Timeout(60)
class RegistryMeterTest {
    private static final byte[] BLOB = new byte[300_000];
    private final TestRegistry registry = new TestRegistry();
    private final InMemoryContentStore local = new InMemoryContentStore();
    private final Heard heard = new Heard();
    private final RegistryClient client = new RegistryClient(new RegistrySettings(registry.address(), Set.of()),
            Keychain.anonymous(),
            new RetryPolicy(3, Duration.ofSeconds(1), Duration.ofSeconds(60), new Random(1), _ -> {}),
            InstantSource.fixed(Instant.EPOCH), heard);

    private static final class Heard implements RegistryMeter {
        final List<String> answers = new CopyOnWriteArrayList<>();
        final AtomicInteger retries = new AtomicInteger();
        final AtomicLong sent = new AtomicLong();
        final AtomicLong received = new AtomicLong();

        @Override
        public void answered(int status) {
            answers.add(Integer.toString(status));
        }

        @Override
        public void unanswered() {
            answers.add("none");
        }

        @Override
        public void retried() {
            retries.incrementAndGet();
        }

        @Override
        public void sent(long bytes) {
            sent.addAndGet(bytes);
        }

        @Override
        public void received(long bytes) {
            received.addAndGet(bytes);
        }
    }

    @AfterEach
    void close() {
        client.close();
        registry.close();
    }

    private Repository app() {
        return client.repository(ImageReference.parse("team/app"));
    }

    @Test
    void push_isHeardWithItsBytes() throws Exception {
        Descriptor blob = Descriptor.of("x", local.ingest(BLOB), BLOB.length);
        assertThat(app().push(blob, local)).isTrue();
        assertThat(heard.sent).hasValue(BLOB.length);
        assertThat(heard.answers).containsExactly("404", "202", "201");
        assertThat(heard.retries).hasValue(0);
    }

    @Test
    void pull_thatBreaks_isHeardAsARetry() throws Exception {
        Descriptor blob = Descriptor.of("x", registry.putBlob(BLOB), BLOB.length);
        AtomicInteger breaks = new AtomicInteger(1);
        registry.add(exchange -> {
            if (breaks.getAndDecrement() <= 0) {
                return false;
            }
            exchange.sendResponseHeaders(503, -1);
            exchange.close();
            return true;
        });
        app().pull(blob, local);
        assertThat(heard.answers).containsExactly("503", "200");
        assertThat(heard.retries).hasValue(1);
        assertThat(heard.received).hasValue(BLOB.length);
    }

    @Test
    void registryThatIsAway_isHeardAsNoAnswer() {
        registry.close();
        assertThatExceptionOfType(RegistryException.class)
            .isThrownBy(() -> app().size(Digest.sha256(BLOB)));
        assertThat(heard.answers).containsExactly("none", "none", "none");
        assertThat(heard.retries).hasValue(2);
    }
}
