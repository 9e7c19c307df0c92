package dev.kiln.executor.frontend;

import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

import dev.kiln.layercache.oci.ImageConfig;
import dev.kiln.layercache.oci.ImageConfig.RunConfig;
import dev.kiln.layercache.oci.Platform;

/** What {@code FROM scratch} starts with: no files, a search path and the root as the working directory. */
final class ScratchImage {
    static final String PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private ScratchImage() {}

    static ImageConfig config(Platform platform) {
        RunConfig run = new RunConfig("", List.of("PATH=" + PATH), Optional.empty(), Optional.empty(), "/",
                new TreeMap<>(), List.of(), List.of(), Optional.empty(), List.of(), List.of(), Optional.empty(), false,
                RunConfig.EMPTY.raw());
        return new ImageConfig(platform, Optional.empty(), Optional.empty(), run, List.of(), List.of());
    }
}
