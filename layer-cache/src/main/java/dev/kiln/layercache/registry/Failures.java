package dev.kiln.layercache.registry;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;

import dev.kiln.layercache.registry.RegistryException.Code;

/** Answers that are no success, as errors. */
final class Failures {
    private static final int MAX_BODY = 64 * 1024;
    private static final int MAX_TEXT = 300;
    private final InstantSource clock;

    Failures(InstantSource clock) {
        this.clock = clock;
    }

    /** Reads and closes the body of the answer. */
    RegistryException of(Transport.Call call, Answer response) throws IOException {
        int status = response.status();
        String said;
        try (response) {
            said = errors(response.body().readNBytes(MAX_BODY));
        } catch (IOException _) {
            said = "";
        }
        String message = call.what() + ": the registry " + call.uri().getAuthority() + " answered " + status
                + (said.isEmpty() ? "" : " " + said) + advice(status);
        return new RegistryException(code(status), message, OptionalInt.of(status), retryAfter(response), null);
    }

    private static Code code(int status) {
        return switch (status) {
            case 401 -> Code.UNAUTHORIZED;
            case 403 -> Code.DENIED;
            case 404 -> Code.NOT_FOUND;
            case 429 -> Code.RATE_LIMITED;
            case 408 -> Code.UNAVAILABLE;
            default -> status >= 500 ? Code.UNAVAILABLE : status >= 400 ? Code.REFUSED : Code.PROTOCOL;
        };
    }

    private static String advice(int status) {
        return status == 401 ? "; credentials for it are missing or wrong" : "";
    }

    private static String errors(byte[] body) {
        return RegistryJson.errors(body).stream().map(Failures::clean).collect(Collectors.joining("; "));
    }

    private static String clean(String text) {
        String short_ = text.length() > MAX_TEXT ? text.substring(0, MAX_TEXT) + "..." : text;
        return short_.replaceAll("\\p{Cntrl}", " ");
    }

    private Optional<Duration> retryAfter(Answer response) {
        return response.header("Retry-After").flatMap(this::duration);
    }

    /** Seconds, or a date (RFC 9110, section 10.2.3). */
    private Optional<Duration> duration(String value) {
        if (value.matches("[0-9]{1,9}")) {
            return Optional.of(Duration.ofSeconds(Long.parseLong(value)));
        }
        try {
            Instant date = ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
            Duration left = Duration.between(clock.instant(), date);
            return Optional.of(left.isNegative() ? Duration.ZERO : left);
        } catch (DateTimeParseException _) {
            return Optional.empty();
        }
    }
}
