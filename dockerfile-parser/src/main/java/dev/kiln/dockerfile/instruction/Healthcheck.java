package dev.kiln.dockerfile.instruction;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import dev.kiln.dockerfile.lex.Heredoc;
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
        private static final Pattern INTEGER = Pattern.compile("[+-]?[0-9]+");
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
            if (!INTEGER.matcher(word.text()).matches()) {
                throw Faults.flag(word, "strconv.ParseInt: parsing " + Quoted.word(word.text()) + ": invalid syntax");
            }
            int retries;
            try {
                retries = Integer.parseInt(word.text());
            } catch (NumberFormatException tooLarge) {
                throw Faults.flag(word,
                        "strconv.ParseInt: parsing " + Quoted.word(word.text()) + ": value out of range");
            }
            if (retries < 0) {
                throw Faults.flag(word, "--retries cannot be negative (" + retries + ")");
            }
            return retries;
        }
    }

    /** The check as an image lists it: {@code NONE}, {@code CMD} and arguments, or {@code CMD-SHELL} and a line. */
    public List<String> testWords() {
        return switch (test.orElse(null)) {
            case null -> List.of("NONE");
            case CommandLine.ExecForm(List<String> arguments) ->
                Stream.concat(Stream.of("CMD"), arguments.stream()).toList();
            case CommandLine.ShellForm(String text, List<Heredoc> _) -> List.of("CMD-SHELL", text);
        };
    }

    static Healthcheck parse(RawInstruction raw) {
        Faults.requireArguments(raw, "HEALTHCHECK");
        Word type = raw.arguments().words().getFirst();
        List<String> command = raw.arguments().words().stream().skip(1).map(Word::text).toList();
        if (type.upperCase().equals("NONE")) {
            return none(raw, command);
        }
        Flags flags = new Flags().texts("interval", "timeout", "start-period", "start-interval", "retries").read(raw);
        if (!type.upperCase().equals("CMD")) {
            throw Faults.syntax(type,
                    "Unknown type " + Quoted.word(type.upperCase()) + " in HEALTHCHECK (try CMD)");
        }
        if (command.isEmpty()) {
            throw Faults.syntax(raw, "Missing command after HEALTHCHECK CMD");
        }
        CommandLine test = raw.arguments().json()
                ? new CommandLine.ExecForm(command)
                : new CommandLine.ShellForm(command.getFirst(), List.of());
        return new Healthcheck(Origin.of(raw), Optional.of(test), Timing.of(flags));
    }

    /** Flags are passed over, as BuildKit does here. */
    private static Healthcheck none(RawInstruction raw, List<String> command) {
        if (!command.isEmpty()) {
            throw Faults.syntax(raw, "HEALTHCHECK NONE takes no arguments");
        }
        return new Healthcheck(Origin.of(raw), Optional.empty(), Timing.DEFAULT);
    }
}
