package dev.kiln.api.builds;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

import dev.kiln.api.http.Call;
import dev.kiln.api.http.EventStream;
import dev.kiln.api.http.ProblemException;
import dev.kiln.api.http.Query;
import dev.kiln.api.http.Reply;
import dev.kiln.api.http.ReplyStream;
import dev.kiln.queue.EventLog.Recorded;
import dev.kiln.queue.QueueException;
import dev.kiln.queue.event.BuildEvent;
import dev.kiln.queue.event.EventJson;

/** A build's events as a stream, from any place, to its end. */
final class EventActions {
    private static final Duration HEARTBEAT = Duration.ofSeconds(15);

    private final BuildLedger ledger;

    EventActions(BuildLedger ledger) {
        this.ledger = ledger;
    }

    Reply follow(Call call) throws QueueException, InterruptedException {
        BuildReader reader = ledger.read(BuildRoutes.id(call), after(call));
        try {
            if (reader.ended()) {
                reader.close();
                return Reply.of(204);
            }
            List<Recorded> first = reader.next(Duration.ZERO);
            return EventStream.reply(out -> follow(reader, first, out));
        } catch (QueueException | InterruptedException | RuntimeException e) {
            reader.close();
            throw e;
        }
    }

    private static long after(Call call) {
        Query query = call.query("after");
        OptionalLong after = query.number("after", -1, Long.MAX_VALUE);
        return after.isPresent() ? after.getAsLong() : call.header("Last-Event-ID").map(EventActions::id).orElse(-1L);
    }

    private static long id(String header) {
        try {
            long id = Long.parseLong(header.strip());
            if (id >= -1) {
                return id;
            }
        } catch (NumberFormatException e) {
            throw ProblemException.invalid("Last-Event-ID", "expected a whole number");
        }
        throw ProblemException.invalid("Last-Event-ID", "expected -1 or more");
    }

    private static void follow(BuildReader reader, List<Recorded> first, ReplyStream out)
            throws IOException, QueueException, InterruptedException {
        try (reader) {
            out.onGone(() -> Thread.startVirtualThread(reader::close));
            EventStream stream = new EventStream(out);
            send(stream, first);
            while (!reader.ended() && !reader.isClosed()) {
                Optional<BuildEvent.Final> outcome = reader.outcomeWithoutEvent();
                if (outcome.isPresent()) {
                    stream.event(EventJson.type(outcome.get()), EventJson.write(outcome.get()));
                    stream.flush();
                    return;
                }
                List<Recorded> next = reader.next(HEARTBEAT);
                if (next.isEmpty()) {
                    stream.heartbeat();
                } else {
                    send(stream, next);
                }
            }
        }
    }

    private static void send(EventStream stream, List<Recorded> events) throws IOException {
        for (Recorded recorded : events) {
            stream.event(recorded.position(), EventJson.type(recorded.event()), EventJson.write(recorded.event()));
        }
        stream.flush();
    }
}
