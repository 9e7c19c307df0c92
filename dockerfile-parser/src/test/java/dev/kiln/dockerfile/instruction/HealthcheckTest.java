package dev.kiln.dockerfile.instruction;

import java.time.Duration;
import java.util.List;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static dev.kiln.dockerfile.instruction.Instructions.assertRefused;
import static dev.kiln.dockerfile.instruction.Instructions.parse;
import static org.assertj.core.api.Assertions.assertThat;

class HealthcheckTest {

    @Test
    @Tag("row:1.18")
    @Tag("row:9.10")
    void healthcheck_everyFlag_isRead() {
        Healthcheck check = parse(Healthcheck.class, "HEALTHCHECK --interval=1m30s --timeout=1.5s --start-period=0"
                + " --start-interval=300ms --retries=3 CMD curl -f x");

        assertThat(check.test()).contains(new CommandLine.ShellForm("curl -f x", List.of()));
        assertThat(check.timing()).isEqualTo(new Healthcheck.Timing(Duration.ofSeconds(90), Duration.ofMillis(1_500),
                Duration.ZERO, Duration.ofMillis(300), 3));
    }

    @Test
    @Tag("row:1.18")
    @Tag("row:9.10")
    void healthcheck_execForm_isRead() {
        assertThat(parse(Healthcheck.class, "HEALTHCHECK cmd [\"a\", \"b\"]").test()).contains(
                new CommandLine.ExecForm(List.of("a", "b")));
    }

    @Test
    @Tag("row:9.10")
    void healthcheck_none_hasNoTest() {
        assertThat(parse(Healthcheck.class, "HEALTHCHECK None").test()).isEmpty();
        assertThat(parse(Healthcheck.class, "HEALTHCHECK --interval=1s --x NONE").timing()).isEqualTo(
                Healthcheck.Timing.DEFAULT);
        assertRefused("HEALTHCHECK NONE a").hasMessage("HEALTHCHECK NONE takes no arguments");
    }

    @Test
    void healthcheck_testWords_areThoseOfTheImage() {
        assertThat(parse(Healthcheck.class, "HEALTHCHECK NONE").testWords()).containsExactly("NONE");
        assertThat(parse(Healthcheck.class, "HEALTHCHECK CMD a b").testWords()).containsExactly("CMD-SHELL", "a b");
        assertThat(parse(Healthcheck.class, "HEALTHCHECK CMD [\"a\", \"b\"]").testWords()).containsExactly("CMD", "a",
                "b");
    }

    @ParameterizedTest
    @CsvSource({"0,0s", "1ms,1ms", "1500us,1.5ms", "1001us,1.001ms", "1.5s,1.5s", "90s,1m30s", "1h,1h0m0s",
        "36h0.05s,36h0m0.05s", ".5m,30s", "5.m,5m0s", "60000ms,1m0s", "1m1ns,1m0.000000001s"})
    @Tag("row:9.10")
    void healthcheck_duration_isFormattedAsInGo(String written, String formatted) {
        Duration interval = parse(Healthcheck.class, "HEALTHCHECK --interval=" + written + " CMD a").timing()
            .interval();

        assertThat(Durations.format(interval)).isEqualTo(formatted);
        assertThat(Durations.format(interval.negated())).isEqualTo(interval.isZero() ? "0s" : "-" + formatted);
    }

    @Test
    @Tag("row:9.10")
    void healthcheck_malformed_isRefused() {
        assertRefused("HEALTHCHECK").hasMessage("HEALTHCHECK requires at least one argument");
        assertRefused("HEALTHCHECK CMD").hasMessage("Missing command after HEALTHCHECK CMD");
        assertRefused("HEALTHCHECK connect TCP").hasMessage("Unknown type \"CONNECT\" in HEALTHCHECK (try CMD)");
        assertRefused("HEALTHCHECK --retries=-1 CMD a").hasMessage("--retries cannot be negative (-1)");
        assertRefused("HEALTHCHECK --retries=x CMD a").hasMessage("strconv.ParseInt: parsing \"x\": invalid syntax");
        assertRefused("HEALTHCHECK --retries=2147483648 CMD a").hasMessage(
                "strconv.ParseInt: parsing \"2147483648\": value out of range");
        assertRefused("HEALTHCHECK --x FOO").hasMessage("unknown flag: --x");
    }

    @ParameterizedTest
    @CsvSource({"1,time: missing unit in duration \"1\"", "1x,time: unknown unit \"x\" in duration \"1x\"",
        "+,time: invalid duration \"+\"", "1s.,time: invalid duration \"1s.\"", "1.5.5s,time: missing unit in duration",
        "1é,time: unknown unit \"é\"",
        "-1s,Interval \"timeout\" cannot be less than 1ms",
        "999us,Interval \"timeout\" cannot be less than 1ms", "99999999h,time: invalid duration",
        "s,time: invalid duration"})
    @Tag("row:9.10")
    void healthcheck_intervals_areChecked(String text, String message) {
        assertRefused("HEALTHCHECK --timeout=" + text + " CMD a").hasMessageStartingWith(message);
    }
}
