package dev.kiln.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ObjectNode;

import dev.kiln.cli.build.BuildSender;
import dev.kiln.cli.build.NamedImages;
import dev.kiln.cli.build.OptionException;
import dev.kiln.cli.client.ApiClient;
import dev.kiln.cli.client.ApiException;
import dev.kiln.cli.context.BuildContext;
import dev.kiln.cli.context.ContextException;
import dev.kiln.cli.output.Outputs;
import dev.kiln.cli.progress.Progress;
import dev.kiln.cli.progress.QuietProgress;
import dev.kiln.layercache.oci.ImageReference;
import dev.kiln.layercache.oci.Platform;
import dev.kiln.layercache.registry.RegistryClient;
import dev.kiln.queue.event.BuildEvent;
import dev.kiln.queue.job.BuildId;
import dev.kiln.queue.secret.BuildSecrets;

/** {@code kiln build}: sends a context, asks for a build, and shows it to its end. */
@Command(name = "build", mixinStandardHelpOptions = true, description = "Builds an image from a Dockerfile.", sortOptions = false)
final class BuildCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Mixin
    private final Farm farm = new Farm();

    @Mixin
    private final SourceFlags sources = new SourceFlags();

    @Mixin
    private final BuildFlags flags = new BuildFlags();

    @Mixin
    private final OutputFlags outputFlags = new OutputFlags();

    @Mixin
    private final CacheFlags caches = new CacheFlags();

    @Mixin
    private final QueueFlags queueing = new QueueFlags();

    @Mixin
    private final RegistryAuth auth = new RegistryAuth();

    @Mixin
    private final CallOption call = new CallOption();

    @Mixin
    private final ProgressOption progressOption = new ProgressOption();

    @Option(names = {"-q",
        "--quiet"}, description = "Show no progress; print the id of the image, as --iidfile has it.")
    private boolean quiet;

    @Option(names = {"-d", "--detach"}, description = "Print the build's id and leave it running.")
    private boolean detach;

    @Option(names = "--iidfile", paramLabel = "FILE", description = "Write the id of the image to a file: the digest of its configuration, or of the index of several.")
    private @Nullable Path iidFile;

    @Option(names = "--metadata-file", paramLabel = "FILE", description = "Write digests, names and the build's id to a file, as JSON.")
    private @Nullable Path metadataFile;

    @Override
    public Integer call() throws ApiException, CommandFailed, ContextException, IOException, InterruptedException,
            OptionException {
        ObjectNode request = flags.request();
        Outputs outputs = outputFlags.read(flags.names(), flags.images());
        outputs.put(request);
        queueing.put(request);
        caches.check(detach);
        auth.check();
        if (call.isAsked()) {
            try (BuildContext opened = sources.open()) {
                return call.answer(opened, flags);
            }
        }
        ResultFiles results = new ResultFiles(Optional.ofNullable(iidFile), Optional.ofNullable(metadataFile));
        check(outputs, results);
        ApiClient client = farm.client();
        BuildSecrets secrets = sources.readSecrets();
        Set<ImageReference> images;
        try (BuildContext opened = sources.open()) {
            sources.send(opened, new BuildSender(client, farm::registry), request);
            images = images(opened, request);
        }
        caches.put(request, farm::registry);
        images.addAll(NamedImages.ofRequest(request));
        BuildId id = new BuildId(auth.submit(client, request, secrets, auth.logins(client, images))
            .get("id")
            .asString());
        if (detach) {
            spec.commandLine().getOut().println(id);
            return ExitCode.DONE;
        }
        ExportedImages exported = new ExportedImages();
        return end(follow(client, id, exported), id, new Given(outputs, exported, results));
    }

    /** What the Dockerfile names; nothing of one that only the farm fetches. */
    private Set<ImageReference> images(BuildContext opened, ObjectNode request) throws IOException, ContextException {
        Set<ImageReference> images = new LinkedHashSet<>();
        if (opened.hasText()) {
            Set<String> contexts = new LinkedHashSet<>(request.path("namedContexts").propertyNames());
            byte[] text = opened.text();
            List<Platform> platforms = flags.platforms().isEmpty() ? List.of(Platform.host()) : flags.platforms();
            for (Platform platform : platforms) {
                Map<String, String> predefined = Predefined.of(Platform.host(), Optional.of(platform));
                images.addAll(new NamedImages(flags.target(), flags.buildArgs(), predefined, contexts).of(text));
            }
        }
        return images;
    }

    /** What the build gives beside what the farm has. */
    private record Given(Outputs outputs, ExportedImages exported, ResultFiles results) {}

    private void check(Outputs outputs, ResultFiles results) throws CommandFailed {
        if (detach && (!results.isEmpty() || outputs.isAwaited())) {
            throw new CommandFailed(ExitCode.USAGE, "--detach does not wait for the image that --iidfile,"
                    + " --metadata-file and outputs to files are made of");
        }
        if (quiet && outputs.isStandardOutput()) {
            throw new CommandFailed(ExitCode.USAGE, "--quiet prints the id of the image to standard output, where an"
                    + " output goes already");
        }
        if (outputs.isStandardOutput() && "1".equals(System.getenv("KILN_STDOUT_TERMINAL"))) {
            throw new CommandFailed(ExitCode.USAGE, "refusing to write an output to the terminal: add dest=FILE, or"
                    + " send standard output elsewhere");
        }
        if ((quiet || results.iid().isPresent()) && !outputs.hasImage()) {
            throw new CommandFailed(ExitCode.USAGE, "none of the outputs is an image, of which --iidfile and --quiet"
                    + " could tell the id");
        }
    }

    private int end(BuildEvent.Final end, BuildId id, Given given)
            throws CommandFailed, IOException, InterruptedException {
        if (end instanceof BuildEvent.Succeeded succeeded) {
            caches.fetch(farm::registry);
            writeOutputs(id, given);
            ImageResult image = image(succeeded, given);
            given.results.write(id, image);
            if (quiet) {
                spec.commandLine().getOut().println(image.id());
                return ExitCode.DONE;
            }
        }
        return Outcome.report(end, id, spec.commandLine().getErr());
    }

    private void writeOutputs(BuildId id, Given given) throws CommandFailed, InterruptedException {
        if (given.outputs.isAwaited()) {
            try (RegistryClient registries = farm.registry()) {
                given.outputs.write(registries, id, given.exported.all(),
                        warning -> spec.commandLine().getErr().println("kiln: warning: " + warning));
            } catch (IOException e) {
                throw new CommandFailed(ExitCode.BUILD_FAILED, e.getMessage() + "; build " + id
                        + " went well and is kept in the farm");
            }
        }
    }

    private ImageResult image(BuildEvent.Succeeded succeeded, Given given) {
        Optional<Integer> first = given.outputs.firstImage();
        return new ImageResult(first.map(number -> given.exported.of(number, succeeded.image())),
                first.map(number -> given.outputs.namesOf(number, flags.names())).orElse(List.of()));
    }

    /** Shows the build; a person who interrupts the command cancels the build. */
    private BuildEvent.Final follow(ApiClient client, BuildId id, ExportedImages exported)
            throws ApiException, InterruptedException {
        AtomicBoolean ended = new AtomicBoolean();
        Thread cancel = new Thread(() -> cancelUnless(ended, client, id));
        Runtime.getRuntime().addShutdownHook(cancel);
        try (Progress progress = quiet ? new QuietProgress() : progressOption.create()) {
            return new BuildFollower(client).follow(id, exported.over(progress));
        } finally {
            ended.set(true);
        }
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
}
