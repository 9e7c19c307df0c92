package dev.kiln.executor.exporter;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutionException;

import dev.kiln.executor.exporter.ExportException.Code;
import dev.kiln.executor.solver.Result;
import dev.kiln.layercache.index.CacheEntry.CachedLayer;
import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.ImageConfig;
import dev.kiln.layercache.oci.ImageConfig.History;

/** Puts an image together: the settings of a build and the layers of its result. */
public final class ImageAssembler {

    /**
     * Waits until every layer is packed, then makes config and manifest.
     *
     * @param image settings and history as {@code BuildGraph} holds them: one line that is not empty per layer of the
     *        result
     * @throws ExportException when a layer could not be packed
     */
    public AssembledImage assemble(ImageConfig image, Result result) throws ExportException, InterruptedException {
        List<CachedLayer> layers = new ArrayList<>(result.layers().size());
        for (Result.Layer layer : result.layers()) {
            layers.add(packed(layer));
        }
        List<History> history = history(image.history(), layers);
        List<Digest> diffIds = layers.stream().map(CachedLayer::diffId).toList();
        Optional<Instant> created = image.created().or(() -> lastTime(history));
        ImageConfig complete = new ImageConfig(image.platform(), created, image.author(), image.config(), diffIds,
                history);
        List<Descriptor> descriptors = layers.stream().map(layer -> LayerTypes.toOci(layer.blob())).toList();
        return AssembledImage.of(complete, descriptors);
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
