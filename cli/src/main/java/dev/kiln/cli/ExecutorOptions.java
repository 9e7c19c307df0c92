package dev.kiln.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

import dev.kiln.executor.remote.RemotePolicy;
import dev.kiln.executor.runtime.ProcessSpec;
import dev.kiln.executor.runtime.RuntimeProbe;
import dev.kiln.executor.worker.Keeping;
import dev.kiln.executor.worker.RegistriesFile;
import dev.kiln.executor.worker.WorkerConfig;
import dev.kiln.layercache.registry.HostSettings;
import dev.kiln.queue.job.Entitlement;
import dev.kiln.queue.job.NetworkMode;

/** How an executor runs; for the commands that start one. */
final class ExecutorOptions {
    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Option(names = "--slots", paramLabel = "N", description = "Builds at a time (default: 4).")
    private int slots = 4;

    @Option(names = "--steps", paramLabel = "N", description = "Steps at a time, over all builds (default: 8).")
    private int steps = 8;

    @Option(names = "--network", paramLabel = "MODE", description = "The network of steps that do not say: private, host or none (default: private where it can be had).")
    private @Nullable String network;

    @Option(names = "--step-memory", paramLabel = "SIZE", description = "Memory of a step that does not say.")
    private @Nullable String memory;

    @Option(names = "--step-cpus", paramLabel = "N", description = "Processors of a step that does not say.")
    private @Nullable Double cpus;

    @Option(names = "--step-pids", paramLabel = "N", description = "Processes and threads of a step that does not say (default: 16384).")
    private long pids = 16384;

    @Option(names = "--runtime", paramLabel = "NAME", description = "An OCI runtime, by name or path; may be given several times (default: crun, then runc).")
    private final List<String> runtimes = new ArrayList<>();

    @Option(names = "--plain-http", paramLabel = "HOST[:PORT]", description = "A registry that speaks HTTP without TLS; may be given several times. Those on loopback need not be named.")
    private final List<String> plainHttp = new ArrayList<>();

    @Option(names = "--docker-config", paramLabel = "FILE", description = "Docker's config.json with credentials for registries.")
    private @Nullable Path dockerConfig;

    @Option(names = "--registries", paramLabel = "FILE", defaultValue = "${env:KILN_REGISTRIES_FILE}", description = "A YAML file that says what is special about single registries: mirrors, certificates, limits (default: $$KILN_REGISTRIES_FILE).")
    private @Nullable Path registriesFile;

    @Option(names = "--allow-private", paramLabel = "ADDRESS", description = "A private address, a range such as 10.0.0.0/8, or a host that ADD and contexts may be fetched from; may be given several times (default: none, not even this machine).")
    private final List<String> allowPrivate = new ArrayList<>();

    @Option(names = "--ssh-known-hosts", paramLabel = "FILE", description = "The keys of ssh servers that git may be fetched from (default: believe the key that a server shows first).")
    private @Nullable Path sshKnownHosts;

    RemotePolicy remotes() {
        try {
            return RemotePolicy.allowing(allowPrivate)
                .withKnownHosts(Optional.ofNullable(sshKnownHosts).map(Path::toAbsolutePath));
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "--allow-private: " + e.getMessage());
        }
    }

    @Option(names = "--allow-insecure-entitlement", paramLabel = "NAME", description = "What builds may ask for with --allow: network.host, security.insecure; may be given several times (default: none, but network.host where steps share the host's network anyway).")
    private final List<String> entitlements = new ArrayList<>();

    @Option(names = "--max-used-space", paramLabel = "SIZE", description = "Collect cache down to this, the longest unused first (default: three fifths of the disk).")
    private @Nullable String maxUsed;

    @Option(names = "--reserved-space", paramLabel = "SIZE", description = "Never collect below this (default: a tenth of the disk, at most 10 GB).")
    private @Nullable String reserved;

    @Option(names = "--min-free-space", paramLabel = "SIZE", description = "Collect until the disk has this much free (default: a fifth of the disk).")
    private @Nullable String minFree;

    @Option(names = "--cache-policy", paramLabel = "WORDS", description = "A policy instead of the standard ones, such as \"kind=cachemount keep=48h maxUsed=512MB\"; may be given several times.")
    private final List<String> policies = new ArrayList<>();

    @Option(names = "--disk-floor", paramLabel = "SIZE", description = "A build begins only when this much is free (default: 512MiB).")
    private @Nullable String floor;

    @Option(names = "--disk-wait", paramLabel = "TIME", description = "How long a build waits for that (default: 10m).")
    private @Nullable String diskWait;

    @Option(names = "--share-steps", description = "Leave results of steps in the registry, for executors that join this farm; one alone has no need of it.")
    private boolean shareSteps;

    WorkerConfig.Capacity capacity() {
        return new WorkerConfig.Capacity(slots, steps, keeping());
    }

    private Keeping keeping() {
        Keeping.Limits limits = new Keeping.Limits(size("--reserved-space", reserved),
                size("--max-used-space", maxUsed), size("--min-free-space", minFree));
        if (!policies.isEmpty() && !limits.equals(Keeping.STANDARD.limits())) {
            throw new ParameterException(spec.commandLine(), "--cache-policy takes the place of --reserved-space,"
                    + " --max-used-space and --min-free-space; give one of both");
        }
        return new Keeping(limits,
                policies.stream().map(text -> read("--cache-policy", text, Keeping::policy)).toList(),
                size("--disk-floor", floor).orElse(Keeping.STANDARD.floor()),
                diskWait == null ? Keeping.STANDARD.patience() : read("--disk-wait", diskWait, Keeping::time));
    }

    private OptionalLong size(String option, @Nullable String text) {
        return text == null ? OptionalLong.empty() : OptionalLong.of(read(option, text, ByteSize::parse));
    }

    private <T> T read(String option, String text, Function<String, T> reader) {
        try {
            return reader.apply(text);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), option + " " + text + ": " + e.getMessage());
        }
    }

    WorkerConfig.Steps steps() {
        return new WorkerConfig.Steps(network(), limits(), runtimes.isEmpty() ? RuntimeProbe.CANDIDATES : runtimes,
                entitlements());
    }

    WorkerConfig.Registries registries() {
        return new WorkerConfig.Registries(Set.copyOf(plainHttp), Optional.ofNullable(dockerConfig), hosts(),
                false, shareSteps);
    }

    private Map<String, HostSettings> hosts() {
        if (registriesFile == null || registriesFile.toString().isEmpty()) {
            return Map.of();
        }
        RegistriesFile.Read read = RegistriesFile.read(registriesFile);
        if (!read.problems().isEmpty()) {
            throw new ParameterException(spec.commandLine(),
                    "--registries: the file is not valid:\n  " + String.join("\n  ", read.problems()));
        }
        return read.hosts();
    }

    private Set<Entitlement> entitlements() {
        try {
            return entitlements.stream().map(Entitlement::parse).collect(Collectors.toSet());
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "--allow-insecure-entitlement: " + e.getMessage());
        }
    }

    private Optional<NetworkMode> network() {
        try {
            return Optional.ofNullable(network).map(n -> NetworkMode.valueOf(n.toUpperCase(Locale.ROOT)));
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(),
                    "--network is private, host or none, not \"" + network + "\"");
        }
    }

    private ProcessSpec.Limits limits() {
        OptionalLong bytes = memory == null ? OptionalLong.empty() : OptionalLong.of(ByteSize.parse(memory));
        OptionalDouble processors = cpus == null ? OptionalDouble.empty() : OptionalDouble.of(cpus);
        return new ProcessSpec.Limits(bytes, processors, OptionalLong.of(pids));
    }

}
