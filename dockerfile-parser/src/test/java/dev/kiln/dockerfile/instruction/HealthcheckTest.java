package dev.kiln.dockerfile.instruction;

import java.time.Duration;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static dev.kiln.dockerfile.instruction.Instructions.assertRefused;
import static dev.kiln.dockerfile.instruction.Instructions.parse;
import static org.assertj.core.api.Assertions.assertThat;

class HealthcheckTest {

    @Test
    void healthcheck_everyFlag_isRead() {
        Healthcheck check = parse(Healthcheck.class, "HEALTHCHECK --interval=1m30s --timeout=1.5s --start-period=0"
                + " --start-interval=300ms --retries=3 CMD curl -f x");

        assertThat(check.test()).contains(new CommandLine.ShellForm("curl -f x", List.of()));
        assertThat(check.timing()).isEqualTo(new Healthcheck.Timing(Duration.ofSeconds(90), Duration.ofMillis(1_500),
                Duration.ZERO, Duration.ofMillis(300), 3));
    }

    @Test
    void healthcheck_execForm_isRead() {
        assertThat(parse(Healthcheck.class, "HEALTHCHECK cmd [\"a\", \"b\"]").test()).contains(
                new CommandLine.ExecForm(List.of("a", "b")));
    }

    @Test
    void healthcheck_none_hasNoTest() {
        assertThat(parse(Healthcheck.class, "HEALTHCHECK None").test()).isEmpty();
        assertRefused("HEALTHCHECK NONE a").hasMessage("HEALTHCHECK NONE takes no arguments");
    }

    @Test
    void healthcheck_malformed_isRefused() {
        assertRefused("HEALTHCHECK").hasMessage("HEALTHCHECK requires at least one argument");
        assertRefused("HEALTHCHECK CMD").hasMessage("Missing command after HEALTHCHECK CMD");
        assertRefused("HEALTHCHECK connect TCP").hasMessage("Unknown type \"CONNECT\" in HEALTHCHECK (try CMD)");
        assertRefused("HEALTHCHECK --retries=-1 CMD a").hasMessage("--retries cannot be negative (-1)");
        assertRefused("HEALTHCHECK --retries=x CMD a").hasMessageContaining("\"x\"");
    }

    @ParameterizedTest
    @CsvSource({"1,time: invalid duration", "1x,time: invalid duration",
        "-1s,Interval \"timeout\" cannot be less than 1ms",
        "999us,Interval \"timeout\" cannot be less than 1ms", "99999999h,time: invalid duration",
        "s,time: invalid duration"})
    void healthcheck_intervals_areChecked(String text, String message) {
        assertRefused("HEALTHCHECK --timeout=" + text + " CMD a").hasMessageStartingWith(message);
    }
}
