package dev.kiln.api.builds;

import java.util.List;
import java.util.Optional;

import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

import dev.kiln.api.http.Json;
import dev.kiln.queue.BuildRecords.BuildRecord;
import dev.kiln.queue.Cancellations.Cancellation;
import dev.kiln.queue.event.BuildEvent;
import dev.kiln.queue.event.EventJson;
import dev.kiln.queue.job.BuildId;
import dev.kiln.queue.job.RequestJson;

/** Builds as the API shows them: the schema {@code Build} of {@code openapi.yaml}. */
final class BuildJson {

    private BuildJson() {}

    static ObjectNode tree(BuildRecord build, Optional<Cancellation> wish) {
        String self = path(build.id());
        ObjectNode json = Json.object();
        json.put("id", build.id().value());
        json.put("state", BuildState.of(build).word());
        json.set("request", RequestJson.tree(build.request()));
        build.started().ifPresent(started -> json.set("started", EventJson.tree(started)));
        build.outcome().ifPresent(outcome -> json.set("outcome", EventJson.tree((BuildEvent) outcome)));
        wish.ifPresent(w -> json.put("cancelRequested", w.reason()));
        json.putObject("links")
            .put("self", self)
            .put("events", self + "/events")
            .put("log", self + "/log")
            .put("why", self + "/why");
        return json;
    }

    /** One page; {@code next} is where the next one goes on, when there is one. */
    static ObjectNode page(List<ObjectNode> builds, Optional<BuildId> next) {
        ObjectNode json = Json.object();
        ArrayNode list = json.putArray("builds");
        builds.forEach(list::add);
        next.ifPresent(id -> json.put("next", id.value()));
        return json;
    }

    static String path(BuildId build) {
        return "/v1/builds/" + build;
    }
}
