package dev.kiln.api.access;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class TicketOfficeTest {
    private static final Caller CALLER = Caller.named("ci",
            List.of(new Grant(RepositoryPattern.parse("a/**"), Set.of(Right.PULL, Right.PUSH))));

    private Instant now = Instant.parse("2026-08-01T12:00:00Z");
    private final TicketOffice office = new TicketOffice(new SecureRandom(), () -> now);

    @Test
    void issue_grantsWhatTheCallerHas() {
        String text = office.issue(CALLER,
                Scope.all(List.of("repository:a/b:pull,push,delete repository:b:pull", "registry:catalog:*")));

        Ticket ticket = office.check(text).orElseThrow();
        assertThat(ticket.caller()).isEqualTo("ci");
        assertThat(ticket.scopes()).containsExactly(new Scope("a/b", Set.of(Right.PULL, Right.PUSH)));
        assertThat(ticket.covers(Right.PUSH, "a/b")).isTrue();
        assertThat(ticket.covers(Right.PUSH, "a/c")).isFalse();
    }

    @Test
    void check_afterItsTime_knowsNothing() {
        String text = office.issue(CALLER, List.of());

        now = now.plus(TicketOffice.LIFE).plus(Duration.ofSeconds(1));

        assertThat(office.check(text)).isEmpty();
    }

    @Test
    void check_ofChangedOrForeign_knowsNothing() {
        String text = office.issue(CALLER, List.of());
        String body = text.substring("kiln1.".length(), text.indexOf('.', 6));

        for (int i = 0; i < text.length(); i++) {
            // The last character of a part may hold bits that mean nothing.
            if (i != text.length() - 1) {
                char other = text.charAt(i) == 'A' ? 'B' : 'A';
                assertThat(office.check(text.substring(0, i) + other + text.substring(i + 1))).as("at " + i).isEmpty();
            }
        }
        assertThat(new TicketOffice(new SecureRandom(), () -> now).check(text)).isEmpty();
        assertThat(office.check("kiln1." + body + ".")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "kiln1.", "kiln1..", "kiln1.a.b", "kiln1.%.%", "x.y.z"})
    void check_ofAnythingElse_knowsNothing(String text) {
        assertThat(office.check(text)).isEmpty();
    }

    @Test
    void scopes_tooMany_areRefused() {
        assertThatThrownBy(() -> Scope.all(List.of("repository:a:pull ".repeat(40))))
            .isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "repository:a", "repository::pull", "repository:a\nb:pull", "registry:catalog:*",
        "x:a:pull",
        "repository:A:pull"})
    void scope_ofNoRepository_isPassedOver(String text) {
        assertThat(Scope.all(List.of(text))).isEmpty();
    }
}
