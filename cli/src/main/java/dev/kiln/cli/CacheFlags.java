package dev.kiln.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ObjectNode;

import dev.kiln.cli.build.BuildSender;
import dev.kiln.cli.build.LocalCaches;
import dev.kiln.queue.job.CacheExport;
import dev.kiln.queue.job.CacheImport;
import dev.kiln.queue.job.CacheJson;
import dev.kiln.queue.job.CacheWords;

/** Whose results a build uses, and for whom it leaves its own; spelled as docker buildx spells it. */
final class CacheFlags {
    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Option(names = "--cache-from", paramLabel = "type=registry,ref=REF", description = "Where to find results of other builds, also of BuildKit's; or REF alone. type=local,src=FOLDER: a folder here. type=mounts,ref=REF: what new cache mounts begin with. May be given several times.")
    private final List<String> from = new ArrayList<>();

    @Option(names = "--cache-to", paramLabel = "type=registry,ref=REF[,mode=max]", description = "Where to leave results for other builds, also for BuildKit's; type=local,dest=FOLDER: a folder here; type=inline: in the image. type=mounts,ref=REF[,id=ID;ID]: what cache mounts hold. May be given several times.")
    private final List<String> to = new ArrayList<>();

    private final LocalCaches folders = new LocalCaches();

    /** Refuses what is malformed, and what a build that nobody waits for cannot have. */
    void check(boolean detached) {
        places("--cache-from", from, words -> LocalCaches.isLocal(words) ? words : words.toImport());
        LocalCaches unused = new LocalCaches();
        places("--cache-to", to, words -> LocalCaches.isLocal(words) ? unused.plan(words) : words.toExport());
        if (detached && places("--cache-to", to, words -> words).stream().anyMatch(LocalCaches::isLocal)) {
            throw new ParameterException(spec.commandLine(),
                    "--detach does not wait for the cache that --cache-to type=local is to write");
        }
    }

    /** Adds the fields of a request; caches in folders are pushed to the farm before. */
    void put(ObjectNode request, BuildSender.Registry registry) throws IOException, InterruptedException {
        for (CacheWords words : places("--cache-from", from, words -> words)) {
            Optional<CacheImport> place = LocalCaches.isLocal(words)
                    ? sent(words, registry)
                    : Optional.of(words.toImport());
            place.ifPresent(found -> request.withArray("cacheFrom").add(CacheJson.tree(found)));
        }
        for (CacheExport place : places("--cache-to", to,
                words -> LocalCaches.isLocal(words) ? folders.plan(words) : words.toExport())) {
            request.withArray("cacheTo").add(CacheJson.tree(place));
        }
    }

    /** As with buildx, a cache that is not there yet is no failure. */
    private Optional<CacheImport> sent(CacheWords words, BuildSender.Registry registry)
            throws IOException, InterruptedException {
        try {
            Optional<CacheImport> sent = folders.send(words, registry);
            if (sent.isEmpty()) {
                spec.commandLine().getErr().println("kiln: warning: there is no cache in " + words.words().get("src"));
            }
            return sent;
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "--cache-from type=local: " + e.getMessage());
        }
    }

    /** After a build that went well. */
    void fetch(BuildSender.Registry registry) throws IOException, InterruptedException {
        folders.fetch(registry).forEach(ignored -> spec.commandLine().getErr().println("kiln: warning: " + ignored));
    }

    private <T> List<T> places(String option, List<String> given, Function<CacheWords, T> parser) {
        List<T> places = new ArrayList<>();
        for (String text : given) {
            try {
                CacheWords.parse(text).stream().map(parser).forEach(places::add);
            } catch (IllegalArgumentException e) {
                throw new ParameterException(spec.commandLine(), option + " " + text + ": " + e.getMessage());
            }
        }
        return places;
    }
}
