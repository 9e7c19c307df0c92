package dev.kiln.cli.plan;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.stream.Stream;

import dev.kiln.dockerfile.DockerfileParser;
import dev.kiln.dockerfile.source.DockerfileException;
import dev.kiln.executor.frontend.ContextSource;
import dev.kiln.executor.frontend.DockerfileFrontend;
import dev.kiln.executor.frontend.FrontendException;
import dev.kiln.executor.frontend.FrontendOptions;
import dev.kiln.executor.graph.BuildGraph;
import dev.kiln.executor.source.RegistryBaseImages;
import dev.kiln.executor.source.RegistryBaseLayers;
import dev.kiln.executor.worker.RequestOptions;
import dev.kiln.layercache.content.DiskContentStore;
import dev.kiln.layercache.registry.RegistryClient;
import dev.kiln.queue.job.BuildRequest;

/** Makes the graph of a build in this process; base images are looked up in registries, and nothing runs. */
public final class Planner {

    /** The Dockerfile gives no graph; the message says why, in the words of a build. */
    public static final class PlanException extends Exception {
        private static final long serialVersionUID = 1L;

        PlanException(String message, Exception cause) {
            super(message, cause);
        }
    }

    private Planner() {}

    /** @param dockerfile its text */
    public static BuildGraph plan(BuildRequest request, byte[] dockerfile, RegistryClient registries)
            throws PlanException, IOException, InterruptedException {
        String name = request.files().dockerfile();
        Path folder = Files.createTempDirectory("kiln-plan-");
        try (DiskContentStore content = DiskContentStore.open(folder)) {
            DockerfileFrontend frontend = new DockerfileFrontend(new RegistryBaseImages(registries, content,
                    new RegistryBaseLayers(registries, content)), new NoRemotes());
            ContextSource files = frontend.lookUp(RequestOptions.spec(request.files().context()),
                    request.options().buildArgs());
            FrontendOptions options = RequestOptions.of(request, files,
                    EnumSet.allOf(FrontendOptions.Entitlement.class));
            return frontend.translate(DockerfileParser.parse(dockerfile), options).graph();
        } catch (DockerfileException e) {
            throw new PlanException(e.describe(name), e);
        } catch (FrontendException e) {
            throw new PlanException(e.describe(name), e);
        } finally {
            delete(folder);
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
