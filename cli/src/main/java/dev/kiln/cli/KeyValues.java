package dev.kiln.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** The values of an option that is given several times, each {@code KEY[=VALUE]}. */
final class KeyValues {

    private KeyValues() {}

    /**
     * @param fromEnvironment what a key without a value means: the variable of that name if it is set, or else the empty
     *        string
     */
    static Map<String, String> ofOption(CommandSpec spec, String option, List<String> given, boolean fromEnvironment) {
        Map<String, String> pairs = new LinkedHashMap<>();
        for (String pair : given) {
            int equals = pair.indexOf('=');
            String key = equals < 0 ? pair : pair.substring(0, equals);
            if (key.isBlank()) {
                throw new ParameterException(spec.commandLine(), option + " needs KEY=VALUE, got \"" + pair + "\"");
            }
            if (equals >= 0) {
                pairs.put(key, pair.substring(equals + 1));
            } else if (!fromEnvironment) {
                pairs.put(key, "");
            } else if (System.getenv(key) != null) {
                pairs.put(key, System.getenv(key));
            }
        }
        return pairs;
    }
}
