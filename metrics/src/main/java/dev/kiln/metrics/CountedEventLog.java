package dev.kiln.metrics;

import java.util.concurrent.CompletionStage;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;

import dev.kiln.queue.EventLog;
import dev.kiln.queue.QueueException;
import dev.kiln.queue.event.BuildEvent;
import dev.kiln.queue.event.Permission;
import dev.kiln.queue.job.BuildId;

/** Another log, counting what is appended. Closing it closes nothing: the other stays its owner's. */
public final class CountedEventLog implements EventLog {
    private final EventLog log;
    private final Counter durable;
    private final Counter failed;

    public CountedEventLog(EventLog log, MeterRegistry registry) {
        this.log = log;
        this.durable = counter(registry, "durable");
        this.failed = counter(registry, "failed");
    }

    private static Counter counter(MeterRegistry registry, String outcome) {
        return Counter.builder("kiln.events.appended")
            .description("Events of builds that this process appended to the log")
            .tag("outcome", outcome)
            .register(registry);
    }

    @Override
    public CompletionStage<Long> append(BuildEvent event) {
        return log.append(event).whenComplete((_, failure) -> (failure == null ? durable : failed).increment());
    }

    @Override
    public void flush() throws QueueException {
        log.flush();
    }

    @Override
    public Cursor read(BuildId build, long position) throws QueueException {
        return log.read(build, position);
    }

    @Override
    public Cursor readAll(From from) throws QueueException {
        return log.readAll(from);
    }

    @Override
    public Permission mayPublish(BuildEvent.Publishing event) throws QueueException {
        try {
            Permission may = log.mayPublish(event);
            durable.increment();
            return may;
        } catch (QueueException e) {
            failed.increment();
            throw e;
        }
    }

    @Override
    public void close() {
        // The log belongs to whoever opened it.
    }
}
