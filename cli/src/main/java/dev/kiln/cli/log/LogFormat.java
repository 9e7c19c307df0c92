package dev.kiln.cli.log;

import java.util.Locale;
import java.util.Map;

/** How log lines are written. */
public enum LogFormat {
    TEXT, JSON;

    public static final String VARIABLE = "KILN_LOG_FORMAT";

    /**
     * The one that the environment asks for.
     *
     * @throws IllegalArgumentException when there is none such
     */
    public static LogFormat of(Map<String, String> environment) {
        return parse(environment.getOrDefault(VARIABLE, ""));
    }

    static LogFormat parse(String word) {
        return switch (word.toLowerCase(Locale.ROOT)) {
            case "", "text" -> TEXT;
            case "json" -> JSON;
            default -> throw new IllegalArgumentException(VARIABLE + "=" + word + ": expected text or json");
        };
    }
}
