package dev.kiln.api.builds;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

import dev.kiln.api.http.ByteRange;
import dev.kiln.api.http.Call;
import dev.kiln.api.http.HttpProblem;
import dev.kiln.api.http.ProblemException;
import dev.kiln.api.http.Reply;
import dev.kiln.layercache.content.BlobReader;
import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.queue.BuildRecords.BuildRecord;
import dev.kiln.queue.EventLog.Recorded;
import dev.kiln.queue.QueueException;
import dev.kiln.queue.event.BuildEvent;
import dev.kiln.queue.event.PlainLog;
import dev.kiln.queue.job.BuildId;

/**
 * A build's log as text: the blob that a finished build keeps, or the same text made of the events of the latest
 * attempt. For a range of the latter, the events are read twice, once for the length, and never kept.
 */
final class LogActions {
    private static final String TYPE = "text/plain; charset=utf-8";
    private static final Duration FOLLOW = Duration.ofSeconds(30);
    private static final int BUFFER = 64 << 10;

    private final BuildLedger ledger;
    private final BlobReader content;

    LogActions(BuildLedger ledger, BlobReader content) {
        this.ledger = ledger;
        this.content = content;
    }

    Reply read(Call call) throws IOException, QueueException, InterruptedException {
        boolean follow = call.query("follow").flag("follow");
        boolean range = call.header("Range").isPresent();
        if (follow && range) {
            throw ProblemException.invalid("follow", "does not go with a Range; ask for one of them");
        }
        BuildRecord build = ledger.get(BuildRoutes.id(call));
        Optional<Descriptor> log = build.outcome().flatMap(BuildEvent.Final::log);
        if (log.isPresent() && content.size(log.get().digest()).isPresent()) {
            return blob(call, log.get());
        }
        requireEvents(build);
        if (follow) {
            return text(Reply.of(200), -1, out -> {
                try (BuildReader reader = ledger.read(build.id(), ledger.latestAttempt(build.id()))) {
                    out.onGone(() -> Thread.startVirtualThread(reader::close));
                    follow(reader, out);
                }
            });
        }
        return range ? rangeOfEvents(call, build.id()) : wholeOfEvents(build.id());
    }

    private void requireEvents(BuildRecord build) {
        try (BuildReader reader = ledger.read(build.id(), ledger.latestAttempt(build.id()))) {
            if (build.outcome().isPresent() && reader.knownUpTo() < 0) {
                throw new ProblemException(HttpProblem.NOT_FOUND, "the log of the build " + build.id()
                        + " is no longer kept, neither as a blob nor as events");
            }
        }
    }

    private Reply blob(Call call, Descriptor log) {
        Optional<ByteRange> range = ByteRange.of(call, log.size());
        ByteRange part = range.orElse(new ByteRange(0, log.size(), log.size()));
        return text(part(range), part.length(), out -> {
            try (InputStream in = content.open(log.digest(), part.first())) {
                LogWindow window = new LogWindow(0, part.length(), out);
                byte[] buffer = new byte[BUFFER];
                for (int n = in.read(buffer); n > 0 && !window.isFull(); n = in.read(buffer)) {
                    window.write(buffer, n);
                    window.flush();
                }
            }
        });
    }

    /** What there is by now, in one pass; the end is not known before it is reached. */
    private Reply wholeOfEvents(BuildId build) {
        return text(Reply.of(200), -1, out -> {
            LogWindow window = new LogWindow(0, Long.MAX_VALUE, out);
            var unused = write(build, ledger.latestAttempt(build), -1, window);
            window.flush();
        });
    }

    private Reply rangeOfEvents(Call call, BuildId build) throws IOException, QueueException, InterruptedException {
        LogWindow counter = new LogWindow(0, 0, OutputStream.nullOutputStream());
        long from = ledger.latestAttempt(build);
        long upTo = write(build, from, -1, counter);
        Optional<ByteRange> range = ByteRange.of(call, counter.seen());
        if (range.isEmpty()) {
            return wholeOfEvents(build);
        }
        ByteRange part = range.get();
        return text(part(range), part.length(), out -> {
            LogWindow window = new LogWindow(part.first(), part.length(), out);
            var unused = write(build, from, upTo, window);
            window.flush();
        });
    }

    /**
     * Writes the log of what came after {@code from}, up to an event, or to the last there is when that is -1; returns
     * which that was.
     */
    private long write(BuildId build, long from, long upTo, LogWindow out)
            throws IOException, QueueException, InterruptedException {
        try (BuildReader reader = ledger.read(build, from)) {
            long end = upTo < 0 ? reader.knownUpTo() : upTo;
            PlainLog log = new PlainLog(out::line);
            while (!reader.ended() && !reader.isClosed() && reader.position() < end && !out.isFull()) {
                List<Recorded> next = reader.next(Duration.ZERO);
                if (next.isEmpty() && !reader.readsLog()) {
                    break;
                }
                next.stream()
                    .filter(recorded -> recorded.position() <= end)
                    .forEach(recorded -> log.add(recorded.event()));
                out.flush();
            }
            return end;
        }
    }

    private static void follow(BuildReader reader, OutputStream out)
            throws IOException, QueueException, InterruptedException {
        LogWindow window = new LogWindow(0, Long.MAX_VALUE, out);
        PlainLog log = new PlainLog(window::line);
        while (!reader.ended() && !reader.isClosed() && reader.outcomeWithoutEvent().isEmpty()) {
            List<Recorded> next = reader.next(FOLLOW);
            next.forEach(recorded -> log.add(recorded.event()));
            window.flush();
        }
    }

    private static Reply part(Optional<ByteRange> range) {
        return range.map(r -> Reply.of(206).header("Content-Range", r.contentRange())).orElseGet(() -> Reply.of(200));
    }

    private static Reply text(Reply reply, long length, Reply.Source source) {
        return reply.header("Accept-Ranges", "bytes").body(TYPE, new Reply.Body.Stream(length, source));
    }
}
