package dev.kiln.queue;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import dev.kiln.queue.upkeep.UpkeepMessage;
import dev.kiln.queue.upkeep.UpkeepMessage.Answer;
import dev.kiln.queue.upkeep.UpkeepMessage.Presence;
import dev.kiln.queue.upkeep.UpkeepMessage.Question;
import dev.kiln.queue.upkeep.UsageRecord;
import dev.kiln.queue.upkeep.Wish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** What all {@link Upkeep} does. There may be messages of other tests. */
@Timeout(60)
public abstract class UpkeepContract {
    private static final Instant NOW = Instant.now().truncatedTo(ChronoUnit.MILLIS);

    protected abstract Upkeep upkeep();

    /** What a process sees that starts now. */
    protected abstract Upkeep restarted() throws QueueException;

    private static String fresh() {
        return UUID.randomUUID().toString();
    }

    @Test
    void messages_areHeardInTheirOrder_untilTheListenerIsClosed() throws Exception {
        String id = fresh();
        Question question = new Question(id, new Wish.Usage());
        Answer first = new Answer(id, "ada", false,
                List.of(new UsageRecord("layer", "l", 7, NOW, NOW, true, "of a step")),
                List.of());
        Answer last = new Answer(id, "ada", true, List.of(), List.of("one is stuck"));
        List<UpkeepMessage> heard = new CopyOnWriteArrayList<>();
        try (AutoCloseable listening = upkeep().listen(message -> {
            if (!(message instanceof Presence)) {
                heard.add(message);
            }
        })) {
            assertThat(listening).isNotNull();
            upkeep().send(question);
            upkeep().send(first);
            upkeep().send(last);
            await().until(() -> heard.contains(last));
        }
        upkeep().send(new Question(fresh(), new Wish.Usage()));
        assertThat(heard).containsSubsequence(question, first, last);
    }

    @Test
    void presence_isKnownToThoseWhoStartLater_whoHearNoOldQuestions() throws Exception {
        Presence here = new Presence(fresh(), NOW, false, 2, List.of());
        upkeep().send(new Presence(here.executor(), NOW.minusSeconds(9), false, 2, List.of()));
        upkeep().send(here);
        upkeep().send(new Question("old", new Wish.Usage()));
        List<UpkeepMessage> heard = new CopyOnWriteArrayList<>();
        try (Upkeep later = restarted(); AutoCloseable listening = later.listen(heard::add)) {
            assertThat(listening).isNotNull();
            assertThat(later.executors()).contains(here);
            Question next = new Question(fresh(), new Wish.Usage());
            upkeep().send(next);
            await().until(() -> heard.contains(next));
        }
        assertThat(heard).doesNotContain(new Question("old", new Wish.Usage()));
    }

    @Test
    void listener_thatThrows_doesNotKeepOthersFromHearing() throws Exception {
        Question question = new Question(fresh(), new Wish.Usage());
        List<UpkeepMessage> heard = new CopyOnWriteArrayList<>();
        try (AutoCloseable bad = upkeep().listen(_ -> {
            throw new IllegalStateException("a listener's own fault");
        }); AutoCloseable good = upkeep().listen(heard::add)) {
            assertThat(bad).isNotSameAs(good);
            upkeep().send(question);
            await().until(() -> heard.contains(question));
        }
    }
}
