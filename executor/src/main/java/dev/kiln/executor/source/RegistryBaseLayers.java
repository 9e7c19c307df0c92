package dev.kiln.executor.source;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;

import dev.kiln.executor.exchange.CacheExchange;
import dev.kiln.executor.op.BaseLayers;
import dev.kiln.executor.op.LayerGone;
import dev.kiln.layercache.content.BlobReader;
import dev.kiln.layercache.content.ContentException;
import dev.kiln.layercache.content.ContentStore;
import dev.kiln.layercache.index.CacheEntry.CachedLayer;
import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.ImageReference;
import dev.kiln.layercache.oci.OciException;
import dev.kiln.layercache.registry.RegistryClient;
import dev.kiln.layercache.registry.RegistryException;

/**
 * Layers of base images, brought into the content store when somebody needs them, once however many ask. As a reader it
 * shows the local blobs together with those that it can bring in: opening one of the latter does.
 */
public final class RegistryBaseLayers implements BaseLayers, BlobReader, CacheExchange.Origins {
    private final RegistryClient registries;
    /** With the executor's own credentials, whoever asks. */
    private final RegistryClient own;
    private final ContentStore content;
    private final Optional<FarmBlobs> farm;
    private final ImageDocuments documents;
    private final Origins origins;
    private final ConcurrentHashMap<Digest, Fetch> running;

    /** @param by whose credentials it happens with */
    private record Fetch(RegistryClient by, CompletableFuture<Optional<IOException>> outcome) {}

    public RegistryBaseLayers(RegistryClient registries, ContentStore content) {
        this(registries, content, Optional.empty());
    }

    /** @param farm where layers are before they are fetched from elsewhere, and where they are left then */
    public RegistryBaseLayers(RegistryClient registries, ContentStore content, Optional<FarmBlobs> farm) {
        this(registries, registries, content, farm, new Origins(InstantSource.system()), new ConcurrentHashMap<>());
    }

    private RegistryBaseLayers(RegistryClient registries, RegistryClient own, ContentStore content,
            Optional<FarmBlobs> farm, Origins origins, ConcurrentHashMap<Digest, Fetch> running) {
        this.registries = registries;
        this.own = own;
        this.content = content;
        this.farm = farm;
        this.documents = new ImageDocuments(registries, content);
        this.origins = origins;
        this.running = running;
    }

    /**
     * The same for who has credentials of his own. What is known of where blobs are is shared; each fetches with what he
     * has. A layer that is under way for one comes for all who wait for it, but that it cannot be had is true for the one.
     */
    public RegistryBaseLayers with(RegistryClient others) {
        return new RegistryBaseLayers(others, own, content, farm, origins, running);
    }

    /** Says that the repository has these blobs. */
    @Override
    public void learn(ImageReference image, List<Descriptor> layers) {
        origins.learn(layers, image);
    }

    /**
     * Says that the farm has these layers of steps. One that it then cannot give counts as gone for a while, and whoever
     * wanted it is told so by {@link LayerGone}.
     */
    public void learnPromised(List<Descriptor> layers) {
        origins.learn(layers, Origins.PROMISED);
    }

    void learnIndex(Digest manifest, Digest index) {
        origins.learnIndex(manifest, index);
    }

    /** The index that an image of several platforms was chosen from when it was last looked up. */
    @Override
    public Optional<Digest> indexOf(Digest manifest) {
        return origins.indexOf(manifest);
    }

    /** Repositories that are known to have the blob, the surest first; they can be mounted from. */
    public List<ImageReference> origins(Digest blob) {
        return origins.of(blob);
    }

    @Override
    public List<CachedLayer> layersOf(ImageReference reference) throws IOException, InterruptedException {
        if (reference.digest().isEmpty()) {
            throw new IllegalArgumentException(reference + " has no digest");
        }
        try {
            ImageDocuments.Image image = documents.image(reference, documents.named(reference));
            learn(reference, image.manifest().layers());
            List<CachedLayer> layers = new ArrayList<>(image.diffIds().size());
            for (int i = 0; i < image.diffIds().size(); i++) {
                layers.add(new CachedLayer(image.diffIds().get(i), image.manifest().layers().get(i), 0,
                        Optional.empty(), Optional.empty()));
            }
            return layers;
        } catch (OciException e) {
            throw new IOException(reference + " is no image that can be built on: " + e.getMessage(), e);
        }
    }

    @Override
    public boolean canPull(Descriptor blob) {
        return !origins.of(blob.digest()).isEmpty();
    }

    @Override
    public void pull(Descriptor blob) throws IOException, InterruptedException {
        while (content.size(blob.digest()).isEmpty()) {
            Fetch mine = new Fetch(registries, new CompletableFuture<>());
            Fetch other = running.putIfAbsent(blob.digest(), mine);
            if (other == null) {
                lead(blob, mine);
            } else {
                follow(other);
            }
        }
    }

    /** Fetches for all who wait; when this thread is interrupted, one of them takes over. */
    private void lead(Descriptor blob, Fetch mine)
            throws IOException, InterruptedException {
        Optional<IOException> failure = Optional.empty();
        try {
            fetch(blob);
        } catch (InterruptedIOException e) {
            throw e;
        } catch (IOException e) {
            failure = Optional.of(e);
            throw e;
        } finally {
            running.remove(blob.digest(), mine);
            mine.outcome.complete(failure);
        }
    }

    /** Returns also when another one failed with other credentials. */
    private void follow(Fetch other) throws IOException, InterruptedException {
        try {
            Optional<IOException> failure = other.outcome.get();
            if (failure.isPresent() && other.by.equals(registries)) {
                throw new IOException(failure.get().getMessage(), failure.get());
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException("an outcome is never completed with a failure", e);
        }
    }

    private void fetch(Descriptor blob) throws IOException, InterruptedException {
        List<ImageReference> known = origins.of(blob.digest());
        boolean far = known.stream().allMatch(repository -> repository.registry().isPresent());
        if (far && farm.isPresent() && farm.get().bring(blob)) {
            return;
        }
        Optional<IOException> failure = Optional.empty();
        for (ImageReference repository : known) {
            try {
                if (repository.equals(Origins.PROMISED)) {
                    pullPromised(blob);
                    return;
                }
                registries.repository(repository).pull(blob, content);
                if (far) {
                    farm.ifPresent(shared -> shared.offer(blob));
                }
                return;
            } catch (InterruptedIOException e) {
                throw e;
            } catch (IOException e) {
                failure.ifPresent(e::addSuppressed);
                failure = Optional.of(e);
            }
        }
        if (failure.isEmpty() && origins.wasPromised(blob.digest())) {
            throw new LayerGone("the farm's registry did not give the layer " + blob.digest()
                    + " of an earlier step a moment ago");
        }
        throw failure.orElseGet(() -> new ContentException(ContentException.Code.NOT_FOUND, "the layer " + blob.digest()
                + " is not here, and no registry is known that has it"));
    }

    private void pullPromised(Descriptor blob) throws IOException, InterruptedException {
        try {
            own.repository(Origins.PROMISED).pull(blob, content);
        } catch (RegistryException | ContentException e) {
            if (!isOfTheFarm(e)) {
                throw e;
            }
            origins.lose(blob.digest());
            if (e instanceof RegistryException failed && failed.retryable()) {
                origins.loseAll();
            }
            throw new LayerGone("the farm's registry does not give the layer " + blob.digest() + " of an earlier step: "
                    + e.getMessage(), e);
        }
    }

    /** A full disk here is another matter. */
    private static boolean isOfTheFarm(IOException failure) {
        return !(failure instanceof ContentException content) || switch (content.code()) {
            case NOT_FOUND, DIGEST_MISMATCH, SIZE_MISMATCH, TOO_LARGE -> true;
            case NO_SPACE, INVALID, UNAVAILABLE -> false;
        };
    }

    @Override
    public OptionalLong size(Digest digest) throws IOException {
        OptionalLong here = content.size(digest);
        return here.isPresent()
                ? here
                : origins.blob(digest).map(blob -> OptionalLong.of(blob.size())).orElseGet(OptionalLong::empty);
    }

    @Override
    public InputStream open(Digest digest, long offset) throws IOException {
        if (content.size(digest).isEmpty()) {
            Descriptor blob = origins.blob(digest)
                .orElseThrow(() -> new ContentException(ContentException.Code.NOT_FOUND,
                        "the blob " + digest + " is not here, and no registry is known that has it"));
            try {
                pull(blob);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("interrupted while pulling " + digest);
            }
        }
        return content.open(digest, offset);
    }
}
