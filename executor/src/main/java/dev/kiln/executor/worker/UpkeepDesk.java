package dev.kiln.executor.worker;

import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import dev.kiln.layercache.lease.Keeper;
import dev.kiln.layercache.lease.Kind;
import dev.kiln.layercache.lease.Policy;
import dev.kiln.layercache.lease.Stocked;
import dev.kiln.layercache.lease.Usage;
import dev.kiln.queue.QueueException;
import dev.kiln.queue.Upkeep;
import dev.kiln.queue.upkeep.UpkeepMessage;
import dev.kiln.queue.upkeep.UpkeepMessage.Answer;
import dev.kiln.queue.upkeep.UpkeepMessage.Presence;
import dev.kiln.queue.upkeep.UpkeepMessage.Question;
import dev.kiln.queue.upkeep.UsageRecord;
import dev.kiln.queue.upkeep.Wish;

/**
 * Answers questions about this executor's disk, and tells now and then that the executor is there. A first answer without
 * records says that a question was heard; the rest follows when it is done.
 */
final class UpkeepDesk implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(UpkeepDesk.class);
    private static final Duration PERIOD = Duration.ofSeconds(20);

    private final Upkeep upkeep;
    private final String name;
    private final Offer offer;
    private final Keeper keeper;
    private final InstantSource clock;
    /** One at a time: prunes take turns anyway, and an answer is not cut by another. */
    private final ExecutorService work = Executors
        .newSingleThreadExecutor(Thread.ofVirtual().name("upkeep").factory());
    private final Thread announcer;
    private AutoCloseable listening = () -> {};
    private final CountDownLatch closing = new CountDownLatch(1);

    /** What this executor takes: builds at a time, and for which platforms. */
    record Offer(int slots, List<String> platforms) {}

    private UpkeepDesk(Upkeep upkeep, String name, Offer offer, Keeper keeper, InstantSource clock) {
        this.upkeep = upkeep;
        this.name = name;
        this.offer = offer;
        this.keeper = keeper;
        this.clock = clock;
        this.announcer = Thread.ofVirtual().name("presence").unstarted(this::announceNowAndThen);
    }

    /** Begins to answer; closing it ends that. */
    static UpkeepDesk open(Upkeep upkeep, String name, Offer offer, Keeper keeper, InstantSource clock) {
        UpkeepDesk desk = new UpkeepDesk(upkeep, name, offer, keeper, clock);
        desk.listening = upkeep.listen(desk::hear);
        desk.announcer.start();
        return desk;
    }

    private void hear(UpkeepMessage message) {
        switch (message) {
            case Question question -> work.execute(() -> answer(question));
            case Answer _,Presence _ -> LOG.trace("message={} is for those who ask", message);
        }
    }

    private void answer(Question question) {
        try {
            upkeep.send(new Answer(question.id(), name, false, List.of(), List.of()));
            send(question.id(), perform(question.wish()));
        } catch (QueueException e) {
            LOG.warn("question={} outcome=not-answered", question.id(), e);
        }
    }

    private Usage perform(Wish wish) {
        try {
            return switch (wish) {
                case Wish.Usage _ -> keeper.collector().usage();
                case Wish.Prune prune -> prune(prune);
            };
        } catch (IOException | RuntimeException e) {
            LOG.warn("action={} outcome=failed", wish, e);
            return new Usage(List.of(), List.of(e.getMessage() == null ? e.toString() : e.getMessage()));
        }
    }

    private Usage prune(Wish.Prune wish) throws IOException {
        Usage gone = keeper.collector().collect(List.of(policy(wish)));
        LOG.info("action=prune items={} bytes={} problems={}", gone.items().size(), gone.bytes(),
                gone.problems().size());
        return gone;
    }

    static Policy policy(Wish.Prune wish) {
        Set<Kind> kinds = EnumSet.noneOf(Kind.class);
        wish.kinds().forEach(word -> kinds.addAll(Kind.parse(word)));
        return new Policy(new Policy.Filter(kinds, wish.ids()), wish.keep(), new Policy.Limits(
                wish.space().reserved(), wish.space().maxUsed(), wish.space().minFree()), wish.all());
    }

    private void send(String question, Usage usage) throws QueueException {
        List<UsageRecord> records = usage.items().stream().map(UpkeepDesk::record).toList();
        List<String> problems = usage.problems().stream().limit(Answer.MAX_PROBLEMS).toList();
        for (int from = 0;; from += Answer.MAX_RECORDS) {
            int to = Math.min(records.size(), from + Answer.MAX_RECORDS);
            boolean last = to == records.size();
            upkeep.send(new Answer(question, name, last, records.subList(from, to), last ? problems : List.of()));
            if (last) {
                return;
            }
        }
    }

    private static UsageRecord record(Stocked stocked) {
        return new UsageRecord(stocked.item().kind().word(), stocked.item().id(), stocked.bytes(),
                stocked.times().created(), stocked.times().lastUsed(), stocked.inUse(), stocked.description());
    }

    private void announceNowAndThen() {
        try {
            do {
                announce(false);
            } while (!closing.await(PERIOD.toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void announce(boolean leaving) {
        try {
            upkeep.send(new Presence(name, clock.instant(), leaving, offer.slots(), offer.platforms()));
        } catch (QueueException e) {
            LOG.warn("executor={} cannot tell that it is {}", name, leaving ? "leaving" : "here", e);
        }
    }

    /** Ends an answer under way, and says that this executor leaves. */
    @Override
    public void close() {
        try {
            listening.close();
        } catch (Exception e) {
            throw new IllegalStateException("a listener for questions could not be taken off", e);
        } finally {
            closing.countDown();
            List<Runnable> unheard = work.shutdownNow();
            work.close();
            LOG.debug("stopped unheard={}", unheard.size());
        }
        try {
            announcer.join();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        announce(true);
    }
}
