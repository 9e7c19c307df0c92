package dev.kiln.api;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

import dev.kiln.api.access.AccessFile;
import dev.kiln.api.access.AccessRules;
import dev.kiln.api.dispatch.TenantRules;
import dev.kiln.api.distribution.Quota;
import dev.kiln.api.distribution.UploadSessions;
import dev.kiln.queue.secret.FarmKey;

/**
 * Reads an {@link ApiConfig} from a YAML file and the environment; a variable is stronger than the file. Whatever is
 * wrong is told at once. A key of the file that means nothing is refused; a variable is not, because the environment
 * also holds those of Kiln's other processes.
 *
 * <table>
 * <caption>Settings</caption>
 * <tr><th>key</th><th>variable</th><th>example</th></tr>
 * <tr><td>http</td><td>KILN_HTTP</td><td>127.0.0.1:7070</td></tr>
 * <tr><td>metricsHttp</td><td>KILN_METRICS_HTTP</td><td>0.0.0.0:7071</td></tr>
 * <tr><td>data</td><td>KILN_DATA</td><td>/var/lib/kiln</td></tr>
 * <tr><td>kafka</td><td>KILN_KAFKA</td><td>kafka-1:9092,kafka-2:9092</td></tr>
 * <tr><td>token</td><td>KILN_TOKEN</td><td></td></tr>
 * <tr><td>contextLimit</td><td>KILN_CONTEXT_LIMIT</td><td>4GiB</td></tr>
 * <tr><td>uploads</td><td>KILN_UPLOADS</td><td>1024</td></tr>
 * <tr><td>uploadIdle</td><td>KILN_UPLOAD_IDLE</td><td>1h</td></tr>
 * <tr><td>uploadSpace</td><td>KILN_UPLOAD_SPACE</td><td>64GiB</td></tr>
 * <tr><td>untaggedKeep</td><td>KILN_UNTAGGED_KEEP</td><td>14d</td></tr>
 * <tr><td>registryQuota</td><td>KILN_REGISTRY_QUOTA</td><td>500GiB, team-a=50GiB</td></tr>
 * <tr><td>registryAddress</td><td>KILN_REGISTRY_ADDRESS</td><td>https://registry.example</td></tr>
 * <tr><td>accessFile</td><td>KILN_ACCESS_FILE</td><td>/etc/kiln/access.yaml</td></tr>
 * <tr><td>resultKeep</td><td>KILN_RESULT_KEEP</td><td>7d</td></tr>
 * <tr><td>tenants</td><td>KILN_TENANTS</td><td>team-a=3, team-b=1:2, *=1:10</td></tr>
 * <tr><td>queueLimit</td><td>KILN_QUEUE_LIMIT</td><td>10000</td></tr>
 * <tr><td>secretKey</td><td>KILN_SECRET_KEY</td><td></td></tr>
 * <tr><td>secretKeyFile</td><td>KILN_SECRET_KEY_FILE</td><td>/run/secrets/kiln-key</td></tr>
 * </table>
 */
public final class ConfigReader {
    /** The keys of the file and the variables that stand for them. */
    static final Map<String, String> VARIABLES = Map.ofEntries(Map.entry("http", "KILN_HTTP"),
            Map.entry("metricsHttp", "KILN_METRICS_HTTP"),
            Map.entry("data", "KILN_DATA"), Map.entry("kafka", "KILN_KAFKA"), Map.entry("token", "KILN_TOKEN"),
            Map.entry("contextLimit", "KILN_CONTEXT_LIMIT"), Map.entry("uploads", "KILN_UPLOADS"),
            Map.entry("uploadIdle", "KILN_UPLOAD_IDLE"), Map.entry("uploadSpace", "KILN_UPLOAD_SPACE"),
            Map.entry("secretKey", "KILN_SECRET_KEY"), Map.entry("secretKeyFile", "KILN_SECRET_KEY_FILE"),
            Map.entry("resultKeep", "KILN_RESULT_KEEP"), Map.entry("untaggedKeep", "KILN_UNTAGGED_KEEP"),
            Map.entry("registryQuota", "KILN_REGISTRY_QUOTA"),
            Map.entry("registryAddress", "KILN_REGISTRY_ADDRESS"), Map.entry("accessFile", "KILN_ACCESS_FILE"),
            Map.entry("tenants", "KILN_TENANTS"), Map.entry("queueLimit", "KILN_QUEUE_LIMIT"));

    private static final int MAX_FILE = 1 << 20;
    private static final int MAX_KEY_FILE = 8 << 10;
    private static final Pattern SIZE = Pattern.compile("([0-9]{1,15})\\s*(|B|KiB|MiB|GiB|TiB)");
    private static final Pattern SHORT_DURATION = Pattern.compile("([0-9]{1,9})(ms|s|m|h|d)");

    private final Map<String, String> values = new LinkedHashMap<>();
    private final Map<String, String> origins = new LinkedHashMap<>();
    private final List<String> problems = new ArrayList<>();

    private ConfigReader() {}

    /** @param file the YAML file; without one, the environment alone */
    public static ApiConfig read(Optional<Path> file, Map<String, String> environment) throws ConfigException {
        ConfigReader reader = new ConfigReader();
        file.ifPresent(reader::load);
        VARIABLES.forEach((key, variable) -> {
            String value = environment.get(variable);
            if (value != null && !value.isEmpty()) {
                reader.set(key, value, variable);
            }
        });
        return reader.build();
    }

    private void load(Path file) {
        try {
            if (Files.size(file) > MAX_FILE) {
                problems.add(file + ": larger than 1 MiB");
                return;
            }
            JsonNode tree = YAMLMapper.builder()
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .build()
                .readTree(Files.readAllBytes(file));
            if (tree instanceof ObjectNode object) {
                object.properties().forEach(entry -> load(file, entry.getKey(), entry.getValue()));
            } else if (!tree.isMissingNode() && !tree.isNull()) {
                problems.add(file + ": expected settings, one \"key: value\" on each line");
            }
        } catch (IOException e) {
            problems.add(file + ": cannot be read: " + e);
        } catch (JacksonException e) {
            problems.add(file + ": not valid YAML: " + e.getOriginalMessage());
        }
    }

    private void load(Path file, String key, JsonNode value) {
        String origin = file + ": " + key;
        if (!VARIABLES.containsKey(key)) {
            problems.add(origin + ": there is no such setting; known: "
                    + String.join(", ", VARIABLES.keySet().stream().sorted().toList()));
        } else if (!value.isValueNode() || value.isNull()) {
            problems.add(origin + ": expected one value");
        } else {
            set(key, value.asString(), origin);
        }
    }

    private void set(String key, String value, String origin) {
        values.put(key, value);
        origins.put(key, origin);
    }

    private ApiConfig build() throws ConfigException {
        Optional<ApiConfig.Address> http = parse("http", ApiConfig.Address::parse);
        Optional<ApiConfig.Address> metrics = parse("metricsHttp", ApiConfig.Address::parse);
        Optional<Path> data = parse("data", Path::of);
        Optional<String> kafka = parse("kafka", ConfigReader::brokers);
        Optional<ApiConfig.Token> token = parse("token", ApiConfig.Token::new);
        Optional<Long> contextLimit = parse("contextLimit", ConfigReader::size);
        RegistrySettings registry = registry();
        Optional<Duration> resultKeep = parse("resultKeep", ConfigReader::duration);
        Optional<FarmKey> secretKey = secretKey();
        Optional<TenantRules> tenants = parse("tenants", TenantRules::parse);
        Optional<Integer> queueLimit = parse("queueLimit", ConfigReader::count);
        require("data", "the folder of content and tags");
        require("kafka", "the brokers, HOST:PORT separated by commas");
        if (!problems.isEmpty()) {
            throw new ConfigException(problems);
        }
        return new ApiConfig(new ApiConfig.Listen(http.orElse(ApiConfig.DEFAULT_HTTP), metrics), data.orElseThrow(),
                kafka.orElseThrow(), token,
                new ApiConfig.Contents(contextLimit.orElse(ApiConfig.DEFAULT_CONTEXT_LIMIT),
                        resultKeep.orElse(ApiConfig.Contents.DEFAULT.resultKeep())),
                registry, secretKey, new ApiConfig.Waiting(tenants.orElse(ApiConfig.Waiting.DEFAULT.tenants()),
                        queueLimit.orElse(ApiConfig.Waiting.DEFAULT.limit())));
    }

    private RegistrySettings registry() {
        RegistrySettings usual = RegistrySettings.DEFAULT;
        Optional<Integer> uploads = parse("uploads", ConfigReader::count);
        Optional<Duration> idle = parse("uploadIdle", ConfigReader::duration);
        Optional<Long> space = parse("uploadSpace", ConfigReader::someBytes);
        Optional<Duration> untaggedKeep = parse("untaggedKeep", ConfigReader::duration);
        Optional<List<Quota>> quotas = parse("registryQuota", ConfigReader::quotas);
        Optional<AccessRules> access = parse("accessFile", file -> AccessFile.read(Path.of(file)));
        Optional<URI> address = parse("registryAddress", ConfigReader::address);
        if (values.containsKey("accessFile") && !values.containsKey("token")) {
            problems.add(origins.get("accessFile")
                    + ": an access list needs the farm's token too (KILN_TOKEN): executors push and pull with it");
        }
        return new RegistrySettings(
                new UploadSessions.Bounds(uploads.orElse(usual.uploads().count()), idle.orElse(usual.uploads().idle()),
                        space.orElse(usual.uploads().bytes())),
                untaggedKeep.orElse(usual.untaggedKeep()), quotas.orElse(usual.quotas()), access, address);
    }

    private Optional<FarmKey> secretKey() {
        if (values.containsKey("secretKey") && values.containsKey("secretKeyFile")) {
            problems
                .add(origins.get("secretKeyFile") + ": the key is given twice, also by " + origins.get("secretKey"));
        }
        Optional<FarmKey> inFile = parse("secretKeyFile", name -> FarmKey.parse(keyFile(Path.of(name))));
        return values.containsKey("secretKey") ? parse("secretKey", FarmKey::parse) : inFile;
    }

    private static String keyFile(Path file) {
        try {
            if (Files.size(file) > MAX_KEY_FILE) {
                throw new IllegalArgumentException("larger than " + MAX_KEY_FILE + " bytes, so it is no key");
            }
            return Files.readString(file);
        } catch (IOException e) {
            throw new IllegalArgumentException("cannot be read: " + e, e);
        }
    }

    private void require(String key, String meaning) {
        if (!values.containsKey(key)) {
            problems.add(VARIABLES.get(key) + " (or " + key + " in the file): missing: " + meaning);
        }
    }

    private <T> Optional<T> parse(String key, Function<String, T> parser) {
        String value = values.get(key);
        if (value == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(parser.apply(value));
        } catch (IllegalArgumentException e) {
            problems.add(origins.get(key) + ": " + e.getMessage());
            return Optional.empty();
        }
    }

    private static String brokers(String text) {
        for (String broker : text.split(",", -1)) {
            if (ApiConfig.Address.parse(broker.strip()).port() == 0) {
                throw new IllegalArgumentException("expected HOST:PORT separated by commas");
            }
        }
        return text.replace(" ", "");
    }

    private static int count(String text) {
        if (text.matches("[0-9]{1,6}") && Integer.parseInt(text) > 0) {
            return Integer.parseInt(text);
        }
        throw new IllegalArgumentException("expected a number from 1 to 999999");
    }

    private static long size(String text) {
        Matcher matcher = SIZE.matcher(text.strip());
        if (!matcher.matches()) {
            throw new IllegalArgumentException("expected a size such as 4GiB, 512MiB or a number of bytes");
        }
        long unit = switch (matcher.group(2)) {
            case "KiB" -> 1L << 10;
            case "MiB" -> 1L << 20;
            case "GiB" -> 1L << 30;
            case "TiB" -> 1L << 40;
            default -> 1;
        };
        try {
            return Math.multiplyExact(Long.parseLong(matcher.group(1)), unit);
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException("the size is too large", e);
        }
    }

    private static long someBytes(String text) {
        long bytes = size(text);
        if (bytes < 1) {
            throw new IllegalArgumentException("expected more than nothing");
        }
        return bytes;
    }

    /** {@code 500GiB, team-a=50GiB}: for all repositories, and for those below a name. */
    private static List<Quota> quotas(String text) {
        Map<String, Quota> quotas = new LinkedHashMap<>();
        for (String word : text.split(",", -1)) {
            int equals = word.indexOf('=');
            String prefix = equals < 0 ? "" : word.substring(0, equals).strip();
            if (equals == 0 || quotas.put(prefix, new Quota(prefix, someBytes(word.substring(equals + 1)))) != null) {
                throw new IllegalArgumentException(
                        "expected a size for all, and sizes such as team-a=50GiB, separated by commas, each once");
            }
        }
        return List.copyOf(quotas.values());
    }

    private static URI address(String text) {
        if (!text.matches("https?://[A-Za-z0-9._-]+(:[0-9]{1,5})?|https?://\\[[0-9A-Fa-f:.]+\\](:[0-9]{1,5})?")) {
            throw new IllegalArgumentException("expected http:// or https:// and HOST[:PORT], without a path");
        }
        return URI.create(text);
    }

    private static Duration duration(String text) {
        Matcher matcher = SHORT_DURATION.matcher(text.strip());
        try {
            Duration duration = matcher.matches() ? shortDuration(matcher) : Duration.parse(text.strip());
            if (duration.isPositive()) {
                return duration;
            }
            throw new IllegalArgumentException("expected more than no time");
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException("expected a time such as 90s, 10m or 1h", e);
        }
    }

    private static Duration shortDuration(Matcher matcher) {
        long number = Long.parseLong(matcher.group(1));
        return switch (matcher.group(2)) {
            case "ms" -> Duration.ofMillis(number);
            case "s" -> Duration.ofSeconds(number);
            case "m" -> Duration.ofMinutes(number);
            case "h" -> Duration.ofHours(number);
            default -> Duration.ofDays(number);
        };
    }
}
