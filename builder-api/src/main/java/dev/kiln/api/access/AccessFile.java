package dev.kiln.api.access;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * Reads an access list, YAML or JSON:
 *
 * <pre>
 * tokens:
 *   ci:
 *     sha256: 5e88…            # of the token, or SALT:… of salt and token
 *     repositories:
 *       "team-a/**": [pull, push, delete]
 *       "library/*": [pull]
 * anonymous:
 *   "library/**": [pull]
 * </pre>
 */
public final class AccessFile {
    private static final int MAX_BYTES = 1 << 20;
    private static final int MAX_TOKENS = 10_000;
    private static final int MAX_GRANTS = 1_000;
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._@-]{0,63}");

    private final List<String> problems = new ArrayList<>();

    private AccessFile() {}

    /** @throws IllegalArgumentException with all that is wrong; never with a hash */
    public static AccessRules read(Path file) {
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw new IllegalArgumentException("larger than 1 MiB, so it is no access list");
            }
            return parse(Files.readAllBytes(file));
        } catch (IOException e) {
            throw new IllegalArgumentException("cannot be read: " + e, e);
        }
    }

    static AccessRules parse(byte[] text) {
        JsonNode tree;
        try {
            tree = YAMLMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build().readTree(text);
        } catch (JacksonException e) {
            String place = e.getLocation() == null ? "" : " in line " + e.getLocation().getLineNr();
            throw new IllegalArgumentException("not valid YAML" + place, e);
        }
        if (!(tree instanceof ObjectNode root)) {
            throw new IllegalArgumentException("expected the keys tokens and anonymous");
        }
        AccessFile reading = new AccessFile();
        AccessRules rules = reading.rules(root);
        if (!reading.problems.isEmpty()) {
            throw new IllegalArgumentException(String.join("; ", reading.problems));
        }
        return rules;
    }

    private AccessRules rules(ObjectNode root) {
        onlyKeys("the list", root, Set.of("tokens", "anonymous"));
        List<AccessRules.NamedToken> tokens = new ArrayList<>();
        for (Map.Entry<String, JsonNode> entry : members("tokens", root.get("tokens"), MAX_TOKENS)) {
            token(entry.getKey(), entry.getValue()).ifPresent(tokens::add);
        }
        return new AccessRules(tokens, grants("anonymous", root.get("anonymous")));
    }

    private Optional<AccessRules.NamedToken> token(String name, JsonNode value) {
        String where = "tokens." + (name.length() <= 64 ? name : name.substring(0, 64) + "…");
        if (!NAME.matcher(name).matches()) {
            problems.add(where + ": a name has letters, digits and . _ @ -, 64 at most");
        }
        if (!(value instanceof ObjectNode object)) {
            problems.add(where + ": expected the keys sha256 and repositories");
            return Optional.empty();
        }
        onlyKeys(where, object, Set.of("sha256", "repositories"));
        List<Grant> grants = grants(where + ".repositories", object.get("repositories"));
        try {
            TokenHash hash = TokenHash.parse(object.path("sha256").asString(""));
            return Optional.of(new AccessRules.NamedToken(Caller.named(name, grants), hash));
        } catch (IllegalArgumentException e) {
            problems.add(where + ".sha256: " + e.getMessage());
            return Optional.empty();
        }
    }

    private List<Grant> grants(String where, @org.jspecify.annotations.Nullable JsonNode value) {
        List<Grant> grants = new ArrayList<>();
        for (Map.Entry<String, JsonNode> entry : members(where, value, MAX_GRANTS)) {
            try {
                grants.add(new Grant(RepositoryPattern.parse(entry.getKey()), rights(entry.getValue())));
            } catch (IllegalArgumentException e) {
                problems.add(where + ": " + e.getMessage());
            }
        }
        return grants;
    }

    private static Set<Right> rights(JsonNode value) {
        Set<Right> rights = EnumSet.noneOf(Right.class);
        for (JsonNode word : value) {
            rights.add(Right.of(word.asString("")).orElseThrow(AccessFile::noRights));
        }
        if (!value.isArray() || rights.isEmpty()) {
            throw noRights();
        }
        return rights;
    }

    private static IllegalArgumentException noRights() {
        return new IllegalArgumentException("expected rights as a list of pull, push and delete");
    }

    private List<Map.Entry<String, JsonNode>> members(String where, @org.jspecify.annotations.Nullable JsonNode value,
            int most) {
        if (value == null || value.isNull()) {
            return List.of();
        }
        if (!(value instanceof ObjectNode object) || object.size() > most) {
            problems.add(where + ": expected at most " + most + " keys with values");
            return List.of();
        }
        return List.copyOf(object.properties());
    }

    private void onlyKeys(String where, ObjectNode object, Set<String> known) {
        for (String key : object.propertyNames()) {
            if (!known.contains(key)) {
                problems.add(where + ": there is no key " + (key.length() <= 64 ? key : key.substring(0, 64) + "…")
                        + "; known: " + String.join(", ", known.stream().sorted().toList()));
            }
        }
    }
}
