package dev.kiln.executor.cachemount;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import dev.kiln.executor.mount.Mount;
import dev.kiln.executor.mount.Mounter;
import dev.kiln.executor.mount.Mounter.Mounted;
import dev.kiln.layercache.posix.Posix;
import dev.kiln.layercache.posix.RawPath;

/**
 * A cache as one step sees it whose writes count only if it ends well: an overlay over the cache. For one thread.
 *
 * @param name of the cache
 * @param directory holds what is written
 */
record ScratchView(String name, Path directory, Mounted mounted) {

    /** @param directory does not exist yet; it stays when this fails, for the next start to remove */
    static ScratchView open(String name, Path cache, Path directory, Path place, Mounter mounter) throws IOException {
        Path upper = Files.createDirectories(directory.resolve("upper"));
        Path work = Files.createDirectory(directory.resolve("work"));
        RawPath below = RawPath.of(cache);
        CacheMerge.copyAttributes(below, Posix.lstat(below), RawPath.of(upper));
        Files.createDirectory(place);
        return new ScratchView(name, directory,
                mounter.mount(new Mount.Overlay(List.of(cache), upper, work), place));
    }

    Path root() {
        return mounted.target();
    }

    /** Ends the view; what was written stays in {@link #directory}. */
    void unmount() throws IOException {
        mounted.close();
        Files.deleteIfExists(mounted.target());
    }
}
