package dev.kiln.api;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.Http1ServerConfig;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerConfig;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.Router;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import dev.kiln.api.access.ListedAccess;
import dev.kiln.api.access.RegistryAccess;
import dev.kiln.api.access.TicketOffice;
import dev.kiln.api.access.TicketRoutes;
import dev.kiln.api.builds.BuildFailures;
import dev.kiln.api.builds.BuildLedger;
import dev.kiln.api.builds.BuildRoutes;
import dev.kiln.api.builds.BuildService;
import dev.kiln.api.builds.Contexts;
import dev.kiln.api.builds.Queues;
import dev.kiln.api.dispatch.Dispatcher;
import dev.kiln.api.dispatch.QueueRoutes;
import dev.kiln.api.distribution.BlobFiles;
import dev.kiln.api.distribution.DistributionErrors;
import dev.kiln.api.distribution.DistributionRoutes;
import dev.kiln.api.distribution.Quotas;
import dev.kiln.api.distribution.Registry;
import dev.kiln.api.distribution.TagStore;
import dev.kiln.api.distribution.UploadSessions;
import dev.kiln.api.http.Actions;
import dev.kiln.api.http.Call;
import dev.kiln.api.http.HttpProblem;
import dev.kiln.api.http.ProblemException;
import dev.kiln.api.http.Problems;
import dev.kiln.api.http.Reply;
import dev.kiln.api.http.Routes;
import dev.kiln.api.http.TokenGate;
import dev.kiln.api.upkeep.UpkeepRoutes;
import dev.kiln.layercache.content.DiskContentStore;
import dev.kiln.layercache.lease.BlobStock;
import dev.kiln.layercache.lease.GracedContent;
import dev.kiln.layercache.lease.Leases;
import dev.kiln.metrics.CountedEventLog;
import dev.kiln.metrics.ProcessMetrics;

/**
 * The HTTP surface of a farm: builds under {@code /v1}, the registry under {@code /v2}, probes. Started once and closed
 * once; what it was given stays open.
 */
public final class ApiServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ApiServer.class);
    private static final Duration BODY_PATIENCE = Duration.ofSeconds(60);
    /** A backstop: streams and slow logs may be silent for long, dead connections shall not stay for ever. */
    private static final Duration IDLE = Duration.ofHours(1);
    /** How long a blob stays that a client has sent, or asked for, and that nothing names yet. */
    static final Duration UPLOAD_GRACE = Duration.ofHours(1);
    private static final Duration GRACE = Duration.ofSeconds(5);
    private static final int EVENT_LOOPS = Math.clamp(Runtime.getRuntime().availableProcessors(), 1, 4);
    private static final int MAX_HEADERS = 32 << 10;
    private static final int MAX_LINE = 16 << 10;
    private static final int CHUNK = 64 << 10;

    /**
     * Where the farm's bytes are.
     *
     * @param tags the repositories of the registry
     * @param leases which hear of every use of a blob of {@code content}
     * @param isAlone that nobody else collects from {@code content}
     */
    public record Storage(DiskContentStore content, TagStore tags, Leases leases, boolean isAlone) {

        /** A store for this process alone, opened with leases that hear of its blobs. */
        public static Storage alone(DiskContentStore content, TagStore tags, Leases leases) {
            return new Storage(content, tags, leases, true);
        }
    }

    private final ApiConfig config;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Vertx vertx;
    private final BuildLedger ledger;
    private final Dispatcher dispatcher;
    private final UploadSessions uploads;
    private final List<HttpServer> servers = new CopyOnWriteArrayList<>();
    private final List<Routes> routes;
    private final Actions problems;
    private final Actions registry;
    private final FarmDisk disk;
    private final Readiness readiness;
    private final RequestMeters requests;
    private final Optional<ListedAccess> access;

    /** @throws IOException when the folder of the registry cannot be looked at */
    public ApiServer(ApiConfig config, Queues given, Storage storage, InstantSource clock, SecureRandom random,
            ProcessMetrics metrics) throws IOException {
        Queues queues = given.with(new CountedEventLog(given.events(), metrics.registry()));
        this.config = config;
        this.vertx = Vertx.builder().with(new VertxOptions().setUseDaemonThread(true)).build();
        this.problems = new Actions(threads, new Problems(BuildFailures::problem, () -> failureId(random)));
        this.registry = new Actions(threads, new DistributionErrors(() -> failureId(random)));
        this.ledger = new BuildLedger(queues.events(), queues.records(), BuildLedger.Bounds.DEFAULT);
        GracedContent content = new GracedContent(storage.content(), storage.leases(), UPLOAD_GRACE);
        Registry stored = Registry.of(content, BlobFiles.of(storage.content()), storage.tags());
        this.disk = new FarmDisk(storage, stored.manifests(), new FarmDisk.Builds(ledger, queues.backlogs()), config,
                clock, metrics.registry());
        this.uploads = UploadSessions.open(content.graced(storage.content()),
                storage.content().folder().resolve("uploads"), config.registry().uploads(), clock, random);
        Quotas quotas = new Quotas(config.registry().quotas(), stored, disk::makeRoom, clock);
        TicketOffice tickets = new TicketOffice(random, clock);
        this.access = access(config, tickets);
        Contexts contexts = new Contexts(content, config.contextLimit(), threads);
        BuildService service = new BuildService(queues, contexts, ledger, clock, random, config.secretKey(),
                config.queue().limit());
        this.dispatcher = new Dispatcher(new Dispatcher.Shared(queues.backlogs(), queues.jobs(), queues.events(),
                queues.cancellations(), queues.upkeep()), ledger, config.queue().tenants(), clock);
        this.readiness = new Readiness(queues.events(), ledger, clock);
        this.requests = new RequestMeters(metrics.registry());
        BacklogMeters.register(ledger, clock, metrics.registry());
        this.routes = List.of(new HealthRoutes(problems, readiness), new MetricsRoutes(problems, metrics),
                new BuildRoutes(problems, service, ledger, queues.cancellations(), contexts),
                new QueueRoutes(problems, queues.backlogs(), dispatcher, config.queue().tenants(), service::again,
                        clock),
                new DistributionRoutes(registry, stored, uploads, quotas,
                        access.map(RegistryAccess.class::cast).orElse(RegistryAccess.OPEN)),
                new TicketRoutes(registry, access, tickets),
                new UpkeepRoutes(problems, queues.upkeep(), disk, clock));
    }

    private static Optional<ListedAccess> access(ApiConfig config, TicketOffice tickets) {
        return config.registry().access().map(rules -> {
            TokenGate farm = config.token()
                .map(token -> new TokenGate(token.value()))
                .orElseThrow(() -> new IllegalArgumentException("an access list needs the farm's token too"));
            return new ListedAccess(rules, farm, tickets, config.registry().address());
        });
    }

    /** Begins to serve; the builds of before are read meanwhile. Returns where it listens. */
    public InetSocketAddress start() throws IOException {
        ledger.start();
        dispatcher.start();
        disk.graceRecent(UPLOAD_GRACE);
        disk.start();
        vertx.setPeriodic(60_000, _ -> threads.execute(uploads::expire));
        vertx.setPeriodic(3_600_000, _ -> threads.execute(disk::tidy));
        Router router = router();
        AtomicInteger port = new AtomicInteger();
        await(vertx.deployVerticle(() -> new Listener(router, port), new DeploymentOptions().setInstances(EVENT_LOOPS))
            .mapEmpty(), "listen on " + config.http());
        InetSocketAddress bound = new InetSocketAddress(config.http().host(), port.get());
        LOG.info("api listening address={} token={}", bound, config.token().isPresent());
        return bound;
    }

    /** One event loop for connections to the port that all of them share. */
    private final class Listener extends VerticleBase {
        private final Router router;
        private final AtomicInteger port;

        Listener(Router router, AtomicInteger port) {
            this.router = router;
            this.port = port;
        }

        @Override
        public Future<?> start() {
            // To Vert.x, a negative port is any free one, the same for all that ask for that number.
            int wanted = config.http().port() == 0 ? -1 : config.http().port();
            return vertx.createHttpServer(http())
                .requestHandler(Problems.guard(router))
                .invalidRequestHandler(Problems::refuse)
                .listen(wanted, config.http().host())
                .onSuccess(server -> {
                    servers.add(server);
                    port.set(server.actualPort());
                });
        }
    }

    private HttpServerConfig http() {
        HttpServerConfig http = new HttpServerConfig().setVersions(HttpVersion.HTTP_1_1)
            .setIdleTimeout(IDLE)
            .setHttp1Config(new Http1ServerConfig().setMaxHeaderSize(MAX_HEADERS)
                .setMaxInitialLineLength(MAX_LINE)
                .setMaxChunkSize(CHUNK));
        http.getTcpConfig().getTransportConfig().setSoKeepAlive(true);
        return http;
    }

    /** The blobs that this process needs, for whoever else collects from its content store. */
    public BlobStock.Holders holders() {
        return disk;
    }

    /** What keeps this from serving requests; nothing when it is ready. */
    public List<String> missing() throws InterruptedException {
        return readiness.missing();
    }

    /** The routes, their gates, and what is answered where there is none. */
    Router router() {
        Router router = Router.router(vertx);
        Actions.prepare(router, BODY_PATIENCE);
        config.token().map(token -> new TokenGate(token.value())).ifPresent(gate -> {
            router.route("/v1/*").order(-900).handler(problems.gate(gate));
            router.route("/metrics").order(-900).handler(problems.gate(gate));
            if (access.isEmpty()) {
                router.route("/v2/*").order(-900).handler(registry.gate(gate));
            }
        });
        routes.forEach(feature -> feature.addTo(router));
        requests.watch(router);
        router.errorHandler(404, routing -> actions(routing.request().path()).run(ApiServer::nothing).handle(routing));
        router.errorHandler(405, routing -> actions(routing.request().path()).run(ApiServer::wrongMethod)
            .handle(routing));
        return router;
    }

    private Actions actions(@Nullable String path) {
        return path != null && path.startsWith("/v2/") ? registry : problems;
    }

    private static Reply nothing(Call call) {
        throw new ProblemException(HttpProblem.NOT_FOUND, "there is nothing at " + call.path());
    }

    private static Reply wrongMethod(Call call) {
        throw new ProblemException(HttpProblem.METHOD_NOT_ALLOWED,
                call.method() + " is not for " + call.path() + "; openapi.yaml says what is");
    }

    private static String failureId(SecureRandom random) {
        byte[] bytes = new byte[8];
        random.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    /** Takes no more requests, ends those that wait for events, and lets the others end in a few seconds. */
    @Override
    public void close() {
        dispatcher.close();
        disk.close();
        ledger.close();
        try {
            await(Future.all(servers.stream().map(server -> server.shutdown(GRACE)).toList()).mapEmpty(),
                    "end the requests under way");
            await(vertx.close(), "stop serving");
        } catch (IOException e) {
            LOG.warn("did not stop in order", e);
        }
        threads.shutdown();
        try {
            if (!threads.awaitTermination(GRACE.toMillis(), TimeUnit.MILLISECONDS)) {
                var unused = threads.shutdownNow();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        uploads.close();
    }

    private static void await(Future<Void> future, String what) throws IOException {
        try {
            future.toCompletionStage().toCompletableFuture().get(2 * GRACE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new IOException("cannot " + what + ": " + e.getCause(), e);
        } catch (TimeoutException e) {
            throw new IOException("cannot " + what + ": no end in " + 2 * GRACE.toSeconds() + " s", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while trying to " + what, e);
        }
    }
}
