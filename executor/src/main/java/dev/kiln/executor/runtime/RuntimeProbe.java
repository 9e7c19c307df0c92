package dev.kiln.executor.runtime;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.Function;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import dev.kiln.executor.mount.LinuxMounter;
import dev.kiln.executor.mount.Mount;
import dev.kiln.executor.runtime.ContainerRuntime.ExitStatus;
import dev.kiln.executor.runtime.OciConfig.HostFacts;
import dev.kiln.executor.runtime.ProcessSpec.Limits;
import dev.kiln.executor.runtime.ProcessSpec.Network;
import dev.kiln.layercache.posix.Posix;
import dev.kiln.layercache.posix.RawPath;

/**
 * Finds the runtime to use: the first candidate that can run a container here. Whether a runtime works on a host depends
 * on its cgroups, kernel and rights in ways that only a trial tells.
 */
public final class RuntimeProbe {
    private static final Logger LOG = LoggerFactory.getLogger(RuntimeProbe.class);

    /** The quickest first. */
    public static final List<String> CANDIDATES = List.of("crun", "runc");

    private static final List<String> HOST_DIRECTORIES = List.of("bin", "sbin", "lib", "lib32", "lib64", "libx32",
            "usr");
    private static final String ID = "probe";
    private static final String TOKEN = "container-works";
    /** A filter is in force when the status says 2. */
    private static final String SCRIPT = "grep -q 'Seccomp:.2' /proc/self/status && echo " + TOKEN
            + " && head -c 262144 /dev/zero";
    private static final int MAX_SAID = 2000;
    private static final List<String> PATH = List.of("PATH=/usr/sbin:/usr/bin:/sbin:/bin");

    private RuntimeProbe() {}

    /**
     * @param runtime the one to use
     * @param findings what there is to say of each candidate, and of the networks; for the log and for people
     */
    public record Found(OciRuntime runtime, List<String> findings) {
        public Found {
            findings = List.copyOf(findings);
        }
    }

    /**
     * Takes a directory for the state of containers, removes what an earlier process left there and in its cgroups, and
     * tries the candidates in turn.
     *
     * @param candidates names to be found in the PATH, or absolute paths
     * @throws RuntimeFailure when none works, with what each said
     */
    public static Found find(Path directory, List<String> candidates, Networks.Settings network)
            throws IOException, InterruptedException {
        StateDirectory state = StateDirectory.open(directory);
        try {
            Cgroups cgroups = new Cgroups(CgroupHierarchy.mounted(), "/kiln/" + state.uniqueName());
            int cleaned = cgroups.removeLeftovers() + state.clean();
            Networks networks = Networks.open(state.root().resolve("net"), state.uniqueName(), network);
            try {
                return choose(candidates, state, cgroups, networks);
            } catch (IOException | InterruptedException | RuntimeException e) {
                closeAfter(networks, e);
                throw e;
            }
        } catch (IOException | InterruptedException | RuntimeException e) {
            closeAfter(state, e);
            throw e;
        }
    }

    private static void closeAfter(AutoCloseable opened, Exception reason) {
        try {
            opened.close();
        } catch (Exception e) {
            reason.addSuppressed(e);
        }
    }

    private static Found choose(List<String> candidates, StateDirectory state, Cgroups cgroups, Networks networks)
            throws IOException, InterruptedException {
        OciConfig config = new OciConfig(new HostFacts(architecture(), HostLimits.read(), cgroups.unifiedOnly(),
                Insecure.capabilities(), Insecure.loops()));
        List<String> findings = new ArrayList<>();
        try (Trial trial = Trial.prepare(state)) {
            for (String candidate : candidates) {
                Optional<Path> program = candidate.startsWith("/")
                        ? Optional.of(Path.of(candidate)).filter(Files::isExecutable)
                        : Tool.find(candidate);
                if (program.isEmpty()) {
                    findings.add(candidate + ": not installed");
                    continue;
                }
                try {
                    RuntimeCommand command = RuntimeCommand.ask(program.get());
                    OciRuntime runtime = tried(trial, filter -> new OciRuntime(command, state, cgroups,
                            filter.map(config::withFilter).orElse(config), networks));
                    findings.add(candidate + ": works, " + runtime.description());
                    findings.add("private network: " + networks.explanation());
                    return new Found(runtime, findings);
                } catch (RuntimeFailure e) {
                    findings.add(candidate + ": refused: " + e.getMessage());
                }
            }
        }
        cgroups.removeParents();
        throw new RuntimeFailure("no OCI runtime works here. " + String.join(". ", findings)
                + ". Install crun or runc, or run the executor as root");
    }

    /** The runtime, if it passes; with the filter that it compiled, if it then passes too. */
    private static OciRuntime tried(Trial trial, Function<Optional<byte[]>, OciRuntime> make)
            throws IOException, InterruptedException {
        OciRuntime plain = make.apply(Optional.empty());
        Optional<byte[]> filter = trial.run(plain);
        if (filter.isPresent()) {
            try {
                OciRuntime quick = make.apply(filter);
                trial.run(quick);
                return quick;
            } catch (RuntimeFailure e) {
                LOG.info("runtime={} reuse_of_filter=false reason=\"{}\"", plain.description(), e.getMessage());
            }
        }
        return plain;
    }

    /** As image platforms name it. */
    private static String architecture() {
        String name = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
        return switch (name) {
            case "amd64", "x86_64" -> "amd64";
            case "aarch64" -> "arm64";
            case "loongarch64" -> "loong64";
            default -> name;
        };
    }

    /** A root file system that shows the host's programs. */
    private record Trial(StateDirectory state, Path directory, Path root) implements AutoCloseable {

        static Trial prepare(StateDirectory state) throws IOException {
            Path directory = state.root().resolve("probe");
            LinuxMounter.unmountAll(directory);
            Posix.deleteTree(RawPath.of(directory));
            Trial trial = new Trial(state, directory, Files.createDirectories(directory.resolve("root")));
            LinuxMounter mounter = LinuxMounter.probe(directory);
            for (String name : HOST_DIRECTORIES) {
                Path host = Path.of("/", name);
                if (Files.isSymbolicLink(host)) {
                    Files.createSymbolicLink(trial.root.resolve(name), Files.readSymbolicLink(host));
                } else if (Files.isDirectory(host, LinkOption.NOFOLLOW_LINKS)) {
                    mounter.mount(new Mount.Bind(host, true), Files.createDirectory(trial.root.resolve(name)));
                }
            }
            return trial;
        }

        /**
         * Runs a container under a filter. It says more than a pipe holds, so that it is still there when its first words
         * arrive.
         *
         * @return the filter that the runtime compiled, if it keeps it in a file
         */
        Optional<byte[]> run(OciRuntime runtime) throws IOException, InterruptedException {
            ByteArrayOutputStream said = new ByteArrayOutputStream();
            List<byte[]> filters = new ArrayList<>();
            Limits unlimited = new Limits(OptionalLong.empty(), OptionalDouble.empty(), OptionalLong.empty());
            ExitStatus status = runtime.run(new ProcessSpec(ID, root, root, List.of("sh", "-c", SCRIPT), PATH, "/", "",
                    Network.NONE, unlimited), (_, bytes, length) -> {
                        if (said.size() == 0) {
                            state.compiledFilter(ID).ifPresent(filters::add);
                        }
                        said.write(bytes, 0, Math.min(length, MAX_SAID - Math.min(MAX_SAID, said.size())));
                    });
            String output = said.toString(StandardCharsets.UTF_8).strip();
            if (status.code() != 0 || !output.startsWith(TOKEN)) {
                throw new RuntimeFailure("a trial container that should say " + TOKEN + " ended with " + status.code()
                        + ", saying: " + output);
            }
            return filters.stream().findFirst();
        }

        @Override
        public void close() throws IOException {
            LinuxMounter.unmountAll(directory);
            Posix.deleteTree(RawPath.of(directory));
        }
    }
}
