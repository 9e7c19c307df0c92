package dev.kiln.layercache.registry;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a registry wants to see before it answers (RFC 9110, section 11.6.1): one challenge of a {@code WWW-Authenticate}.
 *
 * @param scheme in lower case
 * @param parameters by name in lower case
 */
record Challenge(String scheme, Map<String, String> parameters) {
    private static final int LONGEST = 8192;
    private static final Pattern SCHEME = Pattern.compile("\\s*([A-Za-z0-9-]+)\\s*");
    private static final Pattern PARAMETER = Pattern
        .compile("\\s*,?\\s*([A-Za-z0-9_-]+)\\s*=\\s*(?:\"((?:[^\"\\\\]|\\\\.)*)\"|([^\\s,\"]+))");

    /** The first challenge that Kiln can meet: a bearer token before a password. */
    static Optional<Challenge> best(List<String> headers) {
        List<Challenge> all = headers.stream().filter(h -> h.length() <= LONGEST).map(Challenge::parse).toList();
        return all.stream()
            .filter(c -> c.scheme.equals("bearer") && c.parameters.containsKey("realm"))
            .findFirst()
            .or(() -> all.stream().filter(c -> c.scheme.equals("basic")).findFirst());
    }

    private static Challenge parse(String header) {
        Matcher scheme = SCHEME.matcher(header);
        if (!scheme.lookingAt()) {
            return new Challenge("", Map.of());
        }
        Map<String, String> parameters = new HashMap<>();
        Matcher parameter = PARAMETER.matcher(header).region(scheme.end(), header.length());
        while (parameter.lookingAt()) {
            String quoted = parameter.group(2);
            parameters.put(parameter.group(1).toLowerCase(Locale.ROOT),
                    quoted != null ? quoted.replaceAll("\\\\(.)", "$1") : parameter.group(3));
            parameter.region(parameter.end(), header.length());
        }
        return new Challenge(scheme.group(1).toLowerCase(Locale.ROOT), Map.copyOf(parameters));
    }
}
