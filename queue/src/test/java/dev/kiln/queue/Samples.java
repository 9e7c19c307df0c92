package dev.kiln.queue;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.ImageReference;
import dev.kiln.layercache.oci.MediaTypes;
import dev.kiln.layercache.oci.Platform;
import dev.kiln.queue.BuildRecords.BuildRecord;
import dev.kiln.queue.event.BuildEvent;
import dev.kiln.queue.job.BuildFiles;
import dev.kiln.queue.job.BuildId;
import dev.kiln.queue.job.BuildOptions;
import dev.kiln.queue.job.BuildOutput;
import dev.kiln.queue.job.BuildRequest;
import dev.kiln.queue.job.CacheExport;
import dev.kiln.queue.job.CacheImport;
import dev.kiln.queue.job.CacheOptions;
import dev.kiln.queue.job.ContextRef;
import dev.kiln.queue.job.Entitlement;
import dev.kiln.queue.job.ExtraHost;
import dev.kiln.queue.job.Job;
import dev.kiln.queue.job.NamedContext;
import dev.kiln.queue.job.NetworkMode;
import dev.kiln.queue.job.Priority;
import dev.kiln.queue.job.QueueOptions;
import dev.kiln.queue.job.SealedSecrets;
import dev.kiln.queue.job.SecretNames;
import dev.kiln.queue.job.StepLimits;
import dev.kiln.queue.job.StepOptions;
import dev.kiln.queue.job.Ulimit;

/** Values for tests: requests and events with all fields set or as few as possible. */
public final class Samples {
    public static final BuildId ID = new BuildId("01k2m3n4p5q6r7s8t9v0w1x2y3");
    public static final Instant TIME = Instant.parse("2026-08-01T12:00:00.250Z");
    public static final Digest DIGEST = Digest.parse("sha256:" + "0123456789abcdef".repeat(4));
    public static final Digest OTHER_DIGEST = Digest.parse("sha256:" + "fedcba9876543210".repeat(4));
    public static final String ATTEMPT = "a7f3";

    private Samples() {}

    /** The least a request can say. */
    public static BuildRequest request(BuildId id) {
        return BuildRequest.of(id, TIME, new ContextRef.Uploaded(DIGEST, 10240));
    }

    /** A request that says everything. */
    public static BuildRequest fullRequest(BuildId id) {
        return new BuildRequest(id, TIME, fullFiles(),
                new BuildOptions(Optional.of("release"), Platform.parseList("linux/arm/v6,windows(10.0.20348)/amd64"),
                        Map.of("VERSION", "1.2", "GREETING", "grüß \"dich\"\n"),
                        Map.of("org.opencontainers.image.title", "app"), fullCache()),
                new BuildOutput(List.of(ImageReference.parse("app:1.2"),
                        ImageReference.parse("registry.example:5000/team/app:1.2")), true),
                new StepOptions(Optional.of(NetworkMode.PRIVATE),
                        new StepLimits(OptionalLong.of(1L << 30), OptionalDouble.of(1.5), OptionalLong.of(512)),
                        List.of(ExtraHost.parse("db=10.0.0.7"), ExtraHost.parse("cache:[fd00::7]")),
                        OptionalLong.of(128 << 20), List.of(Ulimit.parse("nofile=1024:2048"), Ulimit.parse("core=-1")),
                        EnumSet.allOf(Entitlement.class)),
                new SecretNames(List.of("token", "npmrc"), List.of("default")),
                new QueueOptions("team-a", Priority.HIGH, Optional.of("app/main"), new QueueOptions.Deadlines(
                        Optional.of(Duration.ofMinutes(30)), Optional.of(Duration.ofSeconds(90)))));
    }

    private static CacheOptions fullCache() {
        return new CacheOptions(true, List.of("deps", "build"),
                List.of(new CacheImport.Registry(ImageReference.parse("caches/app:main")),
                        new CacheImport.Registry(ImageReference.parse("registry.example:5000/team/app")),
                        new CacheImport.Mounts(ImageReference.parse("caches/mounts:main"))),
                List.of(new CacheExport.Registry(ImageReference.parse("caches/app:main"), CacheExport.Mode.MAX,
                        CacheExport.Form.LIST, true),
                        new CacheExport.Registry(ImageReference.parse("caches/min"), CacheExport.Mode.MIN,
                                CacheExport.Form.IMAGE, false),
                        new CacheExport.Mounts(ImageReference.parse("caches/mounts:main"), List.of("go", "/root/.m2"),
                                true),
                        new CacheExport.Mounts(ImageReference.parse("caches/all"), List.of(), false),
                        new CacheExport.Inline()));
    }

    private static BuildFiles fullFiles() {
        return new BuildFiles(new ContextRef.Git("https://git.example/app.git#main:src"), "docker/app.Dockerfile",
                Optional.of(new ContextRef.Uploaded(OTHER_DIGEST, 2048)),
                Map.of("lib", new NamedContext.Files(new ContextRef.Uploaded(DIGEST, 10240)), "assets",
                        new NamedContext.Files(new ContextRef.Http(URI.create("https://example.org/a.tar.gz?x=1"))),
                        "base", new NamedContext.Image(ImageReference.parse("base:3"))),
                Optional.of("*.o\n!keep.o\n"));
    }

    /** A job that carries secrets. */
    public static Job sealedJob(BuildId id) {
        return new Job(fullRequest(id), Optional.of(new SealedSecrets(DIGEST, 99)));
    }

    public static BuildEvent.Queued queued(BuildId id) {
        return new BuildEvent.Queued(id, TIME, request(id));
    }

    public static BuildEvent.Started started(BuildId id, String attempt, int delivery) {
        return new BuildEvent.Started(id, TIME, attempt, "worker-1", delivery);
    }

    public static BuildEvent.Publishing publishing(BuildId id, String attempt) {
        return new BuildEvent.Publishing(id, TIME, attempt, DIGEST);
    }

    public static BuildEvent.VertexLog log(BuildId id, String text) {
        return new BuildEvent.VertexLog(id, TIME, ATTEMPT, DIGEST, 1, text);
    }

    public static BuildEvent.Succeeded succeeded(BuildId id, String attempt) {
        return new BuildEvent.Succeeded(id, TIME, Optional.of(attempt), image(), Optional.empty());
    }

    public static BuildEvent.Failed failed(BuildId id, String attempt) {
        return new BuildEvent.Failed(id, TIME, Optional.of(attempt), BuildEvent.Reason.STEP_FAILED, "make: exit code 2",
                Optional.of(DIGEST), Optional.of(2), false, Optional.of(logBlob()));
    }

    public static BuildRecord record(BuildId id) {
        return new BuildRecord(request(id), 7, Optional.empty(), Optional.empty());
    }

    public static Descriptor image() {
        return new Descriptor(MediaTypes.OCI_MANIFEST, DIGEST, 1234, Map.of("a", "1", "b", "2"),
                Optional.of(new Platform("linux", "arm64", Optional.of("v8"))), Optional.empty());
    }

    public static Descriptor logBlob() {
        return Descriptor.of("text/plain", OTHER_DIGEST, 99);
    }
}
