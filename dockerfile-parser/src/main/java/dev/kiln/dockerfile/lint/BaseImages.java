package dev.kiln.dockerfile.lint;

import java.util.Optional;

/** Looks base images up, for the rules that depend on what is in them. */
@FunctionalInterface
public interface BaseImages {

    /** Nothing is known of any image. */
    BaseImages UNKNOWN = (image, platform) -> Optional.empty();

    /**
     * @param image as in FROM, with variables expanded
     * @param platform of the FROM's flag, likewise; empty if there is none
     * @return empty if the image is not known; then nothing is reported that it could disprove
     */
    Optional<BaseImage> find(String image, Optional<String> platform);
}
