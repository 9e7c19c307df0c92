package dev.kiln.metrics;

import java.util.HashMap;
import java.util.Map;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;

import dev.kiln.layercache.registry.RegistryMeter;

/** What this process asks of registries. */
public final class RegistryMeters implements RegistryMeter {
    private final Map<String, Counter> answers = new HashMap<>();
    private final Counter retries;
    private final Counter sent;
    private final Counter received;

    public RegistryMeters(MeterRegistry registry) {
        for (String status : new String[]{"2xx", "3xx", "401", "404", "429", "4xx", "5xx", "none"}) {
            answers.put(status, Counter.builder("kiln.registry.client.requests")
                .description("Requests to registries by the class of their answer; none when none came")
                .tag("status", status)
                .register(registry));
        }
        retries = Counter.builder("kiln.registry.client.retries")
            .description("Transfers and requests to registries that failed and were tried again")
            .register(registry);
        sent = Counter.builder("kiln.registry.client.sent")
            .description("Bodies of requests that registries took")
            .baseUnit("bytes")
            .register(registry);
        received = Counter.builder("kiln.registry.client.received")
            .description("Bodies of answers of registries, as far as they were read")
            .baseUnit("bytes")
            .register(registry);
    }

    @Override
    public void answered(int status) {
        count(switch (status) {
            case 401, 404, 429 -> Integer.toString(status);
            default -> status >= 500 ? "5xx" : status >= 400 ? "4xx" : status >= 300 ? "3xx" : "2xx";
        });
    }

    @Override
    public void unanswered() {
        count("none");
    }

    private void count(String status) {
        Counter counter = answers.get(status);
        if (counter != null) {
            counter.increment();
        }
    }

    @Override
    public void retried() {
        retries.increment();
    }

    @Override
    public void sent(long bytes) {
        sent.increment(bytes);
    }

    @Override
    public void received(long bytes) {
        received.increment(bytes);
    }
}
