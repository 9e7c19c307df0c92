package dev.kiln.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

import dev.kiln.api.ApiMain;

/** {@code kiln api}. */
@Command(name = "api", mixinStandardHelpOptions = true, description = "Runs the API and registry of a farm; settings in a YAML file and in KILN_* variables.")
final class ApiCommand implements Callable<Integer> {
    @Option(names = "--config", paramLabel = "FILE", description = "The YAML file.")
    private @Nullable Path config;

    @Override
    public Integer call() throws IOException, InterruptedException {
        ApiMain.run(Optional.ofNullable(config));
        return ExitCode.DONE;
    }
}
