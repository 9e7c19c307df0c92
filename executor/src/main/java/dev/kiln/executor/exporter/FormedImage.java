package dev.kiln.executor.exporter;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import dev.kiln.executor.exporter.ExportException.Code;
import dev.kiln.executor.exporter.LayerForms.Extent;
import dev.kiln.executor.exporter.LayerForms.Times;
import dev.kiln.executor.logging.LogFields;
import dev.kiln.layercache.index.CacheEntry.CachedLayer;
import dev.kiln.layercache.layer.Compression;
import dev.kiln.layercache.oci.ImageConfig;
import dev.kiln.layercache.oci.ImageConfig.History;
import dev.kiln.layercache.oci.MediaTypes;
import dev.kiln.queue.job.ImageForm;
import dev.kiln.queue.job.LayerCompression;

/**
 * Gives an image the layers that a form asks for: squashed, with no late times, compressed otherwise. Layers are made side
 * by side, by threads of their own, for hashing and unpacking would hold up virtual ones.
 */
final class FormedImage {
    private final LayerForms forms;
    private final BuiltImage built;

    FormedImage(LayerForms forms, BuiltImage built) {
        this.forms = forms;
        this.built = built;
    }

    /** @throws ExportException when a layer cannot be read, or is not what its image says */
    BuiltImage of(ImageForm form) throws ExportException, InterruptedException {
        List<CachedLayer> base = built.layers().subList(0, built.baseLayers());
        List<CachedLayer> own = built.layers().subList(built.baseLayers(), built.layers().size());
        boolean squash = form.squash() && own.size() > 1;
        List<Callable<CachedLayer>> work = new ArrayList<>();
        base.forEach(layer -> work.add(() -> form.forceCompression() ? compressed(layer, form) : layer));
        if (squash) {
            work.add(() -> forms.merged(own, base.isEmpty() ? Extent.WHOLE : Extent.PART, times(form),
                    compression(form)));
        } else if (form.rewriteTimestamp()) {
            own.forEach(
                    layer -> work.add(() -> forms.merged(List.of(layer), Extent.PART, times(form), compression(form))));
        } else {
            own.forEach(layer -> work.add(() -> compressed(layer, form)));
        }
        return with(run(work), squash ? squashed() : built.image().history());
    }

    /**
     * All files as one layer, for clients to unpack; with an epoch, that is the time of each. It is read once and soon, so
     * compressing it would take longer than it saves.
     */
    BuiltImage files() throws ExportException, InterruptedException {
        Times times = built.epoch().<Times>map(Times.All::new).orElse(new Times.Kept());
        List<CachedLayer> one = run(List.of(() -> forms.merged(built.layers(), Extent.FILES, times, Compression.NONE)));
        History line = new History(built.image().created(), "all files of the image", Optional.empty(), false);
        return new BuiltImage(image(one, List.of(line)), one, 0, built.epoch(), built.further());
    }

    private BuiltImage with(List<CachedLayer> layers, List<History> history) {
        return new BuiltImage(image(layers, history), layers, built.baseLayers(), built.epoch(), built.further());
    }

    private ImageConfig image(List<CachedLayer> layers, List<History> history) {
        ImageConfig image = built.image();
        return new ImageConfig(image.platform(), image.created(), image.author(), image.config(),
                layers.stream().map(CachedLayer::diffId).toList(), history);
    }

    /** Lines of new layers stay and have none; the layer that took their place has a line of its own. */
    private List<History> squashed() {
        List<History> lines = new ArrayList<>();
        int layers = 0;
        for (History line : built.image().history()) {
            layers += line.emptyLayer() ? 0 : 1;
            lines.add(layers <= built.baseLayers()
                    ? line
                    : new History(line.created(), line.createdBy(), line.comment(), true, line.author()));
        }
        Optional<Instant> last = built.image().history().getLast().created();
        lines.add(new History(last, "squash " + (layers - built.baseLayers()) + " layers", Optional.of("kiln"), false));
        return lines;
    }

    private Times times(ImageForm form) {
        return form.rewriteTimestamp()
                ? built.epoch().<Times>map(Times.NotAfter::new).orElseThrow()
                : new Times.Kept();
    }

    /** A layer that has the right compression stays, unless a level is asked for: which one it has nobody knows. */
    private CachedLayer compressed(CachedLayer layer, ImageForm form) throws IOException, InterruptedException {
        if (form.compression().isEmpty()) {
            return layer;
        }
        Compression wanted = compression(form);
        String type = LayerTypes.toOci(layer.blob()).mediaType();
        boolean right = type.equals(wanted.mediaType()) && form.compression().get().level().isEmpty();
        boolean known = type.equals(MediaTypes.OCI_LAYER) || type.equals(MediaTypes.OCI_LAYER_GZIP)
                || type.equals(MediaTypes.OCI_LAYER_ZSTD);
        return right || !known ? layer : forms.repacked(layer, wanted);
    }

    private static Compression compression(ImageForm form) {
        if (form.compression().isEmpty()) {
            return Compression.GZIP;
        }
        LayerCompression wanted = form.compression().get();
        OptionalInt level = wanted.level();
        return switch (wanted.kind()) {
            case UNCOMPRESSED -> Compression.NONE;
            case GZIP -> level.isPresent() ? new Compression.Gzip(level.getAsInt()) : Compression.GZIP;
            case ZSTD -> level.isPresent() ? new Compression.Zstd(level.getAsInt()) : Compression.ZSTD;
        };
    }

    private static List<CachedLayer> run(List<Callable<CachedLayer>> work)
            throws ExportException, InterruptedException {
        List<CachedLayer> layers = new ArrayList<>();
        try (ExecutorService threads = Executors
            .newThreadPerTaskExecutor(Thread.ofPlatform().daemon().name("layer-form-", 0).factory())) {
            try {
                List<Future<CachedLayer>> running = new ArrayList<>();
                work.forEach(each -> running.add(threads.submit(LogFields.carryCall(each))));
                for (Future<CachedLayer> each : running) {
                    layers.add(await(each));
                }
            } finally {
                threads.shutdownNow();
            }
        }
        return layers;
    }

    private static CachedLayer await(Future<CachedLayer> layer) throws ExportException, InterruptedException {
        try {
            return layer.get();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case IOException io -> throw new ExportException(Code.LAYER,
                        "making a layer of the form that an output wants failed: " + io.getMessage(), true, io);
                case InterruptedException interrupted -> throw interrupted;
                case null, default -> throw new IllegalStateException("making a layer failed", e.getCause());
            }
        }
    }
}
