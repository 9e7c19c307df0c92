package dev.kiln.executor.frontend;

import org.jspecify.annotations.Nullable;

import dev.kiln.layercache.oci.ImageConfig;
import dev.kiln.layercache.oci.ImageReference;
import dev.kiln.layercache.oci.Platform;

/** Looks base images up: all that the frontend needs to know of the world. */
public interface BaseImages {

    /**
     * Finds the image's manifest and configuration for the platform, without fetching its layers. An image that is only for
     * another platform is taken as it is.
     *
     * @throws BaseImageException saying which registry was asked and what it answered
     */
    BaseImage resolve(ImageReference reference, Platform platform) throws BaseImageException, InterruptedException;

    /** @param reference with the digest of the manifest of this platform */
    record BaseImage(ImageReference reference, ImageConfig config) {}

    /** The image could not be had. */
    final class BaseImageException extends Exception {
        private final boolean retryable;

        public BaseImageException(String message, boolean retryable, @Nullable Throwable cause) {
            super(message, cause);
            this.retryable = retryable;
        }

        public boolean retryable() {
            return retryable;
        }
    }
}
