package dev.kiln.executor.exporter;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutionException;

import dev.kiln.executor.exporter.ExportException.Code;
import dev.kiln.executor.graph.BuildGraph;
import dev.kiln.executor.solver.Result;
import dev.kiln.layercache.index.CacheEntry.CachedLayer;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.ImageConfig;
import dev.kiln.layercache.oci.ImageConfig.History;
import dev.kiln.queue.job.ImageForm;
import dev.kiln.queue.job.Output;

/** Puts images together: the settings of a build and the layers of its result. */
public final class ImageAssembler {
    private final LayerForms forms;

    public ImageAssembler(LayerForms forms) {
        this.forms = forms;
    }

    /**
     * Waits until every layer is packed.
     *
     * @param target whose settings and history have one line that is not empty per layer of the result
     * @throws ExportException when a layer could not be packed
     */
    public BuiltImage complete(BuildGraph.Target target, Result result) throws ExportException, InterruptedException {
        ImageConfig image = target.image();
        List<CachedLayer> layers = new ArrayList<>(result.layers().size());
        for (Result.Layer layer : result.layers()) {
            layers.add(packed(layer));
        }
        List<History> history = history(image.history(), layers);
        List<Digest> diffIds = layers.stream().map(CachedLayer::diffId).toList();
        Optional<Instant> created = image.created().or(() -> lastTime(history));
        ImageConfig complete = new ImageConfig(image.platform(), created, image.author(), image.config(), diffIds,
                history);
        return new BuiltImage(complete, layers, image.layers().size(), target.epoch(), Map.of());
    }

    /** Makes layers, config and manifest of each image as the output wants them, and an index of several. */
    public AssembledImages assemble(BuiltImages built, Output output) throws ExportException, InterruptedException {
        ImageForm form = output instanceof Output.Image image ? image.form() : ImageForm.USUAL;
        List<AssembledImage> images = new ArrayList<>(built.images().size());
        for (BuiltImage each : built.images()) {
            FormedImage formed = new FormedImage(forms, each);
            images.add(AssembledImage.of(switch (output) {
                case Output.Image _ -> formed.of(form);
                case Output.Files() -> formed.files();
            }, form));
        }
        return AssembledImages.of(images, form);
    }

    private static CachedLayer packed(Result.Layer layer) throws ExportException, InterruptedException {
        try {
            return layer.packed().get();
        } catch (ExecutionException e) {
            Throwable cause = Objects.requireNonNullElse(e.getCause(), e);
            throw new ExportException(Code.LAYER, "packing a layer of the result failed: " + cause.getMessage(), false,
                    cause);
        }
    }

    private static List<History> history(List<History> history, List<CachedLayer> layers) {
        long lines = history.stream().filter(line -> !line.emptyLayer()).count();
        if (lines != layers.size()) {
            throw new IllegalStateException(
                    "the history has " + lines + " lines with a layer, the result " + layers.size() + " layers");
        }
        return HistoryTimes.fill(history, layers.stream().map(CachedLayer::created).toList());
    }

    private static Optional<Instant> lastTime(List<History> history) {
        return history.stream().flatMap(line -> line.created().stream()).reduce((first, last) -> last);
    }
}
