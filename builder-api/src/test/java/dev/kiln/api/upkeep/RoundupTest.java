package dev.kiln.api.upkeep;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import dev.kiln.queue.InMemoryUpkeep;
import dev.kiln.queue.QueueException;
import dev.kiln.queue.upkeep.UpkeepMessage.Answer;
import dev.kiln.queue.upkeep.UpkeepMessage.Presence;
import dev.kiln.queue.upkeep.UpkeepMessage.Question;
import dev.kiln.queue.upkeep.UsageRecord;
import dev.kiln.queue.upkeep.Wish;

import static org.assertj.core.api.Assertions.assertThat;

@Timeout(30)
class RoundupTest {
    private static final Instant NOW = Instant.parse("2026-08-01T12:00:00Z");
    private static final Roundup.Patience BRIEF = new Roundup.Patience(Duration.ofMillis(50), Duration.ofMillis(200));
    private static final Roundup.Patience LONG = new Roundup.Patience(Duration.ofSeconds(20), Duration.ofSeconds(20));

    private final InMemoryUpkeep upkeep = new InMemoryUpkeep();

    private void present(String executor, Instant at, boolean leaving) throws QueueException {
        upkeep.send(new Presence(executor, at, leaving, 1, List.of()));
    }

    private void answers(String executor, boolean toTheEnd) {
        var unused = upkeep.listen(message -> {
            if (message instanceof Question question) {
                Thread.startVirtualThread(() -> answer(question, executor, toTheEnd));
            }
        });
    }

    private void answer(Question question, String executor, boolean toTheEnd) {
        try {
            upkeep.send(new Answer(question.id(), executor, false, List.of(), List.of()));
            upkeep.send(new Answer(question.id(), executor, false, List.of(record("a")), List.of()));
            if (toTheEnd) {
                upkeep.send(new Answer(question.id(), executor, true, List.of(record("b")), List.of("stuck")));
            }
        } catch (QueueException e) {
            throw new IllegalStateException(e);
        }
    }

    private static UsageRecord record(String id) {
        return new UsageRecord("layer", id, 1, NOW, NOW, false, "");
    }

    private Roundup.Result ask(Roundup.Patience patience) throws Exception {
        return Roundup.ask(upkeep, new Wish.Usage(), "q", patience, InstantSource.fixed(NOW));
    }

    @Test
    void ask_putsTheParts_ofAllAnswersTogether() throws Exception {
        present("ada", NOW, false);
        present("bob", NOW, false);
        answers("ada", true);
        answers("bob", true);

        Roundup.Result result = ask(LONG);

        assertThat(result.silent()).isEmpty();
        assertThat(result.executors()).extracting(Roundup.Answered::executor).containsExactly("ada", "bob");
        assertThat(result.executors().getFirst().records()).containsExactly(record("a"), record("b"));
        assertThat(result.executors().getFirst().problems()).containsExactly("stuck");
    }

    @Test
    void ask_namesThose_whoDidNotHear() throws Exception {
        present("ada", NOW, false);
        present("deaf", NOW, false);
        answers("ada", true);

        Roundup.Result result = ask(BRIEF);

        assertThat(result.silent()).containsExactly("deaf");
        assertThat(result.executors()).extracting(Roundup.Answered::executor).containsExactly("ada");
    }

    @Test
    void ask_namesThose_whoBeganAndDidNotEnd() throws Exception {
        present("slow", NOW, false);
        answers("slow", false);

        Roundup.Result result = ask(BRIEF);

        assertThat(result.silent()).containsExactly("slow");
        assertThat(result.executors()).isEmpty();
    }

    @Test
    void ask_doesNotExpect_thoseWhoLeftOrDied() throws Exception {
        present("left", NOW, true);
        present("dead", NOW.minusSeconds(100), false);

        assertThat(ask(LONG).silent()).isEmpty();
    }

    @Test
    void ask_takesAnAnswer_ofOneThatNobodyExpected() throws Exception {
        present("ada", NOW, false);
        answers("ada", true);
        answers("new", true);

        assertThat(ask(LONG).executors()).extracting(Roundup.Answered::executor).contains("ada");
    }
}
