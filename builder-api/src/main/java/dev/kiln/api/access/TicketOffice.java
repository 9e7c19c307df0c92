package dev.kiln.api.access;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Makes tickets and checks them. The key is this process's own and lasts as long as it: after a restart clients ask for new
 * tickets, as they do every few minutes anyway. Safe for many threads.
 */
public final class TicketOffice {
    static final Duration LIFE = Duration.ofMinutes(5);
    private static final String ALGORITHM = "HmacSHA256";
    private static final String PREFIX = "kiln1.";
    private static final int MAX_LENGTH = 16 << 10;

    private final SecretKeySpec key;
    private final InstantSource clock;

    public TicketOffice(SecureRandom random, InstantSource clock) {
        byte[] bytes = new byte[32];
        random.nextBytes(bytes);
        this.key = new SecretKeySpec(bytes, ALGORITHM);
        this.clock = clock;
    }

    Instant now() {
        return clock.instant();
    }

    /** Signs a ticket for what the caller has of these scopes. */
    String issue(Caller caller, List<Scope> wanted) {
        List<Scope> granted = wanted.stream()
            .map(scope -> scope.within(caller))
            .filter(scope -> !scope.rights().isEmpty())
            .toList();
        String body = encode(new Ticket(caller.name(), now().plus(LIFE), granted).text()
            .getBytes(StandardCharsets.UTF_8));
        return PREFIX + body + "." + encode(sign(body));
    }

    /** The ticket of a text; empty when it was not signed here, or its time is over. */
    Optional<Ticket> check(String text) {
        int dot = text.lastIndexOf('.');
        if (!text.startsWith(PREFIX) || dot < PREFIX.length() || text.length() > MAX_LENGTH) {
            return Optional.empty();
        }
        String body = text.substring(PREFIX.length(), dot);
        try {
            if (!MessageDigest.isEqual(sign(body), Base64.getUrlDecoder().decode(text.substring(dot + 1)))) {
                return Optional.empty();
            }
        } catch (IllegalArgumentException _) {
            // Not in base 64, so it is nobody's signature.
            return Optional.empty();
        }
        Ticket ticket = Ticket.parse(new String(Base64.getUrlDecoder().decode(body), StandardCharsets.UTF_8));
        return Optional.of(ticket).filter(t -> t.until().isAfter(now()));
    }

    private byte[] sign(String body) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            return mac.doFinal(body.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String encode(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
