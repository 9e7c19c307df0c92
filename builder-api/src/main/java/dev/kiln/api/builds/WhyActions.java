package dev.kiln.api.builds;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

import dev.kiln.api.http.Call;
import dev.kiln.api.http.HttpProblem;
import dev.kiln.api.http.Json;
import dev.kiln.api.http.ProblemException;
import dev.kiln.api.http.Reply;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.queue.BuildRecords.BuildRecord;
import dev.kiln.queue.EventLog.Recorded;
import dev.kiln.queue.QueueException;
import dev.kiln.queue.event.BuildEvent;
import dev.kiln.queue.event.CacheMiss;
import dev.kiln.queue.event.CacheMissJson;
import dev.kiln.queue.job.BuildId;

/** The steps of a build's latest attempt, and why those that ran were not taken from the cache: folded from the events. */
final class WhyActions {
    private final BuildLedger ledger;

    WhyActions(BuildLedger ledger) {
        this.ledger = ledger;
    }

    private static final class Step {
        private final String name;
        private String state = "waiting";
        private Optional<CacheMiss> miss = Optional.empty();

        Step(String name) {
            this.name = name;
        }
    }

    Reply read(Call call) throws QueueException, InterruptedException {
        BuildRecord build = ledger.get(BuildRoutes.id(call));
        ObjectNode json = Json.object();
        json.put("id", build.id().value());
        ArrayNode list = json.putArray("steps");
        steps(build).forEach((vertex, step) -> {
            ObjectNode one = list.addObject();
            one.put("vertex", vertex.toString()).put("name", step.name).put("state", step.state);
            step.miss.ifPresent(miss -> one.set("miss", CacheMissJson.tree(miss)));
        });
        return Reply.of(200).json(json);
    }

    private Map<Digest, Step> steps(BuildRecord build) throws QueueException, InterruptedException {
        BuildId id = build.id();
        Map<Digest, Step> steps = new LinkedHashMap<>();
        try (BuildReader reader = ledger.read(id, ledger.latestAttempt(id))) {
            long end = reader.knownUpTo();
            if (build.outcome().isPresent() && end < 0) {
                throw new ProblemException(HttpProblem.NOT_FOUND, "the events of the build " + id
                        + " are no longer kept");
            }
            while (!reader.ended() && !reader.isClosed() && reader.position() < end) {
                List<Recorded> next = reader.next(Duration.ZERO);
                if (next.isEmpty() && !reader.readsLog()) {
                    break;
                }
                next.forEach(recorded -> take(recorded.event(), steps));
            }
        }
        return steps;
    }

    private static void take(BuildEvent event, Map<Digest, Step> steps) {
        switch (event) {
            case BuildEvent.Started _ -> steps.clear();
            case BuildEvent.VertexAdded added -> steps.put(added.vertex(), new Step(added.name()));
            case BuildEvent.VertexStarted started -> step(started.vertex(), steps).state = "running";
            case BuildEvent.VertexMissed missed -> step(missed.vertex(), steps).miss = Optional.of(missed.miss());
            case BuildEvent.VertexCached cached -> step(cached.vertex(), steps).state = "cached";
            case BuildEvent.VertexCompleted completed ->
                step(completed.vertex(), steps).state = completed.error().isPresent() ? "failed" : "done";
            case BuildEvent.Queued _,BuildEvent.VertexLog _,BuildEvent.Warning _,BuildEvent.Publishing _ -> {
            }
            case BuildEvent.Pushed _,BuildEvent.Exported _,BuildEvent.CancelRequested _,BuildEvent.Final _ -> {
            }
        }
    }

    private static Step step(Digest vertex, Map<Digest, Step> steps) {
        return steps.computeIfAbsent(vertex, v -> new Step(v.toString()));
    }
}
