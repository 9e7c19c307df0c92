package dev.kiln.executor.cachemount;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.DatabindException;

import dev.kiln.layercache.durable.Findings;
import dev.kiln.layercache.posix.Posix;
import dev.kiln.layercache.posix.RawPath;

/** Looks at every cache of a folder that nobody uses. What steps wrote into them is nobody's business. */
public final class CacheMountCheck {

    private CacheMountCheck() {}

    public static void run(Path root, Findings findings) throws IOException {
        Path kept = root.resolve("kept");
        if (!Files.isDirectory(kept)) {
            return;
        }
        try (DirectoryStream<Path> caches = Files.newDirectoryStream(kept)) {
            for (Path cache : caches) {
                String problem = problem(cache);
                if (!problem.isEmpty()) {
                    findings.damaged(cache, problem, () -> Posix.deleteTree(RawPath.of(cache)));
                }
            }
        }
    }

    private static String problem(Path cache) throws IOException {
        if (!Files.isDirectory(cache.resolve("fs"))) {
            return "the cache has no files in it";
        }
        try {
            CacheFiles.About _ = CacheFiles.about(cache.resolve(CacheFiles.ABOUT));
            return "";
        } catch (NoSuchFileException e) {
            return "the cache has lost its state file";
        } catch (DatabindException e) {
            return "the state file lacks something: " + e.getOriginalMessage();
        } catch (JacksonException e) {
            return "the state file is not what was written: " + e.getOriginalMessage();
        }
    }
}
