package dev.kiln.executor.runtime;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import dev.kiln.executor.runtime.ProcessSpec.Rlimit;
import dev.kiln.executor.runtime.RuntimeFailure.Code;

/**
 * The hard limits of this process, which no container gets beyond: root without CAP_SYS_RESOURCE cannot raise them, and
 * with it should not.
 *
 * @param hard by name, -1 for unlimited; a name that is missing is unknown
 */
record HostLimits(Map<String, Long> hard) {
    private static final long UNLIMITED = -1;
    private static final long MAX_OPEN_FILES = 1 << 20;
    private static final BigInteger INFINITY = BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE);

    /** How {@code /proc/self/limits} calls them. */
    private static final Map<String, String> NAMES = Map.ofEntries(Map.entry("Max cpu time", "cpu"),
            Map.entry("Max file size", "fsize"), Map.entry("Max data size", "data"),
            Map.entry("Max stack size", "stack"), Map.entry("Max core file size", "core"),
            Map.entry("Max resident set", "rss"), Map.entry("Max processes", "nproc"),
            Map.entry("Max open files", "nofile"), Map.entry("Max locked memory", "memlock"),
            Map.entry("Max address space", "as"), Map.entry("Max file locks", "locks"),
            Map.entry("Max pending signals", "sigpending"), Map.entry("Max msgqueue size", "msgqueue"),
            Map.entry("Max nice priority", "nice"), Map.entry("Max realtime priority", "rtprio"),
            Map.entry("Max realtime timeout", "rttime"));

    static HostLimits read() throws IOException {
        return parse(Files.readAllLines(Path.of("/proc/self/limits")));
    }

    static HostLimits parse(List<String> lines) {
        Map<String, Long> hard = new LinkedHashMap<>();
        for (String line : lines) {
            NAMES.forEach((title, name) -> {
                if (line.startsWith(title)) {
                    String value = line.substring(title.length()).strip().split("\\s+")[1];
                    hard.put(name, value.equals("unlimited") ? UNLIMITED : Long.parseLong(value));
                }
            });
        }
        return new HostLimits(Map.copyOf(hard));
    }

    /** What {@code rlimits} of a container's configuration gets: the step's, and as many open files as there may be. */
    List<Object> of(List<Rlimit> wanted) throws RuntimeFailure {
        Map<String, Object> limits = new LinkedHashMap<>();
        long files = hard.getOrDefault("nofile", MAX_OPEN_FILES);
        long open = files == UNLIMITED ? MAX_OPEN_FILES : Math.min(MAX_OPEN_FILES, files);
        limits.put("nofile", json(new Rlimit("nofile", open, open)));
        for (Rlimit limit : wanted) {
            check(limit);
            limits.put(limit.name(), json(limit));
        }
        return List.copyOf(limits.values());
    }

    private void check(Rlimit limit) throws RuntimeFailure {
        Long most = hard.get(limit.name());
        if (most == null) {
            throw new RuntimeFailure(Code.STEP, "invalid ulimit type: " + limit.name());
        }
        if (beyond(limit.soft(), limit.hard())) {
            throw new RuntimeFailure(Code.STEP, "ulimit " + limit.name()
                    + ": ulimit soft limit must be less than or equal to hard limit: " + text(limit.soft()) + " > "
                    + text(limit.hard()));
        }
        if (beyond(limit.hard(), most)) {
            throw new RuntimeFailure(Code.STEP, "ulimit " + limit.name() + "=" + text(limit.hard())
                    + " is more than this executor may give, which is " + text(most)
                    + "; ask for less, or raise the executor's own hard limit");
        }
    }

    private static boolean beyond(long limit, long most) {
        return most != UNLIMITED && (limit == UNLIMITED || limit > most);
    }

    private static String text(long limit) {
        return limit == UNLIMITED ? "unlimited" : Long.toString(limit);
    }

    private static Map<String, Object> json(Rlimit limit) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("type", "RLIMIT_" + limit.name().toUpperCase(Locale.ROOT));
        json.put("hard", number(limit.hard()));
        json.put("soft", number(limit.soft()));
        return json;
    }

    private static Number number(long limit) {
        return limit == UNLIMITED ? INFINITY : limit;
    }
}
