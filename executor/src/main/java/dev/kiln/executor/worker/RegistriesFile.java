package dev.kiln.executor.worker;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Function;

import dev.kiln.layercache.registry.HostSettings;
import dev.kiln.layercache.registry.RegistryHost;
import dev.kiln.layercache.registry.Tls;
import dev.kiln.layercache.registry.TlsSettings;

/**
 * The YAML file that says what is special about single registries. Whatever is wrong is told at once, each with its line.
 * Certificates and keys are read with it, by paths that are relative to it.
 */
public final class RegistriesFile {
    private static final int MAX_FILE = 1 << 20;
    private static final int MAX_HOSTS = 1000;
    private static final List<String> KEYS = List.of("mirrors", "http", "insecure", "ca", "cert", "key", "connections",
            "resolveTtl");

    private final Path file;
    private final List<String> problems = new ArrayList<>();

    /**
     * @param hosts by host with its port; of use only when there are no problems
     * @param problems each with file and line
     */
    public record Read(Map<String, HostSettings> hosts, List<String> problems) {}

    private RegistriesFile(Path file) {
        this.file = file;
    }

    public static Read read(Path file) {
        RegistriesFile reader = new RegistriesFile(file);
        Map<String, HostSettings> hosts = reader.document();
        return new Read(Map.copyOf(hosts), List.copyOf(reader.problems));
    }

    private Map<String, HostSettings> document() {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MAX_FILE + 1);
            if (bytes.length > MAX_FILE) {
                throw new IllegalArgumentException("larger than 1 MiB");
            }
            return hosts(YamlTree.parse(bytes));
        } catch (IOException e) {
            problems.add(file + ": cannot be read: " + e);
        } catch (IllegalArgumentException e) {
            problems.add(file + ":" + e.getMessage());
        }
        return Map.of();
    }

    private Map<String, HostSettings> hosts(YamlTree document) {
        Map<String, YamlTree> top = fields(document, "the file", "registries: and below it the hosts");
        refuseUnknown(top, List.of("registries"), "");
        YamlTree registries = top.get("registries");
        if (registries == null) {
            problem(document, "registries", "missing: the hosts stand below it");
            return Map.of();
        }
        Map<String, HostSettings> hosts = new LinkedHashMap<>();
        Set<String> seen = new HashSet<>();
        fields(registries, "registries", "hosts").forEach((host, settings) -> {
            if (!seen.add(RegistryHost.canonical(host))) {
                problem(settings, host, "is a second name of a registry that stands here already");
            } else if (hosts.size() >= MAX_HOSTS) {
                problem(settings, host, "more than " + MAX_HOSTS + " registries");
            } else {
                host(host, settings).ifPresent(read -> hosts.put(host, read));
            }
        });
        return hosts;
    }

    private Optional<HostSettings> host(String host, YamlTree tree) {
        int before = problems.size();
        parsed(tree, host, host, name -> {
            RegistryHost.check(name);
            return name;
        });
        Map<String, YamlTree> fields = fields(tree, host, "settings: " + String.join(", ", KEYS));
        refuseUnknown(fields, KEYS, host + ".");
        List<HostSettings.Mirror> mirrors = mirrors(host, fields);
        Optional<Boolean> http = value(host, fields, "http", RegistriesFile::truth);
        OptionalInt connections = value(host, fields, "connections", RegistriesFile::count).map(OptionalInt::of)
            .orElseGet(OptionalInt::empty);
        Duration ttl = value(host, fields, "resolveTtl", RegistriesFile::time).orElse(Duration.ZERO);
        Optional<Tls> tls = tls(host, fields, http.orElse(false));
        return problems.size() > before
                ? Optional.empty()
                : Optional.of(new HostSettings(mirrors, http, tls, connections, ttl));
    }

    private List<HostSettings.Mirror> mirrors(String host, Map<String, YamlTree> fields) {
        List<HostSettings.Mirror> mirrors = new ArrayList<>();
        for (YamlTree.Scalar item : scalars(host, fields, "mirrors")) {
            parsed(item, host + ".mirrors", item.text(), HostSettings.Mirror::parse).ifPresent(mirror -> {
                if (RegistryHost.canonical(mirror.host()).equals(RegistryHost.canonical(host))) {
                    problem(item, host + ".mirrors", "a registry is no mirror of itself");
                }
                mirrors.add(mirror);
            });
        }
        return mirrors;
    }

    private Optional<Tls> tls(String host, Map<String, YamlTree> fields, boolean plain) {
        boolean skip = value(host, fields, "insecure", RegistriesFile::truth).orElse(false);
        List<Path> authorities = scalars(host, fields, "ca").stream().map(item -> path(item.text())).toList();
        Optional<Path> certificate = value(host, fields, "cert", this::path);
        Optional<Path> key = value(host, fields, "key", this::path);
        if (certificate.isPresent() != key.isPresent()) {
            String there = certificate.isPresent() ? "cert" : "key";
            problem(line(fields, there), host + "." + there, "cert and key go together");
            return Optional.empty();
        }
        if (!skip && authorities.isEmpty() && certificate.isEmpty()) {
            return Optional.empty();
        }
        YamlTree at = line(fields, skip ? "insecure" : authorities.isEmpty() ? "cert" : "ca");
        if (plain) {
            problem(at, host, "http: true leaves no place for insecure, ca, cert and key");
            return Optional.empty();
        }
        try {
            return Optional.of(Tls.load(new TlsSettings(skip, authorities,
                    certificate.map(chain -> new TlsSettings.Identity(chain, key.orElseThrow())))));
        } catch (IOException | IllegalArgumentException e) {
            problem(at, host, String.valueOf(e.getMessage()));
            return Optional.empty();
        }
    }

    private static YamlTree line(Map<String, YamlTree> fields, String key) {
        return fields.getOrDefault(key, new YamlTree.Scalar(1, ""));
    }

    private Path path(String name) {
        if (name.isBlank()) {
            throw new IllegalArgumentException("expected the path of a file");
        }
        return file.toAbsolutePath().resolveSibling(name);
    }

    private void refuseUnknown(Map<String, YamlTree> fields, List<String> known, String prefix) {
        fields.forEach((name, value) -> {
            if (!known.contains(name)) {
                problem(value, prefix + name, "there is no such setting; known: " + String.join(", ", known));
            }
        });
    }

    /** A host without anything is as good as one that is not named. */
    private Map<String, YamlTree> fields(YamlTree tree, String place, String expected) {
        return switch (tree) {
            case YamlTree.Fields(int _, Map<String, YamlTree> fields) -> fields;
            case YamlTree.Scalar(int _, String text) when text.isEmpty() -> Map.of();
            case YamlTree.Scalar _,YamlTree.Items _ -> {
                problem(tree, place, "expected " + expected);
                yield Map.of();
            }
        };
    }

    /** One value or a list of them. */
    private List<YamlTree.Scalar> scalars(String host, Map<String, YamlTree> fields, String key) {
        List<YamlTree.Scalar> found = new ArrayList<>();
        YamlTree value = fields.get(key);
        List<YamlTree> items = value == null
                ? List.of()
                : value instanceof YamlTree.Items list ? list.items() : List.of(value);
        for (YamlTree item : items) {
            if (item instanceof YamlTree.Scalar scalar && !scalar.text().isBlank()) {
                found.add(scalar);
            } else {
                problem(item, host + "." + key, "expected one value, or a list");
            }
        }
        return found;
    }

    private <T> Optional<T> value(String host, Map<String, YamlTree> fields, String key, Function<String, T> parser) {
        return switch (fields.get(key)) {
            case null -> Optional.empty();
            case YamlTree.Scalar scalar -> parsed(scalar, host + "." + key, scalar.text(), parser);
            case YamlTree other -> {
                problem(other, host + "." + key, "expected one value");
                yield Optional.empty();
            }
        };
    }

    private <T> Optional<T> parsed(YamlTree at, String place, String text, Function<String, T> parser) {
        try {
            return Optional.of(parser.apply(text));
        } catch (IllegalArgumentException e) {
            problem(at, place, String.valueOf(e.getMessage()));
            return Optional.empty();
        }
    }

    private void problem(YamlTree at, String place, String problem) {
        problems.add(file + ":" + at.line() + ": " + place + ": " + problem);
    }

    private static boolean truth(String text) {
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException("expected true or false");
        };
    }

    private static int count(String text) {
        if (!text.matches("[1-9][0-9]{0,3}")) {
            throw new IllegalArgumentException("expected a whole number from 1 to 9999");
        }
        return Integer.parseInt(text);
    }

    private static Duration time(String text) {
        if (!text.matches("0|[0-9]{1,5}[smh]")) {
            throw new IllegalArgumentException("expected a time such as 0, 30s, 5m or 1h");
        }
        if (text.equals("0")) {
            return Duration.ZERO;
        }
        long number = Long.parseLong(text.substring(0, text.length() - 1));
        return switch (text.charAt(text.length() - 1)) {
            case 'h' -> Duration.ofHours(number);
            case 'm' -> Duration.ofMinutes(number);
            default -> Duration.ofSeconds(number);
        };
    }
}
