package dev.kiln.queue;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;

import dev.kiln.queue.event.Attempts;
import dev.kiln.queue.event.BuildEvent;
import dev.kiln.queue.event.EventJson;
import dev.kiln.queue.event.Permission;
import dev.kiln.queue.job.BuildId;

/** An {@link EventLog} in this process's memory, with the faults that tests want. */
public final class InMemoryEventLog implements EventLog {
    private record Pending(BuildEvent event, CompletableFuture<Long> done) {}

    private final Availability availability = new Availability();
    private final List<Recorded> log = new ArrayList<>();
    private final Deque<Pending> unsent = new ArrayDeque<>();

    /** Makes the broker go away or come back; what was appended meanwhile is durable when it is back. */
    public void setAvailable(boolean available) {
        List<Runnable> completions = new ArrayList<>();
        synchronized (this) {
            availability.set(available);
            while (available && !unsent.isEmpty()) {
                Pending pending = unsent.remove();
                long position = store(pending.event);
                completions.add(() -> pending.done.complete(position));
            }
            notifyAll();
        }
        completions.forEach(Runnable::run);
    }

    /** All that is durable, in order. */
    public synchronized List<BuildEvent> events() {
        return log.stream().map(Recorded::event).toList();
    }

    /** All that is durable of one build, in order. */
    public List<BuildEvent> events(BuildId build) {
        return events().stream().filter(event -> event.build().equals(build)).toList();
    }

    @Override
    public synchronized CompletionStage<Long> append(BuildEvent event) {
        byte[] json = EventJson.write(event);
        if (json.length > EventJson.MAX_BYTES) {
            return CompletableFuture.failedStage(new QueueException(QueueException.Code.TOO_LARGE,
                    "append to build " + event.build() + ": the event is too large"));
        }
        BuildEvent copy = EventJson.read(json).orElseThrow();
        if (availability.get()) {
            return CompletableFuture.completedStage(store(copy));
        }
        Pending pending = new Pending(copy, new CompletableFuture<>());
        unsent.add(pending);
        return pending.done;
    }

    private synchronized long store(BuildEvent event) {
        long position = log.size();
        log.add(new Recorded(position, event));
        notifyAll();
        return position;
    }

    @Override
    public synchronized void flush() throws QueueException {
        while (!unsent.isEmpty()) {
            await(Long.MAX_VALUE);
            if (Thread.currentThread().isInterrupted()) {
                throw new QueueException(QueueException.Code.UNAVAILABLE, "flush events: interrupted");
            }
        }
    }

    @Override
    public Cursor read(BuildId build, long position) throws QueueException {
        availability.check("read the events of build " + build);
        return new ListCursor((int) position + 1, recorded -> recorded.event().build().equals(build));
    }

    @Override
    public synchronized Cursor readAll(From from) throws QueueException {
        availability.check("read all events");
        return new ListCursor(from == From.OLDEST ? 0 : log.size(), recorded -> true);
    }

    @Override
    public Permission mayPublish(BuildEvent.Publishing event) throws QueueException {
        CompletableFuture<Long> appended = append(event).toCompletableFuture();
        flush();
        Attempts attempts = new Attempts();
        synchronized (this) {
            for (Recorded recorded : log.subList(0, Math.toIntExact(appended.join()))) {
                if (recorded.event().build().equals(event.build())) {
                    var _ = attempts.counts(recorded.event());
                }
            }
        }
        return attempts.judge(event);
    }

    @Override
    public void close() {}

    private void await(long nanos) {
        try {
            wait(Math.max(1, nanos / 1_000_000));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private final class ListCursor implements Cursor {
        private final Predicate<Recorded> wanted;
        private final int endAtOpening;
        private int next;
        private boolean closed;

        ListCursor(int next, Predicate<Recorded> wanted) {
            this.next = next;
            this.wanted = wanted;
            synchronized (InMemoryEventLog.this) {
                this.endAtOpening = log.size();
            }
        }

        @Override
        public List<Recorded> next(Duration patience) {
            long deadline = System.nanoTime() + patience.toNanos();
            synchronized (InMemoryEventLog.this) {
                while (!closed && !Thread.currentThread().isInterrupted()) {
                    List<Recorded> found = next < log.size()
                            ? log.subList(next, log.size()).stream().filter(wanted).toList()
                            : List.of();
                    next = Math.max(next, log.size());
                    long left = deadline - System.nanoTime();
                    if (!found.isEmpty() || left <= 0) {
                        return found;
                    }
                    await(left);
                }
                return List.of();
            }
        }

        @Override
        public boolean caughtUp() {
            return next >= endAtOpening;
        }

        @Override
        public void close() {
            synchronized (InMemoryEventLog.this) {
                closed = true;
                InMemoryEventLog.this.notifyAll();
            }
        }
    }
}
