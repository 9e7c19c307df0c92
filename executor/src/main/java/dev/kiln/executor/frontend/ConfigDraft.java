package dev.kiln.executor.frontend;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.ImageConfig;
import dev.kiln.layercache.oci.ImageConfig.Healthcheck;
import dev.kiln.layercache.oci.ImageConfig.History;
import dev.kiln.layercache.oci.ImageConfig.RunConfig;
import dev.kiln.layercache.oci.Platform;

/** The configuration of an image while the instructions of its stage are gone through. */
final class ConfigDraft {
    private static final String COMMENT = "buildkit.dockerfile.v0";

    private final Platform platform;
    private Optional<String> author;
    private final List<Digest> layers;
    private final List<History> history;
    /** {@code KEY=value} by name. */
    private final SequencedMap<String, String> env = new LinkedHashMap<>();
    private final SortedMap<String, String> labels;
    private final SortedSet<String> exposedPorts;
    private final SortedSet<String> volumes;
    private Optional<Healthcheck> healthcheck;
    private final Map<String, String> raw;
    private String user;
    private Optional<List<String>> entrypoint;
    private Optional<List<String>> cmd;
    private String workingDir;
    private Optional<String> stopSignal;
    private List<String> shell;
    private boolean argsEscaped;
    private final List<String> triggers = new ArrayList<>();

    /** Starts from a base image; its time of creation and triggers are not inherited. */
    ConfigDraft(ImageConfig base) {
        RunConfig run = base.config();
        platform = base.platform();
        author = base.author();
        layers = base.layers();
        history = new ArrayList<>(base.history());
        run.env().forEach(entry -> env.put(nameOf(entry), entry));
        labels = new TreeMap<>(run.labels());
        exposedPorts = new TreeSet<>(run.exposedPorts());
        volumes = new TreeSet<>(run.volumes());
        healthcheck = run.healthcheck();
        raw = run.raw();
        user = run.user();
        entrypoint = run.entrypoint();
        cmd = run.cmd();
        workingDir = run.workingDir();
        stopSignal = run.stopSignal();
        shell = run.shell();
        argsEscaped = run.argsEscaped();
    }

    ImageConfig toConfig() {
        RunConfig run = new RunConfig(user, List.copyOf(env.values()), entrypoint, cmd, workingDir, labels,
                List.copyOf(exposedPorts),
                List.copyOf(volumes), stopSignal, shell, triggers, healthcheck, argsEscaped, raw);
        return new ImageConfig(platform, Optional.empty(), author, run, layers, history);
    }

    /** How many settings and lines of history there are. */
    int size() {
        return history.size() + env.size() + labels.size() + exposedPorts.size() + volumes.size();
    }

    /** Adds a line to the history; {@code time} is known only when the build fixes it. */
    void record(String text, boolean layer, Optional<Instant> time) {
        history.add(new History(time, text, Optional.of(COMMENT), !layer));
    }

    /** {@code KEY=value} by name, in order. */
    SequencedMap<String, String> env() {
        return Collections.unmodifiableSequencedMap(env);
    }

    boolean hasEnv(String name) {
        return env.containsKey(name);
    }

    /** Replaces the variable where it stands, or appends it. */
    void setEnv(String name, String value) {
        env.put(name, name + "=" + value);
    }

    private static String nameOf(String entry) {
        int equals = entry.indexOf('=');
        return equals < 0 ? entry : entry.substring(0, equals);
    }

    void setLabel(String name, String value) {
        labels.put(name, value);
    }

    void expose(List<String> ports) {
        exposedPorts.addAll(ports);
    }

    void addVolumes(List<String> paths) {
        volumes.addAll(paths);
    }

    String user() {
        return user;
    }

    void setUser(String name) {
        user = name;
    }

    String workingDir() {
        return workingDir;
    }

    void setWorkingDir(String path) {
        workingDir = path;
    }

    /** An empty list is no command. */
    void setCmd(List<String> words) {
        cmd = nonEmpty(words);
        argsEscaped = true;
    }

    void clearCmd() {
        cmd = Optional.empty();
    }

    /** An empty list is no entrypoint. */
    void setEntrypoint(List<String> words) {
        entrypoint = nonEmpty(words);
    }

    private static Optional<List<String>> nonEmpty(List<String> words) {
        return words.isEmpty() ? Optional.empty() : Optional.of(List.copyOf(words));
    }

    void setAuthor(String name) {
        author = Optional.of(name);
    }

    void setHealthcheck(Healthcheck check) {
        healthcheck = Optional.of(check);
    }

    /** Keeps an instruction for the builds that start from the image. */
    void addTrigger(String instruction) {
        triggers.add(instruction);
    }

    void setStopSignal(String signal) {
        stopSignal = Optional.of(signal);
    }

    /** What runs a command in shell form. */
    List<String> shell() {
        return shell.isEmpty() ? List.of("/bin/sh", "-c") : shell;
    }

    void setShell(List<String> words) {
        shell = List.copyOf(words);
    }
}
