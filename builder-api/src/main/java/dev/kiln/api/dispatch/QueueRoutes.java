package dev.kiln.api.dispatch;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import io.vertx.ext.web.Router;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

import dev.kiln.api.http.Actions;
import dev.kiln.api.http.Call;
import dev.kiln.api.http.HttpProblem;
import dev.kiln.api.http.Json;
import dev.kiln.api.http.ProblemException;
import dev.kiln.api.http.Query;
import dev.kiln.api.http.Reply;
import dev.kiln.api.http.Routes;
import dev.kiln.queue.BacklogEntry;
import dev.kiln.queue.BacklogEntry.Standing;
import dev.kiln.queue.BacklogJson;
import dev.kiln.queue.Backlogs;
import dev.kiln.queue.QueueException;
import dev.kiln.queue.job.BuildId;
import dev.kiln.queue.job.Job;
import dev.kiln.queue.job.QueueOptions;
import dev.kiln.queue.job.RequestJson;
import dev.kiln.queue.upkeep.UpkeepMessage.Presence;

/** {@code /v1/queue} and {@code /v1/dead-letters}. */
public final class QueueRoutes implements Routes {
    private static final int DEFAULT_PAGE = 100;
    private static final int MAX_PAGE = 1000;

    private final Actions actions;
    private final Backlogs backlogs;
    private final Dispatcher dispatcher;
    private final TenantRules rules;
    private final Again again;
    private final InstantSource clock;

    /** Accepts a job once more, as a build of its own. */
    @FunctionalInterface
    public interface Again {
        BuildId submit(Job job) throws QueueException, IOException, InterruptedException;
    }

    public QueueRoutes(Actions actions, Backlogs backlogs, Dispatcher dispatcher, TenantRules rules, Again again,
            InstantSource clock) {
        this.actions = actions;
        this.backlogs = backlogs;
        this.dispatcher = dispatcher;
        this.rules = rules;
        this.again = again;
        this.clock = clock;
    }

    @Override
    public void addTo(Router router) {
        router.get("/v1/queue").setName("getQueue").handler(actions.run(this::queue));
        router.get("/v1/dead-letters").setName("listDeadLetters").handler(actions.run(this::dead));
        router.get("/v1/dead-letters/:id").setName("getDeadLetter").handler(actions.run(this::deadLetter));
        router.delete("/v1/dead-letters/:id").setName("removeDeadLetter").handler(actions.run(this::remove));
        router.post("/v1/dead-letters/:id/retry").setName("retryDeadLetter").handler(actions.run(this::retry));
    }

    /** Those that wait, in the order in which they are expected to go, and who may take them. */
    private Reply queue(Call call) {
        Query query = call.query("limit", "tenant");
        int limit = (int) query.number("limit", 1, MAX_PAGE).orElse(DEFAULT_PAGE);
        Instant now = clock.instant();
        List<BacklogEntry> entries = backlogs.open().entries();
        List<BacklogEntry> order = new Lineup(rules).order(entries, now);
        ObjectNode json = Json.object().put("waiting", order.size()).put("handedOut", entries.size() - order.size());
        json.set("tenants", tenants(entries, now));
        ArrayNode executors = json.putArray("executors");
        dispatcher.executors().forEach(executor -> executors.add(executor(executor)));
        ArrayNode builds = json.putArray("builds");
        for (int i = 0; i < order.size() && builds.size() < limit; i++) {
            QueueOptions options = order.get(i).job().request().queueing();
            if (query.one("tenant").filter(tenant -> !tenant.equals(options.tenant())).isEmpty()) {
                builds.add(build(order.get(i), i + 1, now));
            }
        }
        return Reply.of(200).json(json);
    }

    private static ObjectNode build(BacklogEntry entry, int position, Instant now) {
        QueueOptions options = entry.job().request().queueing();
        ObjectNode json = Json.object()
            .put("id", entry.build().value())
            .put("position", position)
            .put("tenant", options.tenant())
            .put("priority", options.priority().word())
            .put("submitted", entry.job().request().submitted().toString())
            .put("ageSeconds", age(entry, now));
        options.supersede().ifPresent(key -> json.put("supersede", key));
        return json;
    }

    private static long age(BacklogEntry entry, Instant now) {
        return Math.max(0, Duration.between(entry.job().request().submitted(), now).toSeconds());
    }

    private static final class Sum {
        int waiting;
        int handedOut;
        long oldest;
    }

    private ArrayNode tenants(List<BacklogEntry> entries, Instant now) {
        Map<String, Sum> sums = new TreeMap<>();
        for (BacklogEntry entry : entries) {
            Sum sum = sums.computeIfAbsent(entry.job().request().queueing().tenant(), _ -> new Sum());
            if (entry.standing() == Standing.WAITING) {
                sum.waiting++;
                sum.oldest = Math.max(sum.oldest, age(entry, now));
            } else {
                sum.handedOut++;
            }
        }
        ArrayNode json = Json.array();
        sums.forEach((tenant, sum) -> json.add(Json.object()
            .put("tenant", tenant)
            .put("weight", rules.of(tenant).weight())
            .put("waiting", sum.waiting)
            .put("handedOut", sum.handedOut)
            .put("oldestSeconds", sum.oldest)));
        return json;
    }

    private static ObjectNode executor(Presence executor) {
        ObjectNode json = Json.object().put("name", executor.executor()).put("slots", executor.slots());
        ArrayNode platforms = json.putArray("platforms");
        executor.platforms().forEach(platforms::add);
        return json;
    }

    private Reply dead(Call call) {
        var _ = call.query();
        ObjectNode json = Json.object();
        ArrayNode letters = json.putArray("deadLetters");
        backlogs.dead().entries().stream().limit(MAX_PAGE).forEach(entry -> letters.add(letter(entry)));
        return Reply.of(200).json(json);
    }

    private static ObjectNode letter(BacklogEntry entry) {
        QueueOptions options = entry.job().request().queueing();
        ObjectNode json = Json.object()
            .put("id", entry.build().value())
            .put("tenant", options.tenant())
            .put("since", entry.since().toString())
            .put("reason", entry.note().orElse(""));
        ArrayNode names = json.putArray("names");
        entry.job().request().output().names().forEach(name -> names.add(name.toString()));
        return json;
    }

    private Reply deadLetter(Call call) {
        var _ = call.query();
        BacklogEntry entry = require(call);
        ObjectNode json = letter(entry);
        json.put("standing", BacklogJson.word(entry.standing()));
        json.set("request", RequestJson.tree(entry.job().request()));
        return Reply.of(200).json(json);
    }

    private Reply remove(Call call) throws QueueException {
        var _ = call.query();
        backlogs.dead().remove(require(call).build());
        return Reply.of(204);
    }

    /** The new build is accepted before the letter goes: a crash between leaves both, never none. */
    private Reply retry(Call call) throws QueueException, IOException, InterruptedException {
        var _ = call.query();
        BacklogEntry entry = require(call);
        BuildId build = again.submit(entry.job());
        backlogs.dead().remove(entry.build());
        return Reply.of(202)
            .header("Location", "/v1/builds/" + build)
            .json(Json.object().put("id", build.value()).put("retryOf", entry.build().value()));
    }

    private BacklogEntry require(Call call) {
        try {
            BuildId build = new BuildId(call.pathParam("id"));
            return backlogs.dead()
                .get(build)
                .orElseThrow(() -> new ProblemException(HttpProblem.NOT_FOUND, "there is no dead letter " + build));
        } catch (IllegalArgumentException e) {
            throw ProblemException.invalid("id", String.valueOf(e.getMessage()));
        }
    }
}
