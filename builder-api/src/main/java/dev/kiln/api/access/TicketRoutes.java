package dev.kiln.api.access;

import java.util.List;
import java.util.Optional;

import io.vertx.ext.web.Router;
import tools.jackson.databind.node.ObjectNode;

import dev.kiln.api.http.Actions;
import dev.kiln.api.http.Call;
import dev.kiln.api.http.Credentials;
import dev.kiln.api.http.Json;
import dev.kiln.api.http.Query;
import dev.kiln.api.http.Reply;
import dev.kiln.api.http.Routes;

/**
 * Where tickets are made (Docker's "Token Authentication Specification", {@code GET} with Basic). A client gets of its scopes
 * what it has a right to, maybe none; what it then does without one is refused with the reason.
 */
public final class TicketRoutes implements Routes {
    static final String PATH = "/v2/token";

    private final Actions actions;
    private final Optional<ListedAccess> access;
    private final TicketOffice office;

    /**
     * @param actions whose failures take the form of the registry
     * @param access without it there are no tickets
     */
    public TicketRoutes(Actions actions, Optional<ListedAccess> access, TicketOffice office) {
        this.actions = actions;
        this.access = access;
        this.office = office;
    }

    @Override
    public void addTo(Router router) {
        router.get(PATH).setName("getTicket").handler(actions.run(this::ticket));
    }

    private Reply ticket(Call call) {
        ListedAccess list = access
            .orElseThrow(() -> AccessException.absent("this registry has no access list, so it makes"
                    + " no tickets: present the farm's token itself, as password or Bearer"));
        Query query = call.anyQuery();
        String service = query.one("service").orElse("kiln");
        if (!service.equals("kiln")) {
            throw AccessException.invalid("tickets of another service are not made here");
        }
        List<Scope> scopes;
        try {
            scopes = Scope.all(query.all("scope"));
        } catch (IllegalArgumentException e) {
            throw AccessException.invalid("scope: " + e.getMessage());
        }
        String ticket = office.issue(caller(list, call), scopes);
        ObjectNode json = Json.object()
            .put("token", ticket)
            .put("access_token", ticket)
            .put("expires_in", TicketOffice.LIFE.toSeconds())
            .put("issued_at", office.now().toString());
        return Reply.of(200).header("Cache-Control", "no-store").json(json);
    }

    private static Caller caller(ListedAccess list, Call call) {
        Optional<Credentials> credentials = Credentials.of(call);
        return credentials.isEmpty()
                ? list.anonymous()
                : list.byToken(credentials.get().secret())
                    .orElseThrow(() -> AccessException.unauthorized("the token is not known here",
                            "Basic realm=\"kiln\""));
    }
}
