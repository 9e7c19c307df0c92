package dev.kiln.dockerfile.instruction;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

import dev.kiln.dockerfile.lex.Word;
import dev.kiln.dockerfile.source.DockerfileException;

/**
 * One {@code --mount}. Its options are told apart here; their values take variables (only {@code from} does not), so what
 * they mean, and whether they fit together, {@link #resolve} says.
 *
 * @param written the whole value of the flag
 */
public record RunMount(Word written, List<Option> options) {

    /** A field of the value: {@code key} or {@code key=value}. */
    public record Option(String field) {

        /** In lower case. */
        public String key() {
            int equals = field.indexOf('=');
            return (equals < 0 ? field : field.substring(0, equals)).toLowerCase(Locale.ROOT);
        }

        /** Empty if there is no {@code =}. */
        public Optional<String> value() {
            int equals = field.indexOf('=');
            return equals < 0 ? Optional.empty() : Optional.of(field.substring(equals + 1));
        }
    }

    public RunMount {
        options = List.copyOf(options);
    }

    static RunMount parse(Word value) {
        RunMount mount = new RunMount(value, Csv.fields(value, "mounts").stream().map(Option::new).toList());
        if (mount.froms().anyMatch(RunMount::hasVariable)) {
            throw Faults.flag(value, "'from' doesn't support variable expansion, define alias stage instead");
        }
        return mount;
    }

    private static boolean hasVariable(String value) {
        int dollar = value.indexOf('$');
        return dollar >= 0 && dollar < value.length() - 1;
    }

    private Stream<String> froms() {
        return options.stream()
            .filter(option -> option.key().equals("from"))
            .flatMap(option -> option.value().stream());
    }

    /** The stage, context or image that the mount takes its content from. */
    public Optional<String> from() {
        return froms().reduce((first, last) -> last);
    }

    /**
     * Settles what the mount is.
     *
     * @param expand replaces the variables of a value
     * @throws DockerfileException at the flag, if an option is unknown, has a value it cannot have or does not go with the
     *         mount's type
     */
    public MountSpec resolve(UnaryOperator<String> expand) {
        try {
            MountReader reader = new MountReader();
            for (Option option : options) {
                reader.read(option, expand);
            }
            return reader.spec();
        } catch (DockerfileException wrong) {
            throw wrong.at(written.range(), "--mount=" + written.text());
        }
    }
}
