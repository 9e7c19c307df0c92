package dev.kiln.layercache.registry;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Finds the {@code Authorization} that a registry accepts, and remembers it for each host and scope until it expires
 * (Docker's token authentication, which the distribution-spec refers to). What it remembers was got with the credentials
 * of its keychain, so whoever has others has an authenticator of its own. Safe for many threads.
 */
final class Authenticator {
    private static final int MAX_KNOWN = 10_000;

    private record Key(String host, String scope) {}

    private record Known(String header, Instant expires) {}

    private final TokenServer tokens;
    private final Keychain keychain;
    private final InstantSource clock;
    private final Map<Key, Known> known = new ConcurrentHashMap<>();

    Authenticator(TokenServer tokens, Keychain keychain, InstantSource clock) {
        this.tokens = tokens;
        this.keychain = keychain;
        this.clock = clock;
    }

    /** What was accepted before and has not expired. */
    Optional<String> header(String host, String scope) {
        return Optional.ofNullable(known.get(new Key(host, scope)))
            .filter(k -> clock.instant().isBefore(k.expires))
            .map(Known::header);
    }

    void forget(String host, String scope) {
        known.remove(new Key(host, scope));
    }

    /**
     * Answers a challenge; empty when there is nothing to answer it with.
     *
     * @param scope what the request needs, such as {@code repository:app:pull}; several with a space between them
     */
    Optional<String> answer(String host, String scope, List<String> challenges)
            throws IOException, InterruptedException {
        Optional<Challenge> challenge = Challenge.best(challenges);
        if (challenge.isEmpty()) {
            return Optional.empty();
        }
        Optional<Credentials> credentials = credentials(host);
        Optional<Known> answer = challenge.get().scheme().equals("bearer")
                ? Optional.of(bearer(tokens.token(host, scope, challenge.get(), credentials)))
                : credentials.filter(c -> c.identityToken().isEmpty()).map(c -> new Known(c.basic(), Instant.MAX));
        answer.ifPresent(a -> remember(new Key(host, scope), a));
        return answer.map(Known::header);
    }

    private void remember(Key key, Known answer) {
        if (known.size() >= MAX_KNOWN) {
            known.clear();
        }
        known.put(key, answer);
    }

    private Optional<Credentials> credentials(String host) throws RegistryException {
        try {
            return keychain.forHost(host);
        } catch (IOException e) {
            throw new RegistryException(RegistryException.Code.UNAUTHORIZED,
                    "looking up the credentials for " + host + " failed: " + e.getMessage(), OptionalInt.empty(),
                    Optional.empty(), e);
        }
    }

    /** Used up to a little before its end, so that it does not expire on the way. */
    private Known bearer(RegistryJson.Token token) {
        Instant now = clock.instant();
        Duration age = token.issued().map(issued -> Duration.between(issued, now)).orElse(Duration.ZERO);
        // A server may hand out a token that it made before. An age beyond its life is a clock that is wrong.
        boolean believed = age.isPositive() && age.compareTo(token.life()) < 0;
        Duration left = believed ? token.life().minus(age) : token.life();
        return new Known("Bearer " + token.value(), now.plus(left.multipliedBy(9).dividedBy(10)));
    }
}
