package dev.kiln.executor.worker;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

import dev.kiln.executor.cacheartifact.CacheExporter;
import dev.kiln.executor.cacheartifact.WarmCaches;
import dev.kiln.executor.graph.BuildGraph;
import dev.kiln.executor.graph.OpSpec;
import dev.kiln.executor.graph.StepMount;
import dev.kiln.executor.graph.Vertex;
import dev.kiln.executor.op.CacheBeginnings;
import dev.kiln.layercache.content.ContentStore;
import dev.kiln.layercache.oci.ImageReference;
import dev.kiln.layercache.registry.RegistryClient;
import dev.kiln.queue.event.BuildEvent;
import dev.kiln.queue.event.Notice;
import dev.kiln.queue.job.BuildRequest;
import dev.kiln.queue.job.CacheExport;
import dev.kiln.queue.job.CacheImport;

/** What the cache mounts of builds take from registries, and what they leave there. Safe for many threads. */
record MountCaches(RegistryClient registries, ContentStore content, CacheExporter exporter) {
    private static final String NAMESPACE = "BUILDKIT_CACHE_MOUNT_NS";

    /** What the new caches of the build begin with. */
    CacheBeginnings beginnings(BuildRequest request, AttemptReporter reporter) {
        List<ImageReference> from = new ArrayList<>();
        for (CacheImport place : request.options().cache().from()) {
            if (place instanceof CacheImport.Mounts mounts) {
                from.add(mounts.reference());
            }
        }
        return from.isEmpty()
                ? CacheBeginnings.NONE
                : new WarmCaches(registries, content, from, line -> reporter.notice(Notice.of(line)))::beginning;
    }

    /** Artifacts whose bytes are where they go, without names. */
    interface Uploaded {
        /** Gives them their names. */
        void publish() throws BuildFailed, InterruptedException;
    }

    /** Packs and pushes what the build wants exported, when its steps are done. */
    Uploaded upload(BuildRequest request, BuildGraph graph, AttemptReporter reporter)
            throws BuildFailed, InterruptedException {
        List<Uploaded> all = new ArrayList<>();
        for (CacheExport place : request.options().cache().to()) {
            if (place instanceof CacheExport.Mounts mounts) {
                upload(mounts, ids(mounts, request, graph), reporter).ifPresent(all::add);
            }
        }
        return () -> {
            for (Uploaded one : all) {
                one.publish();
            }
        };
    }

    private Optional<Uploaded> upload(CacheExport.Mounts to, Set<String> ids, AttemptReporter reporter)
            throws BuildFailed, InterruptedException {
        Optional<CacheExporter.Uploaded> uploaded = tolerating(to, reporter,
                () -> exporter.upload(to.reference(), ids, line -> reporter.notice(Notice.of(line))));
        return uploaded.map(there -> () -> {
            Optional<Boolean> _ = tolerating(to, reporter, () -> {
                there.publish();
                return true;
            });
        });
    }

    private interface Try<T> {
        T run() throws IOException, InterruptedException;
    }

    /** Empty after a failure that the build is to survive. */
    private static <T> Optional<T> tolerating(CacheExport.Mounts to, AttemptReporter reporter, Try<T> attempt)
            throws BuildFailed, InterruptedException {
        try {
            return Optional.of(attempt.run());
        } catch (InterruptedIOException e) {
            throw (InterruptedException) new InterruptedException(e.getMessage()).initCause(e);
        } catch (IOException e) {
            String message = "exporting cache mounts to " + to.reference() + " failed: " + e.getMessage();
            if (!to.ignoreError()) {
                throw new BuildFailed(BuildEvent.Reason.PUSH, message, e);
            }
            reporter.notice(Notice.of(message));
            return Optional.empty();
        }
    }

    private static Set<String> ids(CacheExport.Mounts mounts, BuildRequest request, BuildGraph graph) {
        Set<String> ids = new LinkedHashSet<>();
        String namespace = request.options().buildArgs().getOrDefault(NAMESPACE, "");
        mounts.ids().forEach(id -> ids.add(namespace + "/" + id));
        if (mounts.ids().isEmpty()) {
            for (Vertex vertex : graph.vertices()) {
                if (vertex.op() instanceof OpSpec.Run run) {
                    run.mounts().forEach(mount -> addId(mount, ids));
                }
            }
        }
        return ids;
    }

    private static void addId(StepMount mount, Set<String> ids) {
        if (mount instanceof StepMount.Cache cache) {
            ids.add(cache.id());
        }
    }
}
