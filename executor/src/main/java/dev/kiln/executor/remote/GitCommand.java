package dev.kiln.executor.remote;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One call of git: its arguments, where it runs, and its settings, which travel in the environment.
 *
 * @param what the attempt in words, for messages
 * @param settings of git's configuration; a key may come several times
 * @param watched a directory that must not grow beyond the limit
 */
record GitCommand(String what, List<String> arguments, Path directory, List<Setting> settings,
        Map<String, String> environment, Optional<Path> watched) {

    record Setting(String key, String value) {

        /** Values may be secrets. */
        @Override
        public String toString() {
            return key;
        }
    }

    static GitCommand of(String what, Path directory, String... arguments) {
        return new GitCommand(what, List.of(arguments), directory, List.of(), Map.of(), Optional.empty());
    }

    GitCommand with(List<Setting> more) {
        List<Setting> all = new ArrayList<>(settings);
        all.addAll(more);
        return new GitCommand(what, arguments, directory, all, environment, watched);
    }

    GitCommand with(String variable, String value) {
        Map<String, String> all = new LinkedHashMap<>(environment);
        all.put(variable, value);
        return new GitCommand(what, arguments, directory, settings, all, watched);
    }

    GitCommand with(Map<String, String> variables) {
        Map<String, String> all = new LinkedHashMap<>(environment);
        all.putAll(variables);
        return new GitCommand(what, arguments, directory, settings, all, watched);
    }

    GitCommand watching(Path grows) {
        return new GitCommand(what, arguments, directory, settings, environment, Optional.of(grows));
    }

    /** The same without the argument. */
    GitCommand without(String argument) {
        return new GitCommand(what, arguments.stream().filter(a -> !a.equals(argument)).toList(), directory, settings,
                environment, watched);
    }

    /** Never shows the environment. */
    @Override
    public String toString() {
        return what;
    }
}
