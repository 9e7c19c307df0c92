package dev.kiln.api.access;

import java.net.URI;
import java.util.Optional;

import dev.kiln.api.http.Call;
import dev.kiln.api.http.Credentials;
import dev.kiln.api.http.TokenGate;

/**
 * Access by a list. A call presents the farm's token, a token of the list, a ticket for one of them, or nothing; what nobody may
 * do without a token is answered with the address where tickets are made.
 */
public final class ListedAccess implements RegistryAccess {
    private final AccessRules rules;
    private final TokenGate farm;
    private final TicketOffice office;
    private final Optional<URI> address;

    /**
     * @param farm knows the farm's token
     * @param address where clients reach this server, when that is not what they say themselves
     */
    public ListedAccess(AccessRules rules, TokenGate farm, TicketOffice office, Optional<URI> address) {
        this.rules = rules;
        this.farm = farm;
        this.office = office;
        this.address = address;
    }

    @Override
    public Caller admit(Call call, Optional<Need> need) {
        Optional<Credentials> credentials = Credentials.of(call);
        if (credentials.isEmpty()) {
            return anonymous(call, need);
        }
        String secret = credentials.get().secret();
        Optional<Caller> owner = byToken(secret);
        if (owner.isPresent()) {
            return allowed(owner.get(), need);
        }
        Ticket ticket = office.check(secret)
            .orElseThrow(() -> AccessException.unauthorized(
                    "the token is not known here, or its time is over; log in again",
                    challenge(call, need, "invalid_token")));
        return byTicket(call, ticket, need);
    }

    /** Without a word of what it wants, a client is always asked for a ticket: else it would not learn where they are made. */
    private Caller anonymous(Call call, Optional<Need> need) {
        Caller anonymous = rules.anonymous();
        if (need.filter(n -> anonymous.may(n.right(), n.repository())).isEmpty()) {
            throw AccessException.unauthorized("this needs a token: log in", challenge(call, need, ""));
        }
        return anonymous;
    }

    private static Caller allowed(Caller caller, Optional<Need> need) {
        if (need.isPresent() && !caller.may(need.get().right(), need.get().repository())) {
            throw AccessException.denied("the token " + caller.name() + " has no right to " + need.get().right().word()
                    + " in the repository " + need.get().repository());
        }
        return caller;
    }

    private Caller byTicket(Call call, Ticket ticket, Optional<Need> need) {
        Caller caller = owner(ticket);
        if (need.isEmpty() || ticket.covers(need.get().right(), need.get().repository())) {
            return caller;
        }
        if (!caller.may(need.get().right(), need.get().repository()) && !caller.isAnonymous()) {
            return allowed(caller, need);
        }
        throw AccessException
            .unauthorized("this needs a ticket for " + need.get().right().word() + " in the repository "
                    + need.get().repository(), challenge(call, need, "insufficient_scope"));
    }

    private Caller owner(Ticket ticket) {
        if (ticket.caller().equals(Caller.FARM.name())) {
            return Caller.FARM;
        }
        return rules.byName(ticket.caller()).orElseGet(rules::anonymous);
    }

    /** Whose token this is. */
    Optional<Caller> byToken(String secret) {
        return farm.isRight(secret) ? Optional.of(Caller.FARM) : rules.byToken(secret);
    }

    Caller anonymous() {
        return rules.anonymous();
    }

    private String challenge(Call call, Optional<Need> need, String error) {
        StringBuilder challenge = new StringBuilder("Bearer realm=\"" + realm(call) + "\",service=\"kiln\"");
        need.ifPresent(n -> challenge.append(",scope=\"repository:" + n.repository() + ":" + words(n.right()) + "\""));
        if (!error.isEmpty()) {
            challenge.append(",error=\"").append(error).append('"');
        }
        return challenge.toString();
    }

    /** Whoever pushes also asks what is there. */
    private static String words(Right right) {
        return right == Right.PUSH ? "pull,push" : right.word();
    }

    private String realm(Call call) {
        String base = address.map(URI::toString).orElseGet(() -> "http://" + host(call));
        return base + TicketRoutes.PATH;
    }

    /** As the client has it; in a form that can stand between quotes. */
    private static String host(Call call) {
        String host = call.header("Host").orElse("");
        if (!host.matches("[A-Za-z0-9._:\\[\\]-]{1,255}")) {
            throw AccessException.invalid("the header Host does not say where this server was reached");
        }
        return host;
    }
}
