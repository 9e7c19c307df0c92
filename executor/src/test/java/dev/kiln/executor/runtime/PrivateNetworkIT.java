package dev.kiln.executor.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import dev.kiln.executor.mount.LinuxMounter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Traffic only between namespaces that are made here. */
@Tag("privileged")
@Timeout(60)
class PrivateNetworkIT {
    private static final String NAME = "fedcba";

    @TempDir
    Path temporary;

    private Path directory;
    private PrivateNetwork network;

    @BeforeEach
    void open() throws Exception {
        directory = temporary.toRealPath().resolve("net");
        network = PrivateNetwork.open(directory, NAME, Networks.Settings.DEFAULT);
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        network.close();
        assertThat(LinuxMounter.mountsBelow(directory)).isEmpty();
        assertThat(Path.of("/sys/class/net/kiln" + NAME)).doesNotExist();
        await().untilAsserted(() -> assertThat(Path.of("/sys/class/net/kp" + NAME + "-0")).doesNotExist());
        for (String table : List.of("nat", "filter")) {
            assertThat(Tool.run("", List.of("iptables", "-t", table, "-S"))).doesNotContain(NAME);
        }
    }

    private static String in(Networks.Attachment place, String... command) throws IOException, InterruptedException {
        return outcome(place, "", command).output();
    }

    private static Tool.Outcome outcome(Networks.Attachment place, String input, String... command)
            throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(List.of("nsenter", "--net=" + place.namespace().orElseThrow(), "busybox"));
        all.addAll(List.of(command));
        return Tool.tryRun(input, all);
    }

    @Test
    void place_hasAnAddressAndReachesTheHost() throws Exception {
        try (Networks.Attachment place = network.attach()) {
            assertThat(in(place, "ip", "-4", "addr", "show", "eth0")).contains("inet 10.215.");
            String gateway = in(place, "ip", "route").lines().findFirst().orElseThrow().split(" ")[2];
            assertThat(in(place, "ping", "-c1", "-W2", gateway)).contains("1 packets received");
        }
    }

    /** The server outside has no route to the steps' subnet: an answer proves that the host translates addresses. */
    @Test
    void place_reachesOutThroughTheHostsAddress() throws Exception {
        assertThat(Subnet.parse("198.51.100.0/30").clash(Subnet.routes(Files.readString(Path.of("/proc/net/route")))))
            .as("a route to the addresses that this test uses")
            .isEmpty();
        Path outside = Files.createFile(temporary.resolve("outside"));
        Tool.run("", List.of("unshare", "--net=" + outside, "true"));
        Process server = null;
        try {
            Tool.run("link add kilnout0 type veth peer name eth0 netns " + outside
                    + "\naddress add 198.51.100.1/30 dev kilnout0\nlink set kilnout0 up\n",
                    List.of("ip", "-batch", "-"));
            Tool.run("address add 198.51.100.2/30 dev eth0\nlink set eth0 up\n",
                    List.of("nsenter", "--net=" + outside, "ip", "-batch", "-"));
            server = new ProcessBuilder("nsenter", "--net=" + outside, "busybox", "httpd", "-f", "-p", "8000", "-h",
                    Files.writeString(Files.createDirectory(temporary.resolve("www")).resolve("hello"), "hello")
                        .getParent()
                        .toString())
                .start();

            try (Networks.Attachment place = network.attach()) {
                await().untilAsserted(() -> assertThat(outcome(place, "GET /hello HTTP/1.0\r\n\r\n", "nc",
                        "-w", "2", "198.51.100.2", "8000")
                    .output()).endsWith("\r\n\r\nhello"));
            }
        } finally {
            if (server != null) {
                server.destroyForcibly().waitFor();
            }
            LinuxMounter.unmountAll(outside.toRealPath());
        }
    }

    @Test
    void places_doNotReachOneAnother() throws Exception {
        try (Networks.Attachment one = network.attach(); Networks.Attachment two = network.attach()) {
            String address = in(two, "ip", "-4", "-o", "addr", "show", "eth0").split("inet ")[1].split("/")[0];

            assertThat(outcome(two, "", "ping", "-c1", "-W1", address).exitCode()).isZero();
            assertThat(outcome(one, "", "ping", "-c1", "-W1", address).exitCode()).isNotZero();
        }
    }

    @Test
    void place_givenBack_isUsedAgain() throws Exception {
        Optional<Path> first;
        try (Networks.Attachment place = network.attach()) {
            first = place.namespace();
        }
        try (Networks.Attachment place = network.attach()) {
            assertThat(place.namespace()).isEqualTo(first);
        }
    }

    @Test
    void attach_manyAtATime_givesEachItsOwn() throws Exception {
        Callable<Networks.Attachment> attach = network::attach;
        List<Networks.Attachment> places = new ArrayList<>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<Networks.Attachment> place : threads.invokeAll(java.util.Collections.nCopies(6, attach))) {
                places.add(place.get());
            }
        }

        assertThat(places).extracting(Networks.Attachment::namespace).doesNotHaveDuplicates();
        for (Networks.Attachment place : places) {
            place.close();
        }
    }

    @Test
    void open_afterAKill_removesWhatWasLeft() throws Exception {
        Networks.Attachment abandoned = network.attach();

        network = PrivateNetwork.open(directory, NAME, Networks.Settings.DEFAULT);

        assertThat(abandoned.namespace()).isPresent();
        try (Networks.Attachment place = network.attach()) {
            assertThat(in(place, "ip", "-4", "addr", "show", "eth0")).contains("inet 10.215.");
        }
    }
}
