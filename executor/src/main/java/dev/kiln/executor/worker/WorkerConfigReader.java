package dev.kiln.executor.worker;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

import dev.kiln.executor.remote.RemotePolicy;
import dev.kiln.executor.runtime.ProcessSpec;
import dev.kiln.executor.runtime.RuntimeProbe;
import dev.kiln.layercache.lease.Policy;
import dev.kiln.layercache.registry.HostSettings;
import dev.kiln.queue.job.Entitlement;
import dev.kiln.queue.job.NetworkMode;
import dev.kiln.queue.secret.FarmKey;

/**
 * Reads the settings of an executor from a YAML file and the environment; a variable is stronger than the file. Whatever is
 * wrong is told at once. The variable of a key is {@code KILN_} and the key in upper case: {@code plainHttp} is
 * {@code KILN_PLAIN_HTTP}.
 */
final class WorkerConfigReader {
    private static final int MAX_FILE = 1 << 20;
    private static final int MAX_KEY_FILE = 8 << 10;
    private static final List<String> KEYS = List.of("name", "metricsHttp", "data", "kafka", "addr", "token", "slots",
            "steps",
            "network", "stepMemory", "stepCpus", "stepPids", "runtimes", "plainHttp", "dockerConfig", "registriesFile",
            "shareBases", "shareSteps",
            "remoteAllowPrivate",
            "remoteMaxBytes", "remoteMaxEntries", "remoteTime", "sshKnownHosts", "entitlements", "secretKey",
            "secretKeyFile", "cacheReserved", "cacheMaxUsed", "cacheMinFree", "cachePolicies", "diskFloor", "diskWait");

    private final Map<String, String> values = new LinkedHashMap<>();
    private final Map<String, String> origins = new LinkedHashMap<>();
    private final List<String> problems = new ArrayList<>();

    /**
     * @param kafka the brokers, {@code host:port} separated by commas
     * @param metrics where metrics and probes are served, unresolved; empty for nowhere
     */
    record Read(WorkerConfig worker, String kafka, Optional<InetSocketAddress> metrics) {}

    /** @throws IOException with all that is wrong, a line for each */
    static Read read(Optional<Path> file, Map<String, String> environment, String hostName) throws IOException {
        WorkerConfigReader reader = new WorkerConfigReader();
        file.ifPresent(reader::load);
        for (String key : KEYS) {
            String variable = variable(key);
            String value = environment.get(variable);
            if (value != null && !value.isEmpty()) {
                reader.set(key, value, variable);
            }
        }
        return reader.build(hostName);
    }

    static String variable(String key) {
        return "KILN_" + key.replaceAll("([A-Z])", "_$1").toUpperCase(Locale.ROOT);
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
        if (!KEYS.contains(key)) {
            problems.add(origin + ": there is no such setting; known: " + String.join(", ", KEYS));
        } else if (value.isArray()) {
            List<String> items = new ArrayList<>();
            value.forEach(item -> items.add(item.asString("")));
            set(key, String.join(",", items), origin);
        } else if (!value.isValueNode() || value.isNull()) {
            problems.add(origin + ": expected one value, or a list");
        } else {
            set(key, value.asString(), origin);
        }
    }

    private void set(String key, String value, String origin) {
        values.put(key, value);
        origins.put(key, origin);
    }

    private Read build(String hostName) throws IOException {
        Optional<InetSocketAddress> metrics = parse("metricsHttp", WorkerConfigReader::listen);
        Optional<Path> data = parse("data", Path::of);
        Optional<URI> farm = parse("addr", WorkerConfigReader::address);
        Optional<String> kafka = parse("kafka", Function.identity());
        int slots = parse("slots", WorkerConfigReader::count).orElse(4);
        int steps = parse("steps", WorkerConfigReader::count).orElse(8);
        Optional<NetworkMode> network = parse("network", n -> NetworkMode.valueOf(n.toUpperCase(Locale.ROOT)));
        ProcessSpec.Limits limits = limits();
        List<String> runtimes = parse("runtimes", WorkerConfigReader::list).orElse(RuntimeProbe.CANDIDATES);
        Set<String> plainHttp = Set.copyOf(parse("plainHttp", WorkerConfigReader::list).orElse(List.of()));
        Map<String, HostSettings> hosts = hosts();
        boolean shareBases = parse("shareBases", WorkerConfigReader::truth).orElse(false);
        boolean shareSteps = parse("shareSteps", WorkerConfigReader::truth).orElse(true);
        RemotePolicy remotes = remotes();
        Set<Entitlement> entitlements = parse("entitlements", WorkerConfigReader::entitlements).orElse(Set.of());
        Optional<FarmKey> secretKey = secretKey();
        Keeping keeping = keeping();
        require("data", "the folder of snapshots and cache");
        require("addr", "where the farm's API answers, such as http://host:7070");
        require("kafka", "the brokers, HOST:PORT separated by commas");
        if (!problems.isEmpty()) {
            throw new IOException("the configuration is not valid:\n  " + String.join("\n  ", problems));
        }
        return new Read(new WorkerConfig(values.getOrDefault("name", hostName), data.orElseThrow(),
                new WorkerConfig.Farm(farm.orElseThrow(), Optional.ofNullable(values.get("token")), secretKey),
                new WorkerConfig.Capacity(slots, steps, keeping),
                new WorkerConfig.Steps(network, limits, runtimes, entitlements),
                new WorkerConfig.Registries(plainHttp, parse("dockerConfig", Path::of), hosts,
                        shareBases, shareSteps),
                remotes), kafka.orElseThrow(), metrics);
    }

    private Map<String, HostSettings> hosts() {
        Optional<RegistriesFile.Read> read = parse("registriesFile", name -> RegistriesFile.read(Path.of(name)));
        read.ifPresent(
                file -> file.problems().forEach(found -> problems.add(origins.get("registriesFile") + ": " + found)));
        return read.map(RegistriesFile.Read::hosts).orElse(Map.of());
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

    private static Set<Entitlement> entitlements(String text) {
        return list(text).stream().map(Entitlement::parse).collect(Collectors.toSet());
    }

    private ProcessSpec.Limits limits() {
        Optional<Long> memory = parse("stepMemory", WorkerConfigReader::size);
        Optional<Double> cpus = parse("stepCpus", WorkerConfigReader::processors);
        Optional<Integer> pids = parse("stepPids", WorkerConfigReader::count);
        return new ProcessSpec.Limits(memory.map(OptionalLong::of).orElseGet(OptionalLong::empty),
                cpus.map(OptionalDouble::of).orElseGet(OptionalDouble::empty), OptionalLong.of(pids.orElse(16384)));
    }

    private RemotePolicy remotes() {
        RemotePolicy.Limits standard = RemotePolicy.Limits.STANDARD;
        long bytes = parse("remoteMaxBytes", WorkerConfigReader::size).orElse(standard.bytes());
        long entries = parse("remoteMaxEntries", text -> (long) count(text)).orElse(standard.entries());
        Duration time = parse("remoteTime", WorkerConfigReader::duration).orElse(standard.time());
        return parse("remoteAllowPrivate", text -> RemotePolicy.allowing(list(text))).orElse(RemotePolicy.STANDARD)
            .with(new RemotePolicy.Limits(Math.max(1, bytes), entries, time))
            .withKnownHosts(parse("sshKnownHosts", Path::of));
    }

    private Keeping keeping() {
        Keeping.Limits limits = new Keeping.Limits(bytes("cacheReserved"), bytes("cacheMaxUsed"),
                bytes("cacheMinFree"));
        List<Policy> policies = parse("cachePolicies", text -> list(text).stream().map(Keeping::policy).toList())
            .orElse(List.of());
        if (!policies.isEmpty() && !limits.equals(Keeping.STANDARD.limits())) {
            problems.add(origins.get("cachePolicies")
                    + ": takes the place of the limits cacheReserved, cacheMaxUsed and cacheMinFree; give one of both");
        }
        return new Keeping(limits, policies, bytes("diskFloor").orElse(Keeping.STANDARD.floor()),
                parse("diskWait", Keeping::time).orElse(Keeping.STANDARD.patience()));
    }

    private OptionalLong bytes(String key) {
        return parse(key, Keeping::size).map(OptionalLong::of).orElseGet(OptionalLong::empty);
    }

    private void require(String key, String meaning) {
        if (!values.containsKey(key)) {
            problems.add(variable(key) + " (or " + key + " in the file): missing: " + meaning);
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

    private static URI address(String text) {
        URI uri = URI.create(text);
        if (uri.getHost() == null || !("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))) {
            throw new IllegalArgumentException("expected http://host:port or https://host:port");
        }
        return uri;
    }

    /** {@code host:port}; an IPv6 address stands in brackets. */
    private static InetSocketAddress listen(String text) {
        if (!text.matches("(\\[[0-9A-Fa-f:.]+]|[A-Za-z0-9._-]+):[0-9]{1,5}")) {
            throw new IllegalArgumentException("expected HOST:PORT with a port from 0 to 65535");
        }
        int colon = text.lastIndexOf(':');
        return InetSocketAddress.createUnresolved(text.substring(0, colon).replaceAll("[\\[\\]]", ""),
                Integer.parseInt(text.substring(colon + 1)));
    }

    private static boolean truth(String text) {
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException("expected true or false");
        };
    }

    private static int count(String text) {
        if (!text.matches("[1-9][0-9]{0,6}")) {
            throw new IllegalArgumentException("expected a whole number from 1");
        }
        return Integer.parseInt(text);
    }

    private static Duration duration(String text) {
        if (!text.matches("[1-9][0-9]{0,4}[smh]")) {
            throw new IllegalArgumentException("expected a time such as 90s, 30m or 2h");
        }
        long number = Long.parseLong(text.substring(0, text.length() - 1));
        return switch (text.charAt(text.length() - 1)) {
            case 'h' -> Duration.ofHours(number);
            case 'm' -> Duration.ofMinutes(number);
            default -> Duration.ofSeconds(number);
        };
    }

    private static double processors(String text) {
        if (!text.matches("[0-9]{1,4}(\\.[0-9]{1,3})?") || Double.parseDouble(text) < 0.01) {
            throw new IllegalArgumentException("expected a number of processors from 0.01");
        }
        return Double.parseDouble(text);
    }

    private static long size(String text) {
        if (!text.matches("[0-9]{1,9}\\s*(B|KiB|MiB|GiB)")) {
            throw new IllegalArgumentException("expected a size such as 512MiB or 4GiB");
        }
        long number = Long.parseLong(text.replaceAll("[^0-9]", ""));
        return switch (text.replaceAll("[0-9 ]", "")) {
            case "KiB" -> number << 10;
            case "MiB" -> number << 20;
            case "GiB" -> number << 30;
            default -> number;
        };
    }

    private static List<String> list(String text) {
        return Arrays.stream(text.split(",")).map(String::strip).filter(item -> !item.isEmpty()).toList();
    }
}
