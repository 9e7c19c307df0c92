package dev.kiln.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ObjectNode;

import dev.kiln.queue.job.CacheExport;
import dev.kiln.queue.job.CacheImport;
import dev.kiln.queue.job.CacheJson;
import dev.kiln.queue.job.CacheWords;

/** Whose results a build uses, and for whom it leaves its own; spelled as docker buildx spells it. */
final class CacheFlags {
    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Option(names = "--cache-from", paramLabel = "type=registry,ref=REF", description = "Where to find results of other builds, also of BuildKit's; or REF alone. type=mounts,ref=REF: what new cache mounts begin with. May be given several times.")
    private final List<String> from = new ArrayList<>();

    @Option(names = "--cache-to", paramLabel = "type=registry,ref=REF[,mode=max]", description = "Where to leave results for other builds, also for BuildKit's; type=inline: in the image. type=mounts,ref=REF[,id=ID;ID]: what cache mounts hold. May be given several times.")
    private final List<String> to = new ArrayList<>();

    /** Adds the fields of a request. */
    void put(ObjectNode request) {
        for (CacheImport place : places("--cache-from", from, CacheWords::toImport)) {
            request.withArray("cacheFrom").add(CacheJson.tree(place));
        }
        for (CacheExport place : places("--cache-to", to, CacheWords::toExport)) {
            request.withArray("cacheTo").add(CacheJson.tree(place));
        }
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
