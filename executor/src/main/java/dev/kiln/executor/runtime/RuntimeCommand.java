package dev.kiln.executor.runtime;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The command line of an OCI runtime.
 *
 * @param program absolute
 * @param version the first line of {@code --version}
 */
record RuntimeCommand(Path program, String version) {

    static RuntimeCommand ask(Path program) throws IOException, InterruptedException {
        String output = Tool.run("", List.of(program.toString(), "--version"));
        return new RuntimeCommand(program, output.lines().findFirst().orElse("unknown version"));
    }

    /** @param state where the runtime keeps what it knows of its containers */
    List<String> run(Path state, Path log, Path bundle, String id) {
        List<String> command = new ArrayList<>(List.of(program.toString(), "--root", state.toString(), "--log",
                log.toString(), "--log-format", "json"));
        if (isCrun()) {
            // The others use the file system unless told to ask systemd.
            command.add("--cgroup-manager=cgroupfs");
        }
        command.addAll(List.of("run", "--bundle", bundle.toString(), id));
        return command;
    }

    private boolean isCrun() {
        return version.startsWith("crun ");
    }
}
