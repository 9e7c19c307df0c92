package dev.kiln.api.builds;

import java.io.IOException;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

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
import dev.kiln.layercache.oci.Digest;
import dev.kiln.queue.BuildRecords.BuildRecord;
import dev.kiln.queue.Cancellations;
import dev.kiln.queue.QueueException;
import dev.kiln.queue.job.BuildId;
import dev.kiln.queue.job.ContextRef;
import dev.kiln.queue.secret.BuildSecrets;

/** {@code /v1/builds} and {@code /v1/contexts}. */
public final class BuildRoutes implements Routes {
    private static final int DEFAULT_PAGE = 50;
    private static final int MAX_PAGE = 500;
    private static final int MAX_REASON = 200;

    private final Actions actions;
    private final BuildService service;
    private final BuildLedger ledger;
    private final Cancellations cancellations;
    private final Contexts contexts;
    private final EventActions events;
    private final LogActions logs;
    private final WhyActions why;

    public BuildRoutes(Actions actions, BuildService service, BuildLedger ledger, Cancellations cancellations,
            Contexts contexts) {
        this.actions = actions;
        this.service = service;
        this.ledger = ledger;
        this.cancellations = cancellations;
        this.contexts = contexts;
        this.events = new EventActions(ledger);
        this.logs = new LogActions(ledger, contexts.content());
        this.why = new WhyActions(ledger);
    }

    @Override
    public void addTo(Router router) {
        router.put("/v1/contexts").setName("putContext").handler(actions.run(this::putContext));
        router.post("/v1/contexts").setName("sendContext").handler(actions.run(this::sendContext));
        router.head("/v1/contexts/:digest").setName("headContext").handler(actions.run(this::headContext));
        router.get("/v1/builds").setName("listBuilds").handler(actions.run(this::list));
        router.post("/v1/builds").setName("submitBuild").handler(actions.run(this::submit));
        router.get("/v1/builds/:id").setName("getBuild").handler(actions.run(this::get));
        router.delete("/v1/builds/:id").setName("cancelBuild").handler(actions.run(this::cancel));
        router.get("/v1/builds/:id/events").setName("getBuildEvents").handler(actions.run(events::follow));
        router.get("/v1/builds/:id/log").setName("getBuildLog").handler(actions.run(logs::read));
        router.get("/v1/builds/:id/why").setName("getBuildWhy").handler(actions.run(why::read));
    }

    private Reply putContext(Call call) throws IOException, InterruptedException {
        Optional<Digest> expected = call.query("digest").one("digest", Digest::parse);
        ContextRef.Uploaded context = contexts.upload(call, expected);
        return stored(context);
    }

    private static Reply stored(ContextRef.Uploaded context) {
        return Reply.of(201)
            .header("Location", "/v1/contexts/" + context.digest())
            .json(Json.object().put("digest", context.digest().toString()).put("size", context.size()));
    }

    private Reply sendContext(Call call) throws IOException {
        var _ = call.query();
        return switch (contexts.receive(call)) {
            case SentContexts.Answer.Complete(ContextRef.Uploaded context) -> stored(context);
            case SentContexts.Answer.Missing(List<Integer> data) -> {
                ObjectNode answer = Json.object();
                ArrayNode missing = answer.putArray("missing");
                data.forEach(missing::add);
                yield Reply.of(200).json(answer);
            }
        };
    }

    private Reply headContext(Call call) throws IOException {
        return Reply.of(200).headOnly("application/octet-stream", contexts.find(digest(call)).size());
    }

    private static Digest digest(Call call) {
        try {
            return Digest.parse(call.pathParam("digest"));
        } catch (IllegalArgumentException e) {
            throw ProblemException.invalid("digest", String.valueOf(e.getMessage()));
        }
    }

    private Reply list(Call call) {
        Query query = call.query("limit", "cursor", "state");
        int limit = (int) query.number("limit", 1, MAX_PAGE).orElse(DEFAULT_PAGE);
        Optional<BuildId> cursor = query.one("cursor", BuildId::new);
        List<BuildState> states = query.all("state", BuildState::parse);
        Set<BuildState> wanted = states.isEmpty() ? EnumSet.allOf(BuildState.class) : EnumSet.copyOf(states);
        List<BuildRecord> found = ledger.list(cursor, build -> wanted.contains(BuildState.of(build)), limit + 1);
        List<BuildRecord> page = found.subList(0, Math.min(limit, found.size()));
        Optional<BuildId> next = found.size() > limit ? Optional.of(page.getLast().id()) : Optional.empty();
        return Reply.of(200).json(BuildJson.page(page.stream().map(this::tree).toList(), next));
    }

    private Reply submit(Call call) throws IOException, QueueException, InterruptedException {
        BuildRecord build = switch (call.contentType()) {
            case "application/json" -> submitDocument(call);
            case "application/x-tar", "application/gzip", "application/zstd" -> submitTar(call);
            default -> throw new ProblemException(HttpProblem.UNSUPPORTED_MEDIA_TYPE,
                    "a build is submitted as application/json, or with its context as application/x-tar,"
                            + " application/gzip or application/zstd");
        };
        return Reply.of(202).header("Location", BuildJson.path(build.id())).json(tree(build));
    }

    private BuildRecord submitDocument(Call call) throws IOException, QueueException, InterruptedException {
        if (!call.query(BuildForm.PARAMETERS).isEmpty()) {
            throw new ProblemException(HttpProblem.INVALID_REQUEST,
                    "with a JSON document, options are its fields, not query parameters");
        }
        BuildDocument document = BuildDocument.read(Json.read(call.body(), BuildDocument.MAX_BYTES), contexts);
        return service.submit(document::request, document.secrets());
    }

    private BuildRecord submitTar(Call call) throws IOException, QueueException, InterruptedException {
        Query query = call.query(BuildForm.PARAMETERS);
        BuildForm.check(query);
        ContextRef.Uploaded context = contexts.upload(call, Optional.empty());
        return service.submit((id, now) -> BuildForm.read(query, id, now, context), BuildSecrets.NONE);
    }

    private Reply get(Call call) {
        return Reply.of(200).json(tree(ledger.get(id(call))));
    }

    private Reply cancel(Call call) throws QueueException, InterruptedException {
        String reason = call.query("reason").one("reason").orElse("cancelled by a client");
        if (reason.isBlank() || reason.length() > MAX_REASON) {
            throw ProblemException.invalid("reason", "expected 1 to " + MAX_REASON + " characters");
        }
        return Reply.of(202).json(tree(service.cancel(id(call), reason)));
    }

    private ObjectNode tree(BuildRecord build) {
        return BuildJson.tree(build, cancellations.of(build.id()));
    }

    static BuildId id(Call call) {
        try {
            return new BuildId(call.pathParam("id"));
        } catch (IllegalArgumentException e) {
            throw ProblemException.invalid("id", String.valueOf(e.getMessage()));
        }
    }
}
