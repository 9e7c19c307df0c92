package dev.kiln.metrics;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Locale;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;

/**
 * The meters of one process, those of its JVM included, and the page that Prometheus reads. A main makes one and hands its
 * {@link #registry} to the parts. Safe for many threads.
 */
public final class ProcessMetrics implements AutoCloseable {
    private static final String TEXT = "text/plain; version=0.0.4; charset=utf-8";
    private static final String OPEN_METRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8";

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final JvmGcMetrics collections = new JvmGcMetrics();

    /** What is read now, in one of two forms of text. */
    public record Page(String contentType, byte[] bytes) {}

    public ProcessMetrics() {
        // Their names are not as Prometheus wants names, and process_cpu_usage says what is needed.
        registry.config()
            .meterFilter(MeterFilter.denyNameStartsWith("process.cpu.time"))
            .meterFilter(MeterFilter.denyNameStartsWith("system.cpu.count"));
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ClassLoaderMetrics().bindTo(registry);
        collections.bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
    }

    /** Where a part of the process puts its meters. */
    public MeterRegistry registry() {
        return registry;
    }

    /**
     * All meters as they stand.
     *
     * @param accept what the client says that it reads; OpenMetrics when that is among it, else Prometheus' own form
     */
    public Page read(String accept) {
        String type = accept.toLowerCase(Locale.ROOT).contains("application/openmetrics-text") ? OPEN_METRICS : TEXT;
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(32 << 10);
        try {
            registry.scrape(bytes, type);
        } catch (IOException e) {
            throw new UncheckedIOException("writing metrics into memory failed", e);
        }
        return new Page(type, bytes.toByteArray());
    }

    @Override
    public void close() {
        collections.close();
        registry.close();
    }
}
