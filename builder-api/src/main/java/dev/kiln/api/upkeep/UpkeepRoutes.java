package dev.kiln.api.upkeep;

import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;

import io.vertx.ext.web.Router;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

import dev.kiln.api.http.Actions;
import dev.kiln.api.http.Call;
import dev.kiln.api.http.Json;
import dev.kiln.api.http.ProblemException;
import dev.kiln.api.http.Query;
import dev.kiln.api.http.Reply;
import dev.kiln.api.http.Routes;
import dev.kiln.api.upkeep.Roundup.Answered;
import dev.kiln.layercache.lease.Kind;
import dev.kiln.queue.QueueException;
import dev.kiln.queue.Upkeep;
import dev.kiln.queue.json.JsonException;
import dev.kiln.queue.json.JsonFields;
import dev.kiln.queue.upkeep.UpkeepJson;
import dev.kiln.queue.upkeep.UsageRecord;
import dev.kiln.queue.upkeep.Wish;

/** {@code /v1/usage} and {@code /v1/prune}. */
public final class UpkeepRoutes implements Routes {
    private static final int MAX_DOCUMENT = 64 << 10;
    private static final long MAX_SECONDS = Duration.ofDays(36_500).toSeconds();

    private final Actions actions;
    private final Upkeep upkeep;
    private final OwnDisk own;
    private final InstantSource clock;

    /** @param own the disk of this very process */
    public UpkeepRoutes(Actions actions, Upkeep upkeep, OwnDisk own, InstantSource clock) {
        this.actions = actions;
        this.upkeep = upkeep;
        this.own = own;
        this.clock = clock;
    }

    /** What this process keeps itself. */
    public interface OwnDisk {

        /** What it is called among executors. */
        String NAME = "registry";

        /** Does what an executor does with the same wish. */
        Kept perform(Wish wish) throws IOException;

        /** What is there, or what went. */
        record Kept(List<UsageRecord> records, List<String> problems) {}
    }

    @Override
    public void addTo(Router router) {
        router.get("/v1/usage").setName("getUsage").handler(actions.run(this::usage));
        router.post("/v1/prune").setName("prune").handler(actions.run(this::prune));
    }

    private Reply usage(Call call) throws IOException, QueueException, InterruptedException {
        Query query = call.query("records", "kind");
        Set<Kind> kinds = new HashSet<>();
        query.all("kind", Kind::parse).forEach(kinds::addAll);
        return answer(new Wish.Usage(), query.flag("records"), kinds);
    }

    private Reply prune(Call call) throws IOException, QueueException, InterruptedException {
        boolean records = call.query("records").flag("records");
        return answer(read(Json.read(call.body(), MAX_DOCUMENT)), records, Set.of());
    }

    private static Wish.Prune read(ObjectNode document) {
        Set<String> known = Set.of("kinds", "ids", "keepSeconds", "reserved", "maxUsed", "minFree", "all");
        document.propertyNames().stream().filter(name -> !known.contains(name)).findFirst().ifPresent(name -> {
            throw ProblemException.invalid(name, "there is no such field; known: "
                    + String.join(", ", known.stream().sorted().toList()));
        });
        try {
            JsonFields json = JsonFields.of(document);
            List<String> kinds = json.list("kinds", Wish.Prune.MAX_NAMES, word -> word);
            kinds.forEach(word -> json.build(() -> Kind.parse(word)));
            long seconds = json.optionalNumber("keepSeconds").orElse(0);
            if (seconds < 0 || seconds > MAX_SECONDS) {
                throw ProblemException.invalid("keepSeconds", "expected 0 to " + MAX_SECONDS);
            }
            return json.build(() -> new Wish.Prune(Set.copyOf(kinds),
                    Set.copyOf(json.list("ids", Wish.Prune.MAX_NAMES, id -> id)), Duration.ofSeconds(seconds),
                    new Wish.Space(json.optionalNumber("reserved").orElse(0), json.optionalNumber("maxUsed").orElse(0),
                            json.optionalNumber("minFree").orElse(0)),
                    json.bool("all", false)));
        } catch (JsonException e) {
            throw ProblemException.invalid("document", String.valueOf(e.getMessage()));
        }
    }

    private Reply answer(Wish wish, boolean withRecords, Set<Kind> kinds)
            throws IOException, QueueException, InterruptedException {
        OwnDisk.Kept here = own.perform(wish);
        Roundup.Result result = Roundup.ask(upkeep, wish, UUID.randomUUID().toString(), Roundup.Patience.STANDARD,
                clock);
        List<Answered> all = new ArrayList<>(result.executors());
        all.add(new Answered(OwnDisk.NAME, here.records(), here.problems()));
        ObjectNode json = Json.object();
        ArrayNode executors = json.putArray("executors");
        all.forEach(answered -> executors.add(executor(answered, withRecords, kinds)));
        ArrayNode silent = json.putArray("silent");
        result.silent().forEach(silent::add);
        return Reply.of(200).json(json);
    }

    private static ObjectNode executor(Answered answered, boolean withRecords, Set<Kind> kinds) {
        List<UsageRecord> records = answered.records()
            .stream()
            .filter(record -> kinds.isEmpty() || kinds.stream().anyMatch(kind -> kind.word().equals(record.kind())))
            .toList();
        ObjectNode json = Json.object().put("name", answered.executor()).put("bytes", bytes(records));
        Map<String, List<UsageRecord>> byKind = new TreeMap<>();
        records.forEach(record -> byKind.computeIfAbsent(record.kind(), _ -> new ArrayList<>()).add(record));
        ArrayNode totals = json.putArray("kinds");
        byKind.forEach((kind, some) -> totals.add(Json.object()
            .put("kind", kind)
            .put("count", some.size())
            .put("bytes", bytes(some))
            .put("reclaimable", bytes(some.stream().filter(record -> !record.inUse()).toList()))));
        if (withRecords) {
            ArrayNode list = json.putArray("records");
            records.forEach(record -> list.add(UpkeepJson.record(record)));
        }
        ArrayNode problems = json.putArray("problems");
        answered.problems().forEach(problems::add);
        return json;
    }

    private static long bytes(List<UsageRecord> records) {
        return records.stream().mapToLong(UsageRecord::bytes).sum();
    }
}
