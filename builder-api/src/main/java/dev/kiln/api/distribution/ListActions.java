package dev.kiln.api.distribution;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

import dev.kiln.api.access.Caller;
import dev.kiln.api.access.Right;
import dev.kiln.api.http.Call;
import dev.kiln.api.http.Json;
import dev.kiln.api.http.Query;
import dev.kiln.api.http.Reply;

/** Sorted lists in pages ({@code n}, {@code last}, {@code Link}): a repository's tags, and the repositories. */
final class ListActions {
    private static final int MAX_PAGE = 10_000;

    private final TagStore tags;

    ListActions(TagStore tags) {
        this.tags = tags;
    }

    Reply tags(Call call) throws IOException {
        RepositoryName name = Named.repository(call);
        if (!tags.exists(name)) {
            throw new DistributionException(DistributionError.NAME_UNKNOWN, "there is no repository " + name);
        }
        ObjectNode json = Json.object().put("name", name.value());
        return page(call, json, "tags", tags.tags(name));
    }

    Reply catalog(Call call) throws IOException {
        Caller caller = Named.caller(call);
        List<String> names = tags.repositories()
            .stream()
            .map(RepositoryName::value)
            .filter(name -> caller.may(Right.PULL, name))
            .toList();
        return page(call, Json.object(), "repositories", names);
    }

    private static Reply page(Call call, ObjectNode json, String field, List<String> sorted) {
        Query query = call.anyQuery();
        OptionalLong wanted = query.number("n", 0, Integer.MAX_VALUE);
        Optional<String> last = query.one("last");
        int limit = (int) Math.min(MAX_PAGE, wanted.orElse(MAX_PAGE));
        List<String> rest = last.isEmpty()
                ? sorted
                : sorted.stream().filter(item -> item.compareTo(last.get()) > 0).toList();
        List<String> page = rest.subList(0, Math.min(limit, rest.size()));
        ArrayNode array = json.putArray(field);
        page.forEach(array::add);
        Reply reply = Reply.of(200).json(json);
        return page.isEmpty() || page.size() == rest.size()
                ? reply
                : reply.header("Link",
                        "<" + call.path() + "?n=" + limit + "&last=" + page.getLast() + ">; rel=\"next\"");
    }
}
