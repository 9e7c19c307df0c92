package dev.kiln.api.builds;

import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import dev.kiln.api.http.ProblemException;
import dev.kiln.dockerfile.Dockerfile;
import dev.kiln.dockerfile.DockerfileParser;
import dev.kiln.dockerfile.source.DockerfileException;
import dev.kiln.dockerfile.source.SourceRange;
import dev.kiln.dockerfile.source.Suggestion;
import dev.kiln.dockerfile.stage.Stage;
import dev.kiln.layercache.content.BlobReader;
import dev.kiln.layercache.context.ContextLayout;
import dev.kiln.layercache.context.LayoutFiles;
import dev.kiln.layercache.layer.ContextArchive;
import dev.kiln.layercache.layer.ContextSummary;
import dev.kiln.layercache.layer.ExtractLimits;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.queue.job.BuildFiles;
import dev.kiln.queue.job.BuildRequest;
import dev.kiln.queue.job.ContextRef;

/**
 * Reads the Dockerfile of a build before the build is accepted, so that a mistake is told at once. The files read last
 * are remembered, because the same context is often built again, and a context is read from its start to its end to find
 * one file. Safe for many threads.
 */
final class DockerfileCheck {
    /** More than the parser takes. */
    static final int MAX_BYTES = 4 << 20;
    private static final int REMEMBERED_BYTES = 8 << 20;

    private record Place(Digest context, String path) {}

    private final BlobReader content;
    private final ContextArchive archive;
    private final Map<Place, byte[]> remembered = new LinkedHashMap<>(16, 0.75f, true);
    private long rememberedBytes;

    DockerfileCheck(BlobReader content, ContextArchive archive) {
        this.content = content;
        this.archive = archive;
    }

    /** Keeps a file of a context that was just read. */
    void remember(Digest context, String path, ContextSummary summary) {
        byte[] file = summary.files().get(path);
        if (file != null) {
            remember(new Place(context, path), file);
        }
    }

    private synchronized void remember(Place place, byte[] file) {
        byte[] before = remembered.put(place, file);
        rememberedBytes += weight(file) - (before == null ? 0 : weight(before));
        var oldest = remembered.values().iterator();
        while (rememberedBytes > REMEMBERED_BYTES && oldest.hasNext()) {
            rememberedBytes -= weight(oldest.next());
            oldest.remove();
        }
    }

    private static long weight(byte[] file) {
        return file.length + 500L;
    }

    private synchronized Optional<byte[]> recall(Place place) {
        return Optional.ofNullable(remembered.get(place));
    }

    /** Refuses a Dockerfile that cannot be built; one that is not in the farm is not looked at. */
    void check(BuildRequest request) throws IOException, InterruptedException {
        Optional<byte[]> text = read(request.files());
        if (text.isEmpty()) {
            return;
        }
        Dockerfile dockerfile;
        try {
            dockerfile = DockerfileParser.parse(text.get());
        } catch (DockerfileException e) {
            throw problem(request.files().dockerfile(), e);
        }
        if (request.options().target().isPresent()) {
            checkTarget(request.files().dockerfile(), request.options().target().get(), dockerfile);
        }
    }

    private Optional<byte[]> read(BuildFiles files) throws IOException, InterruptedException {
        ContextRef holder = files.dockerfileFrom().isPresent() ? files.dockerfileFrom().get() : files.context();
        if (!(holder instanceof ContextRef.Uploaded(Digest digest, long _))) {
            return Optional.empty();
        }
        Place place = new Place(digest, files.dockerfile());
        Optional<byte[]> known = recall(place);
        return known.isPresent() ? known : Optional.of(read(place));
    }

    private byte[] read(Place place) throws IOException, InterruptedException {
        byte[] file = find(place)
            .orElseThrow(() -> new ProblemException(BuildProblem.DOCKERFILE, "the context has no file " + place.path
                    + "; name the Dockerfile by its path in the context")
                .with("file", place.path));
        remember(place, file);
        return file;
    }

    private Optional<byte[]> find(Place place) throws IOException, InterruptedException {
        byte[] blob;
        try (InputStream in = content.open(place.context)) {
            if (ContextLayout.packsOf(in).isEmpty()) {
                return archive.readFile(() -> content.open(place.context), place.path, MAX_BYTES);
            }
        }
        try (InputStream in = content.open(place.context)) {
            blob = in.readAllBytes();
        }
        return new LayoutFiles(ContextLayout.read(blob, ExtractLimits.CONTEXT), content).read(place.path, MAX_BYTES);
    }

    private static void checkTarget(String file, String target, Dockerfile dockerfile) {
        boolean number = target.matches("[0-9]{1,9}") && Integer.parseInt(target) < dockerfile.stages().size();
        boolean name = dockerfile.stages()
            .stream()
            .anyMatch(stage -> stage.name().filter(target::equalsIgnoreCase).isPresent());
        if (!number && !name) {
            List<String> stages = dockerfile.stages().stream().map(Stage::displayName).toList();
            String message = Suggestion.append("target stage \"" + target + "\" could not be found", target, stages);
            throw new ProblemException(BuildProblem.DOCKERFILE,
                    message + "; the stages are " + String.join(", ", stages))
                .with("file", file);
        }
    }

    private static ProblemException problem(String file, DockerfileException e) {
        ProblemException problem = new ProblemException(BuildProblem.DOCKERFILE, e.message(), e).with("file", file);
        if (!e.ranges().isEmpty()) {
            SourceRange range = e.ranges().getFirst();
            problem.with("line", range.startLine())
                .with("column", range.startColumn())
                .with("endLine", range.endLine());
        }
        return e.offendingText().isEmpty() ? problem : problem.with("source", e.offendingText());
    }
}
