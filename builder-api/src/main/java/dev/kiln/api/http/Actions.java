package dev.kiln.api.http;

import java.time.Duration;
import java.util.concurrent.Executor;

import io.vertx.core.Handler;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs actions for routes: on a thread that may block, with their failures in one form. Safe for many threads. */
public final class Actions {
    private static final Logger LOG = LoggerFactory.getLogger(Actions.class);

    private final Executor threads;
    private final ErrorForm errors;

    /** @param threads gives each task a thread that may block, at once */
    public Actions(Executor threads, ErrorForm errors) {
        this.threads = threads;
        this.errors = errors;
    }

    /**
     * Makes {@code router} hold each request's body back until its action reads it. Comes before all other routes.
     *
     * @param patience how long a read waits for the client to send more of a body
     */
    public static void prepare(Router router, Duration patience) {
        router.route().order(-1000).handler(routing -> {
            Call.open(routing, patience);
            routing.next();
        });
    }

    /** The handler for a route that does this. */
    public Handler<RoutingContext> run(Action action) {
        return routing -> {
            Call call = Call.of(routing);
            threads.execute(() -> serve(call, action));
        };
    }

    /** The handler that lets a call pass or refuses it; {@code gate} must not block and throws to refuse. */
    public Handler<RoutingContext> gate(Gate gate) {
        return routing -> {
            Call call = Call.of(routing);
            try {
                gate.check(call);
            } catch (RuntimeException e) {
                Sender.send(call, errors.reply(e, call));
                return;
            }
            routing.next();
        };
    }

    /** Decides at once whether a call may go on. */
    @FunctionalInterface
    public interface Gate {
        void check(Call call);
    }

    private void serve(Call call, Action action) {
        Reply reply;
        try {
            reply = action.perform(call);
        } catch (ClientGoneException e) {
            LOG.debug("client gone path={}", call.path());
            return;
        } catch (Throwable e) {
            reply = errors.reply(e, call);
        }
        if (reply.body() instanceof Reply.Body.Stream body && !call.isHead()) {
            Sender.stream(call, reply, body);
        } else {
            Sender.send(call, reply);
        }
    }
}
