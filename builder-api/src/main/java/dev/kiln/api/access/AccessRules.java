package dev.kiln.api.access;

import java.util.List;
import java.util.Optional;

/** The content of an access list. */
public final class AccessRules {
    private final List<NamedToken> tokens;
    private final Caller anonymous;

    AccessRules(List<NamedToken> tokens, List<Grant> anonymous) {
        this.tokens = List.copyOf(tokens);
        this.anonymous = Caller.anonymous(anonymous);
    }

    /** A token that somebody was given. */
    record NamedToken(Caller caller, TokenHash hash) {}

    /** Whose token this is; looks at all of them, so that the time it takes says nothing. */
    Optional<Caller> byToken(String token) {
        Optional<Caller> found = Optional.empty();
        for (NamedToken known : tokens) {
            if (known.hash.isOf(token)) {
                found = Optional.of(known.caller);
            }
        }
        return found;
    }

    Optional<Caller> byName(String name) {
        return tokens.stream().map(NamedToken::caller).filter(caller -> caller.name().equals(name)).findFirst();
    }

    /** Those who present no token. */
    Caller anonymous() {
        return anonymous;
    }
}
