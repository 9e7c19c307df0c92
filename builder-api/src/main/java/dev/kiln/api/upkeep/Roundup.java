package dev.kiln.api.upkeep;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;

import dev.kiln.queue.QueueException;
import dev.kiln.queue.Upkeep;
import dev.kiln.queue.upkeep.UpkeepMessage;
import dev.kiln.queue.upkeep.UpkeepMessage.Answer;
import dev.kiln.queue.upkeep.UpkeepMessage.Question;
import dev.kiln.queue.upkeep.UsageRecord;
import dev.kiln.queue.upkeep.Wish;

/** One question to all executors, until all have answered or were given up. */
final class Roundup {
    /** Executors tell of themselves every 20 seconds; one that was silent for longer is not expected to answer. */
    private static final Duration PRESENT = Duration.ofSeconds(90);

    private final String id;
    private final Patience patience;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition news = lock.newCondition();
    /** Guarded by the lock. */
    private final Map<String, Part> parts = new HashMap<>();

    /**
     * @param hearing how long to wait until an executor has heard the question
     * @param working how long it may then work on its answer
     */
    record Patience(Duration hearing, Duration working) {
        static final Patience STANDARD = new Patience(Duration.ofSeconds(10), Duration.ofMinutes(15));
    }

    /** What one executor has answered so far. */
    private static final class Part {
        private final List<UsageRecord> records = new ArrayList<>();
        private final List<String> problems = new ArrayList<>();
        private boolean complete;
    }

    /** What one executor answered. */
    record Answered(String executor, List<UsageRecord> records, List<String> problems) {}

    /** @param silent executors that should have answered and did not, or not to the end */
    record Result(List<Answered> executors, Set<String> silent) {}

    private Roundup(String id, Patience patience) {
        this.id = id;
        this.patience = patience;
    }

    /** @param id that no other question has */
    static Result ask(Upkeep upkeep, Wish wish, String id, Patience patience, InstantSource clock)
            throws QueueException, InterruptedException {
        Roundup roundup = new Roundup(id, patience);
        Set<String> expected = upkeep.executors()
            .stream()
            .filter(one -> !one.leaving() && one.at().isAfter(clock.instant().minus(PRESENT)))
            .map(UpkeepMessage.Presence::executor)
            .collect(Collectors.toCollection(TreeSet::new));
        AutoCloseable listening = upkeep.listen(roundup::hear);
        try {
            upkeep.send(new Question(id, wish));
            roundup.await(expected);
        } finally {
            close(listening);
        }
        return roundup.result(expected);
    }

    private static void close(AutoCloseable listening) {
        try {
            listening.close();
        } catch (Exception e) {
            throw new IllegalStateException("a listener for answers could not be taken off", e);
        }
    }

    private void hear(UpkeepMessage message) {
        if (!(message instanceof Answer answer) || !answer.question().equals(id)) {
            return;
        }
        lock.lock();
        try {
            Part part = parts.computeIfAbsent(answer.executor(), _ -> new Part());
            part.records.addAll(answer.records());
            part.problems.addAll(answer.problems());
            part.complete |= answer.last();
            news.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void await(Set<String> expected) throws InterruptedException {
        long start = System.nanoTime();
        lock.lock();
        try {
            while (true) {
                boolean unheard = !parts.keySet().containsAll(expected);
                boolean working = parts.values().stream().anyMatch(part -> !part.complete);
                long left = (unheard ? patience.hearing : working ? patience.working : Duration.ZERO).toNanos()
                        - (System.nanoTime() - start);
                if (unheard && left <= 0 && working) {
                    left = patience.working.toNanos() - (System.nanoTime() - start);
                }
                if (left <= 0) {
                    return;
                }
                long unused = news.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    private Result result(Set<String> expected) {
        lock.lock();
        try {
            List<Answered> answered = new ArrayList<>();
            Set<String> silent = new TreeSet<>(expected);
            new TreeMap<>(parts).forEach((executor, part) -> {
                if (part.complete) {
                    silent.remove(executor);
                    answered.add(new Answered(executor, List.copyOf(part.records), List.copyOf(part.problems)));
                } else {
                    silent.add(executor);
                }
            });
            return new Result(answered, silent);
        } finally {
            lock.unlock();
        }
    }
}
