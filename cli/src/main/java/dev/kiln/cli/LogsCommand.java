package dev.kiln.cli;

import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.Callable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import dev.kiln.cli.client.ApiException;

/** {@code kiln logs}: the log as it is, to standard output. */
@Command(name = "logs", mixinStandardHelpOptions = true, description = "Prints the log of a build.")
final class LogsCommand implements Callable<Integer> {
    @Mixin
    private final Farm farm = new Farm();

    @Parameters(paramLabel = "BUILD", converter = BuildIdConverter.class)
    @SuppressWarnings("NullAway.Init")
    private dev.kiln.queue.job.BuildId build;

    @Option(names = {"-f", "--follow"}, description = "Go on until the build has ended.")
    private boolean follow;

    @Override
    public Integer call() throws ApiException, IOException {
        try (InputStream log = farm.client().log(build, follow)) {
            byte[] buffer = new byte[64 * 1024];
            for (int n; (n = log.read(buffer)) >= 0;) {
                System.out.write(buffer, 0, n);
                System.out.flush();
            }
        }
        return ExitCode.DONE;
    }
}
