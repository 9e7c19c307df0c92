package dev.kiln.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

import dev.kiln.api.ApiConfig;
import dev.kiln.cli.dev.DevServer;

/** {@code kiln up}: the whole farm on this machine, until it is interrupted. */
@Command(name = "up", mixinStandardHelpOptions = true, description = "Runs broker, API, registry and one executor in the foreground.")
final class UpCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Mixin
    private final ExecutorOptions executor = new ExecutorOptions();

    @Option(names = "--data", paramLabel = "DIR", description = "Where everything is kept (default: ~/.local/share/kiln).")
    private Path data = Path.of(System.getProperty("user.home"), ".local/share/kiln");

    @Option(names = "--http", paramLabel = "HOST:PORT", description = "Where API and registry listen (default: 127.0.0.1:7070); port 0 takes a free one.")
    private String http = "127.0.0.1:7070";

    @Option(names = "--kafka", paramLabel = "HOST:PORT,...", defaultValue = "${env:KILN_KAFKA}", description = "A Kafka cluster to use instead of a broker of our own (default: $$KILN_KAFKA).")
    private @Nullable String kafka;

    @Override
    public Integer call() throws CommandFailed, IOException, InterruptedException {
        CountDownLatch ended = new CountDownLatch(1);
        CountDownLatch stopped = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            ended.countDown();
            awaitQuietly(stopped);
        }));
        try (DevServer server = DevServer.start(settings())) {
            server.findings().forEach(finding -> spec.commandLine().getErr().println("kiln: " + finding));
            spec.commandLine()
                .getErr()
                .println("kiln: ready at " + server.address() + ", data in "
                        + data.toAbsolutePath());
            while (!ended.await(200, TimeUnit.MILLISECONDS)) {
                if (server.awaitBrokerEnd(Duration.ofMillis(1))) {
                    throw new CommandFailed(ExitCode.BUILD_FAILED, "the broker ended by itself; its log is in "
                            + data.resolve("broker").toAbsolutePath() + ". Start again: nothing accepted is lost");
                }
            }
        } finally {
            stopped.countDown();
        }
        return ExitCode.DONE;
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private DevServer.Settings settings() {
        try {
            return new DevServer.Settings(data.toAbsolutePath(), ApiConfig.Address.parse(http),
                    Optional.ofNullable(kafka).filter(k -> !k.isBlank()), Farm.token(),
                    executor.capacity(), executor.steps(), executor.registries(), executor.remotes());
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "--http " + http + ": " + e.getMessage());
        }
    }
}
