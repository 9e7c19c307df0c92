package dev.kiln.executor.source;

import java.io.IOException;
import java.util.List;
import java.util.stream.Collectors;

import dev.kiln.executor.frontend.BaseImages;
import dev.kiln.layercache.content.ContentException;
import dev.kiln.layercache.content.ContentStore;
import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.ImageIndex;
import dev.kiln.layercache.oci.ImageReference;
import dev.kiln.layercache.oci.OciException;
import dev.kiln.layercache.oci.Platform;
import dev.kiln.layercache.oci.RawManifest;
import dev.kiln.layercache.registry.RegistryClient;
import dev.kiln.layercache.registry.RegistryException;

/** Base images from registries. Safe for many threads. */
public final class RegistryBaseImages implements BaseImages {
    private final ImageDocuments documents;
    private final RegistryBaseLayers layers;

    /**
     * @param content keeps manifests and configurations by digest, so that an image named by its digest needs no registry
     *        once it was seen
     * @param layers is told where the layers of resolved images are
     */
    public RegistryBaseImages(RegistryClient registries, ContentStore content, RegistryBaseLayers layers) {
        this.documents = new ImageDocuments(registries, content);
        this.layers = layers;
    }

    @Override
    public BaseImage resolve(ImageReference reference, Platform platform)
            throws BaseImageException, InterruptedException {
        try {
            return lookUp(reference, platform);
        } catch (RegistryException e) {
            String missing = e.code() == RegistryException.Code.NOT_FOUND ? reference + ": not found: " : "";
            throw new BaseImageException(missing + e.getMessage(), e.retryable(), e);
        } catch (ContentException e) {
            throw new BaseImageException("keeping " + reference + " failed: " + e.getMessage(), e.retryable(), e);
        } catch (OciException e) {
            throw new BaseImageException(reference + " is no image that can be built on: " + e.getMessage(), false, e);
        } catch (IOException e) {
            throw new BaseImageException("looking up " + reference + " failed: " + e.getMessage(), true, e);
        }
    }

    private BaseImage lookUp(ImageReference reference, Platform platform)
            throws IOException, InterruptedException, BaseImageException {
        RawManifest raw = documents.named(reference);
        if (raw.parse() instanceof ImageIndex index) {
            Descriptor chosen = index.select(platform)
                .orElseThrow(() -> wrongPlatform(reference, platform, index.platforms()));
            layers.learnIndex(chosen.digest(), raw.digest());
            raw = documents.named(reference.withDigest(chosen.digest()));
        }
        ImageReference pinned = reference.withDigest(raw.digest());
        ImageDocuments.Image image = documents.image(pinned, raw);
        layers.learn(pinned, image.manifest().layers());
        return new BaseImage(pinned, image.config());
    }

    private static BaseImageException wrongPlatform(ImageReference reference, Platform wanted, List<Platform> there) {
        String has = there.isEmpty()
                ? "it names no platform at all"
                : "it is for " + there.stream().map(Platform::toString).collect(Collectors.joining(", "));
        return new BaseImageException(reference + " has no image for " + wanted + ": " + has, false, null);
    }
}
