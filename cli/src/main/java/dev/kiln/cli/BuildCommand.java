package dev.kiln.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ObjectNode;

import dev.kiln.cli.client.ApiClient;
import dev.kiln.cli.client.ApiException;
import dev.kiln.cli.context.BuildContext;
import dev.kiln.cli.context.ContextException;
import dev.kiln.cli.progress.Progress;
import dev.kiln.layercache.oci.ImageReference;
import dev.kiln.queue.event.BuildEvent;
import dev.kiln.queue.job.BuildId;

/** {@code kiln build}: sends a context, asks for a build, and shows it to its end. */
@Command(name = "build", mixinStandardHelpOptions = true, description = "Builds an image from a Dockerfile.", sortOptions = false)
final class BuildCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Mixin
    private final Farm farm = new Farm();

    @Mixin
    private final ProgressOption progressOption = new ProgressOption();

    @Parameters(paramLabel = "CONTEXT", description = "A folder, or - for a tar on standard input.")
    @SuppressWarnings("NullAway.Init")
    private String context;

    @Option(names = {"-f",
        "--file"}, paramLabel = "FILE", description = "The Dockerfile (default: CONTEXT/Dockerfile); with -, its path in the tar.")
    private @Nullable String file;

    @Option(names = {"-t",
        "--tag"}, paramLabel = "NAME", description = "What to call the image, [HOST/]REPOSITORY[:TAG]; may be given several times.")
    private final List<String> names = new ArrayList<>();

    @Option(names = "--target", paramLabel = "STAGE", description = "The stage to build (default: the last).")
    private @Nullable String target;

    @Option(names = "--build-arg", paramLabel = "KEY[=VALUE]", description = "A value for an ARG; without =, the variable of that name in this shell.")
    private final List<String> buildArgs = new ArrayList<>();

    @Option(names = "--label", paramLabel = "KEY[=VALUE]", description = "A label of the image.")
    private final List<String> labels = new ArrayList<>();

    @Option(names = "--push", description = "Push to the registries that the names say.")
    private boolean push;

    @Option(names = "--no-cache", description = "Run every step again.")
    private boolean noCache;

    @Option(names = "--network", paramLabel = "MODE", description = "The network of steps that do not say: default, none, host, private.")
    private String network = "default";

    @Option(names = {"-m", "--memory"}, paramLabel = "SIZE", description = "Memory of one step, such as 512m or 4g.")
    private @Nullable String memory;

    @Option(names = "--cpus", paramLabel = "N", description = "Processors of one step, such as 1.5.")
    private @Nullable Double cpus;

    @Option(names = "--pids", paramLabel = "N", description = "Processes and threads of one step.")
    private @Nullable Long pids;

    @Option(names = {"-d", "--detach"}, description = "Print the build's id and leave it running.")
    private boolean detach;

    @Override
    public Integer call() throws ApiException, ContextException, IOException, InterruptedException {
        ApiClient client = farm.client();
        ObjectNode request = request();
        BuildId id;
        try (BuildContext sent = BuildContext.open(context, Optional.ofNullable(file))) {
            if (!client.hasContext(sent.digest())) {
                client.putContext(sent.digest(), sent.size(), sent.open());
            }
            request.set("context", ApiClient.newObject().put("digest", sent.digest().toString()));
            request.put("dockerfile", sent.dockerfile());
            id = new BuildId(client.submit(request).get("id").asString());
        }
        if (detach) {
            spec.commandLine().getOut().println(id);
            return ExitCode.DONE;
        }
        return follow(client, id);
    }

    /** Shows the build; a person who interrupts the command cancels the build. */
    private int follow(ApiClient client, BuildId id) throws ApiException, InterruptedException {
        AtomicBoolean ended = new AtomicBoolean();
        Thread cancel = new Thread(() -> cancelUnless(ended, client, id));
        Runtime.getRuntime().addShutdownHook(cancel);
        BuildEvent.Final end;
        try (Progress progress = progressOption.create()) {
            end = new BuildFollower(client).follow(id, progress);
        } finally {
            ended.set(true);
        }
        return Outcome.report(end, id, spec.commandLine().getErr());
    }

    private static void cancelUnless(AtomicBoolean ended, ApiClient client, BuildId id) {
        if (ended.get()) {
            return;
        }
        try {
            client.cancel(id, Optional.of("interrupted by the person who started it"));
            System.err.println("kiln: asked the farm to cancel build " + id);
        } catch (ApiException e) {
            System.err.println("kiln: build " + id + " goes on, the farm did not take the cancel: " + e.getMessage());
        }
    }

    private ObjectNode request() {
        ObjectNode request = ApiClient.newObject();
        names.forEach(name -> request.withArray("names").add(checkedName(name)));
        if (push && names.isEmpty()) {
            throw usage("--push needs a name to push to: add -t NAME");
        }
        request.put("push", push).put("noCache", noCache);
        Optional.ofNullable(target).ifPresent(t -> request.put("target", t));
        request.set("buildArgs", ApiClient.object(KeyValues.ofOption(spec, "--build-arg", buildArgs, true)));
        request.set("labels", ApiClient.object(KeyValues.ofOption(spec, "--label", labels, false)));
        switch (network) {
            case "default" -> {
            }
            case "none", "host", "private" -> request.put("network", network);
            default -> throw usage("--network is default, none, host or private, not \"" + network + "\"");
        }
        ObjectNode limits = ApiClient.newObject();
        Optional.ofNullable(memory).ifPresent(m -> limits.put("memoryBytes", size(m)));
        Optional.ofNullable(cpus).ifPresent(c -> limits.put("cpus", c));
        Optional.ofNullable(pids).ifPresent(p -> limits.put("pids", p));
        if (!limits.isEmpty()) {
            request.set("limits", limits);
        }
        return request;
    }

    private String checkedName(String name) {
        try {
            return ImageReference.parse(name).toString();
        } catch (IllegalArgumentException e) {
            throw usage("-t " + name + ": " + e.getMessage());
        }
    }

    private long size(String text) {
        try {
            return ByteSize.parse(text);
        } catch (IllegalArgumentException e) {
            throw usage("--memory " + text + ": " + e.getMessage());
        }
    }

    private ParameterException usage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
