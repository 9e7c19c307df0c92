package dev.kiln.metrics;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.Optional;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

@Timeout(30)
class ProbeServerTest {
    private final ProcessMetrics metrics = new ProcessMetrics();
    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private volatile List<String> missing = List.of();
    private final ProbeServer server = start();

    private ProbeServer start() {
        try {
            return ProbeServer.start("127.0.0.1", 0, metrics, () -> missing);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @AfterEach
    void close() {
        server.close();
        metrics.close();
        client.close();
    }

    private HttpResponse<String> send(String method, String path, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest
            .newBuilder(URI.create("http://127.0.0.1:" + server.address().getPort() + path))
            .method(method, BodyPublishers.noBody());
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), BodyHandlers.ofString());
    }

    @Test
    void metrics_areTextUnlessOpenMetricsIsAskedFor() throws Exception {
        metrics.registry().counter("kiln.toys", "kind", "red").increment(3);

        HttpResponse<String> text = send("GET", "/metrics");
        assertThat(text.statusCode()).isEqualTo(200);
        assertThat(text.headers().firstValue("Content-Type")).hasValue("text/plain; version=0.0.4; charset=utf-8");
        assertThat(text.body()).contains("# TYPE kiln_toys_total counter\n", "\nkiln_toys_total{kind=\"red\"} 3.0\n",
                "jvm_memory_used_bytes{", "jvm_threads_live_threads ", "process_files_open_files ")
            .as("names that Prometheus would not have so")
            .doesNotContain("process_cpu_time_ns", "system_cpu_count");

        HttpResponse<String> open = send("GET", "/metrics", "Accept",
                "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5");
        assertThat(open.headers().firstValue("Content-Type"))
            .hasValue("application/openmetrics-text; version=1.0.0; charset=utf-8");
        assertThat(open.body()).contains("# TYPE kiln_toys counter\n", "\nkiln_toys_total{kind=\"red\"} 3.0\n")
            .endsWith("# EOF\n");
        assertThat(send("GET", "/metrics", "Accept", "application/vnd.google.protobuf").body()).startsWith("# HELP");
    }

    @Test
    void probes_sayWhatIsMissing() throws Exception {
        assertThat(send("GET", "/healthz").body()).isEqualTo("alive\n");
        assertThat(send("GET", "/livez").statusCode()).isEqualTo(200);
        assertThat(send("GET", "/readyz").body()).isEqualTo("ready\n");
        missing = List.of("the broker is away", "nothing works");
        HttpResponse<String> not = send("GET", "/readyz");
        assertThat(not.statusCode()).isEqualTo(503);
        assertThat(not.body()).isEqualTo("not ready: the broker is away; nothing works\n");
        assertThat(send("GET", "/healthz").statusCode()).isEqualTo(200);
    }

    @Test
    void anythingElse_isRefused() throws Exception {
        assertThat(send("GET", "/").statusCode()).isEqualTo(404);
        assertThat(send("GET", "/metrics/../x").statusCode()).isEqualTo(404);
        assertThat(send("POST", "/metrics").statusCode()).isEqualTo(405);
        assertThat(send("HEAD", "/metrics").body()).isEmpty();
    }

    @Test
    void portThatIsTaken_isSaid() throws Exception {
        try (ServerSocket taken = new ServerSocket(0)) {
            Optional<InetSocketAddress> where = Optional
                .of(InetSocketAddress.createUnresolved("0.0.0.0", taken.getLocalPort()));
            assertThatThrownBy(() -> ProbeServer.start(where, metrics, List::of)).isInstanceOf(IOException.class)
                .hasMessageStartingWith("cannot serve metrics on 0.0.0.0:" + taken.getLocalPort() + ": ");
        }
        assertThatThrownBy(() -> ProbeServer.start("no-such-host.invalid", 1, metrics, List::of))
            .hasMessage("cannot serve metrics on no-such-host.invalid:1: there is no such host");
    }

    @Test
    void nowhere_servesNothing() throws Exception {
        try (Serving nothing = ProbeServer.start(Optional.empty(), metrics, List::of)) {
            assertThat(nothing).isNotInstanceOf(ProbeServer.class);
        }
    }
}
