package dev.kiln.executor.worker;

import dev.kiln.executor.cacheartifact.CacheExporter;
import dev.kiln.executor.exchange.CacheExchange;
import dev.kiln.executor.exporter.BlobUploads;
import dev.kiln.executor.exporter.ImageAssembler;
import dev.kiln.executor.exporter.LayerForms;
import dev.kiln.executor.exporter.RegistryExporter;
import dev.kiln.executor.op.StepTools;
import dev.kiln.executor.op.TakenFiles;
import dev.kiln.executor.remote.RemoteSources;
import dev.kiln.executor.solver.Solver;
import dev.kiln.executor.source.ContextFetcher;
import dev.kiln.executor.source.RegistryBaseImages;
import dev.kiln.executor.source.RegistryBaseLayers;
import dev.kiln.layercache.content.ContentStore;
import dev.kiln.layercache.oci.Platform;
import dev.kiln.layercache.registry.RegistryClient;

/** Pipelines over one executor's parts, which differ in who they are for registries. Safe for many threads. */
final class Pipelines {
    private final Parts parts;
    private final LocalPipeline.Defaults defaults;

    /** What all pipelines share. */
    record Parts(ContextFetcher contexts, SecretOpener secrets, RegistryBaseLayers bases, Solver solver,
            StepTools tools, ContentStore content, RemoteSources remotes, CacheExporter mounts,
            LayerForms forms) {}

    Pipelines(Parts parts, LocalPipeline.Defaults defaults) {
        this.parts = parts;
        this.defaults = defaults;
    }

    /** One whose every request to a registry goes over this client. Holds nothing that has to be closed. */
    BuildPipeline over(RegistryClient registries) {
        RegistryBaseLayers bases = parts.bases.with(registries);
        StepTools tools = parts.tools.with(bases);
        CacheExchange exchange = new CacheExchange(registries, new BlobUploads(registries, bases, bases::origins),
                bases, new TakenFiles(tools), Platform.host());
        LocalPipeline.Stations stations = new LocalPipeline.Stations(parts.contexts, parts.secrets,
                new RegistryBaseImages(registries, parts.content, bases), parts.solver, tools,
                new ImageAssembler(parts.forms.with(bases)), new RegistryExporter(registries, bases, bases::origins),
                exchange);
        return new LocalPipeline(stations, defaults, registries, parts.content, parts.remotes,
                new MountCaches(registries, parts.content, parts.mounts.with(registries)));
    }
}
