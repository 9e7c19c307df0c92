package dev.kiln.dockerfile.instruction;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

import dev.kiln.dockerfile.lex.Quoted;
import dev.kiln.dockerfile.lex.RawInstruction;
import dev.kiln.dockerfile.lex.Word;

/**
 * Says how to find out whether a container works.
 *
 * @param test empty for NONE, which switches an inherited check off
 */
public record Healthcheck(Origin origin, Optional<CommandLine> test, Timing timing) implements Instruction {

    /** Zero means that the runtime's default holds. */
    public record Timing(Duration interval, Duration timeout, Duration startPeriod, Duration startInterval,
            int retries) {

        private static final Duration SHORTEST = Duration.ofMillis(1);
        public static final Timing DEFAULT = new Timing(Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO, 0);

        public Timing {
            if (retries < 0) {
                throw new IllegalArgumentException("retries cannot be negative: " + retries);
            }
        }

        private static Timing of(Flags flags) {
            return new Timing(interval(flags, "interval"), interval(flags, "timeout"), interval(flags, "start-period"),
                    interval(flags, "start-interval"),
                    flags.value("retries").filter(word -> !word.text().isEmpty()).map(Timing::retries).orElse(0));
        }

        private static Duration interval(Flags flags, String name) {
            Duration duration = flags.value(name)
                .filter(word -> !word.text().isEmpty())
                .map(Durations::parse)
                .orElse(Duration.ZERO);
            if (!duration.isZero() && duration.compareTo(SHORTEST) < 0) {
                throw Faults.flag(flags.value(name).orElseThrow(),
                        "Interval \"" + name + "\" cannot be less than 1ms");
            }
            return duration;
        }

        private static int retries(Word word) {
            int retries;
            try {
                retries = Integer.parseInt(word.text());
            } catch (NumberFormatException malformed) {
                throw Faults.flag(word, "--retries must be a number, not " + Quoted.word(word.text()));
            }
            if (retries < 0) {
                throw Faults.flag(word, "--retries cannot be negative (" + retries + ")");
            }
            return retries;
        }
    }

    static Healthcheck parse(RawInstruction raw) {
        Faults.requireArguments(raw, "HEALTHCHECK");
        Word type = raw.arguments().words().getFirst();
        List<String> command = raw.arguments().words().stream().skip(1).map(Word::text).toList();
        return switch (type.text().toUpperCase(Locale.ROOT)) {
            case "NONE" -> none(raw, command);
            case "CMD" -> command(raw, command);
            default -> throw Faults.syntax(type, "Unknown type "
                    + Quoted.word(type.text().toUpperCase(Locale.ROOT)) + " in HEALTHCHECK (try CMD)");
        };
    }

    private static Healthcheck none(RawInstruction raw, List<String> command) {
        Flags.refuseAny(raw);
        if (!command.isEmpty()) {
            throw Faults.syntax(raw, "HEALTHCHECK NONE takes no arguments");
        }
        return new Healthcheck(Origin.of(raw), Optional.empty(), Timing.DEFAULT);
    }

    private static Healthcheck command(RawInstruction raw, List<String> command) {
        Timing timing = Timing.of(new Flags().texts("interval", "timeout", "start-period", "start-interval", "retries")
            .read(raw));
        if (command.isEmpty()) {
            throw Faults.syntax(raw, "Missing command after HEALTHCHECK CMD");
        }
        CommandLine test = raw.arguments().json()
                ? new CommandLine.ExecForm(command)
                : new CommandLine.ShellForm(command.getFirst(), List.of());
        return new Healthcheck(Origin.of(raw), Optional.of(test), timing);
    }
}
