package dev.kiln.executor.runtime;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Which system calls a step may make, in the form that {@code linux.seccomp} of the OCI runtime specification has. The
 * rules are data: the resource {@code seccomp.txt}, which also says what its lines mean.
 */
final class SeccompProfile {
    private static final int EPERM = 1;

    private final List<String> lines;

    private SeccompProfile(List<String> lines) {
        this.lines = lines;
    }

    static SeccompProfile load() {
        try (InputStream in = Objects.requireNonNull(SeccompProfile.class.getResourceAsStream("seccomp.txt"))) {
            return parse(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException("reading the resource seccomp.txt", e);
        }
    }

    static SeccompProfile parse(String text) {
        List<String> lines = new ArrayList<>();
        for (String line : text.lines().toList()) {
            if (line.startsWith(" ") && !lines.isEmpty()) {
                lines.add(lines.removeLast() + " " + line.strip());
            } else if (!line.isBlank() && !line.startsWith("#")) {
                lines.add(line);
            }
        }
        return new SeccompProfile(lines);
    }

    /**
     * The rules that hold for this machine and process.
     *
     * @param architecture as in image platforms: {@code amd64}
     */
    Map<String, Object> forProcess(String architecture, Set<String> capabilities) {
        List<String> architectures = List.of();
        List<Object> rules = new ArrayList<>();
        for (String line : lines) {
            int colon = line.indexOf(" : ");
            List<String> head = Arrays.asList(line.substring(0, colon).split(" "));
            List<String> names = Arrays.asList(line.substring(colon + 3).split(" +"));
            switch (head.getFirst()) {
                case "arch" -> {
                    if (head.get(1).equals(architecture)) {
                        architectures = names.stream().map(n -> "SCMP_ARCH_" + n).toList();
                    }
                }
                case "allow" -> rule(head.subList(1, head.size()), architecture, capabilities)
                    .ifPresent(args -> rules.add(ruleJson(names, "SCMP_ACT_ALLOW", Map.of(), args)));
                case "deny" -> rule(head.subList(2, head.size()), architecture, capabilities)
                    .ifPresent(args -> rules.add(ruleJson(names, "SCMP_ACT_ERRNO",
                            Map.of("errnoRet", Integer.parseInt(head.get(1))), args)));
                default -> throw new IllegalArgumentException("seccomp rule: " + line);
            }
        }
        Map<String, Object> profile = new LinkedHashMap<>();
        profile.put("defaultAction", "SCMP_ACT_ERRNO");
        profile.put("defaultErrnoRet", EPERM);
        profile.put("architectures", architectures);
        profile.put("syscalls", rules);
        return profile;
    }

    /** The conditions on arguments when the other conditions hold, otherwise empty. */
    private static Optional<List<Object>> rule(List<String> conditions, String architecture, Set<String> capabilities) {
        List<Object> args = new ArrayList<>();
        for (String condition : conditions) {
            String value = condition.substring(condition.indexOf('=') + 1);
            boolean holds = switch (condition.substring(0, condition.indexOf('='))) {
                case "arch" -> Stream.of(value.split(",")).anyMatch(architecture::equals);
                case "cap" -> capabilities.contains(value);
                case "nocap" -> !capabilities.contains(value);
                case "arg" -> args.add(argument(value.split(":")));
                default -> throw new IllegalArgumentException("seccomp condition: " + condition);
            };
            if (!holds) {
                return Optional.empty();
            }
        }
        return Optional.of(args);
    }

    private static Map<String, Object> argument(String[] parts) {
        Map<String, Object> argument = new LinkedHashMap<>();
        argument.put("index", Integer.parseInt(parts[0]));
        argument.put("value", Long.decode(parts[2]));
        if (parts.length > 3) {
            argument.put("valueTwo", Long.decode(parts[3]));
        }
        argument.put("op", "SCMP_CMP_" + parts[1]);
        return argument;
    }

    private static Map<String, Object> ruleJson(List<String> names, String action, Map<String, Object> more,
            List<Object> args) {
        Map<String, Object> rule = new LinkedHashMap<>();
        rule.put("names", names);
        rule.put("action", action);
        rule.putAll(more);
        if (!args.isEmpty()) {
            rule.put("args", args);
        }
        return rule;
    }
}
