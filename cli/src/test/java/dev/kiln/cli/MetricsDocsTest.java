package dev.kiln.cli;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import dev.kiln.api.ApiConfig;
import dev.kiln.api.ApiServer;
import dev.kiln.api.builds.Queues;
import dev.kiln.api.distribution.TagStore;
import dev.kiln.executor.meter.ExecutorMeters;
import dev.kiln.layercache.content.DiskContentStore;
import dev.kiln.layercache.lease.Item;
import dev.kiln.layercache.lease.Leases;
import dev.kiln.layercache.lease.Volume;
import dev.kiln.metrics.DiskMeters;
import dev.kiln.metrics.ProcessMetrics;
import dev.kiln.metrics.RegistryMeters;
import dev.kiln.queue.Backlogs;
import dev.kiln.queue.InMemoryBacklog;
import dev.kiln.queue.InMemoryBuildRecords;
import dev.kiln.queue.InMemoryCancellations;
import dev.kiln.queue.InMemoryEventLog;
import dev.kiln.queue.InMemoryJobQueue;
import dev.kiln.queue.InMemoryUpkeep;
import dev.kiln.queue.Leadership;

import static org.assertj.core.api.Assertions.assertThat;

/** What the documents and the dashboard name is what the processes export, and the other way round. */
@Timeout(60)
class MetricsDocsTest {
    private static final Path DOCS = Path.of("../docs");
    private static final Pattern FAMILY = Pattern.compile("(?m)^# TYPE (\\S+) (\\S+)$");
    private static final Pattern ROW = Pattern.compile("(?m)^\\| `(kiln_[a-z_]+)` \\|");
    private static final Pattern NAME = Pattern.compile("\\b(?:kiln|jvm|process)_[a-z_]+\\b");
    @TempDir
    private Path folder;

    /** The families on the pages of an API process and an executor, each with its type. */
    private String pages() throws Exception {
        InstantSource clock = InstantSource.system();
        Leases leases = new Leases(clock);
        try (ProcessMetrics metrics = new ProcessMetrics();
                DiskContentStore content = DiskContentStore.open(folder.resolve("content"),
                        blob -> leases.use(Item.blob(blob)));
                TagStore tags = TagStore.open(folder.resolve("registry"));
                ApiServer api = new ApiServer(
                        ApiConfig.of(new ApiConfig.Address("127.0.0.1", 0), folder, "none:9092"),
                        new Queues(new InMemoryJobQueue(), new InMemoryEventLog(), new InMemoryBuildRecords(),
                                new InMemoryCancellations(), new InMemoryUpkeep(),
                                new Backlogs(new InMemoryBacklog(), new InMemoryBacklog(), Leadership.ALONE)),
                        ApiServer.Storage.alone(content, tags, leases), clock, new SecureRandom(), metrics)) {
            executor(metrics);
            URI page = URI.create("http://127.0.0.1:" + api.start().getPort() + "/metrics");
            String first = get(page);
            assertThat(first).startsWith("# HELP");
            // By now a request has ended, and is counted.
            return get(page);
        }
    }

    private static String get(URI page) throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(HttpRequest.newBuilder(page).timeout(Duration.ofSeconds(20)).build(),
                    HttpResponse.BodyHandlers.ofString())
                .body();
        }
    }

    /** As {@code LocalExecutor} does; {@code FarmIT} sees that it does. */
    private void executor(ProcessMetrics metrics) throws IOException {
        ExecutorMeters meters = ExecutorMeters.in(metrics.registry());
        meters.builds().slots(1, () -> 0);
        meters.builds().gate(1, () -> 0);
        new RegistryMeters(metrics.registry());
        new DiskMeters(metrics.registry(), "executor", Volume.of(folder));
        // There is none before the first collection of garbage.
        metrics.registry().timer("jvm.gc.pause");
    }

    private Set<String> exported() throws Exception {
        return FAMILY.matcher(pages()).results().map(found -> found.group(1)).collect(Collectors.toSet());
    }

    static Set<String> documented() throws IOException {
        return ROW.matcher(Files.readString(DOCS.resolve("metrics.md")))
            .results()
            .map(found -> found.group(1))
            .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void table_hasEveryMetricOfKiln_andNoOther() throws Exception {
        Set<String> exported = exported().stream()
            .filter(name -> name.startsWith("kiln_") && !name.endsWith("_max"))
            .collect(Collectors.toCollection(TreeSet::new));
        assertThat(documented()).isEqualTo(exported);
    }

    @Test
    void dashboard_namesWhatIsExported_andShowsAllOfIt() throws Exception {
        Set<String> exported = exported();
        Set<String> used = expressions().stream()
            .flatMap(text -> NAME.matcher(text).results().map(MatchResult::group))
            .map(name -> exported.contains(name) ? name : name.replaceFirst("_(bucket|sum|count)$", ""))
            .collect(Collectors.toCollection(TreeSet::new));
        assertThat(used).isNotEmpty().isSubsetOf(exported);
        assertThat(used).containsAll(documented());
    }

    @Test
    void dashboard_hasItsRowsAndOneDataSource() throws Exception {
        JsonNode dashboard = dashboard();
        assertThat(dashboard.get("schemaVersion").intValue()).isGreaterThanOrEqualTo(39);
        assertThat(dashboard.at("/templating/list")).hasSize(1);
        assertThat(dashboard.at("/templating/list/0/type").stringValue()).isEqualTo("datasource");
        assertThat(dashboard.findValues("datasource")).allMatch(
                source -> source.isObject() && source.get("uid").stringValue().equals("${datasource}"));
        List<String> rows = new ArrayList<>();
        Set<Integer> ids = new TreeSet<>();
        dashboard.get("panels").forEach(panel -> {
            assertThat(ids.add(panel.get("id").intValue())).as(panel.get("title").stringValue()).isTrue();
            if (panel.get("type").stringValue().equals("row")) {
                rows.add(panel.get("title").stringValue());
            }
        });
        assertThat(rows).containsExactly("Queue", "Builds", "Executors", "Cache", "Disk", "Registry",
                "API and processes");
    }

    private static JsonNode dashboard() throws IOException {
        return JsonMapper.shared().readTree(Files.readAllBytes(DOCS.resolve("grafana/kiln.json")));
    }

    private static List<String> expressions() throws IOException {
        return dashboard().findValuesAsString("expr");
    }
}
