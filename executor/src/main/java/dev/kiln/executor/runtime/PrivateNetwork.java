package dev.kiln.executor.runtime;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import dev.kiln.executor.mount.LinuxMounter;
import dev.kiln.layercache.posix.Posix;
import dev.kiln.layercache.posix.RawPath;

/**
 * A bridge of this executor with a network namespace for each running step, and the way out by address translation.
 *
 * <p>A namespace costs some 10 ms to make, so it is used again: what a step may change in it (it has no CAP_NET_ADMIN) ends
 * with the step's processes. Steps reach the host and what the host reaches, but not one another: their ports on the
 * bridge are isolated. Made by {@code ip}, {@code nsenter} and {@code unshare}, which are everywhere, and {@code iptables}.
 */
final class PrivateNetwork implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PrivateNetwork.class);
    private static final int MAX_IDLE = 16;
    private static final Path ROUTES = Path.of("/proc/net/route");
    private static final Path DEVICES = Path.of("/sys/class/net");
    private static final Path FORWARD = Path.of("/proc/sys/net/ipv4/ip_forward");

    private final Path directory;
    private final String bridge;
    private final String portPrefix;
    private final Subnet subnet;
    private final Programs programs;
    private final NatRules rules;

    private final BitSet used = new BitSet();
    private final Deque<Place> idle = new ArrayDeque<>();

    private PrivateNetwork(Path directory, String bridge, String portPrefix, Subnet subnet, Programs programs) {
        this.directory = directory;
        this.bridge = bridge;
        this.portPrefix = portPrefix;
        this.subnet = subnet;
        this.programs = programs;
        this.rules = new NatRules(programs.iptables, programs.iptablesRestore, bridge, subnet);
    }

    private record Programs(String ip, String nsenter, String unshare, String iptables, String iptablesRestore) {

        static Programs find() throws RuntimeFailure {
            return new Programs(find("ip", "iproute2"), find("nsenter", "util-linux"), find("unshare", "util-linux"),
                    find("iptables", "iptables"), find("iptables-restore", "iptables"));
        }

        private static String find(String name, String debianPackage) throws RuntimeFailure {
            return Tool.find(name)
                .orElseThrow(() -> new RuntimeFailure("no private network for steps: the program " + name
                        + " is not installed (Debian package " + debianPackage + ")"))
                .toString();
        }
    }

    /**
     * Removes what an earlier process left, and makes the bridge and a first namespace.
     *
     * @param uniqueName hexadecimal digits
     * @throws RuntimeFailure when this host lacks something; nothing is left then
     */
    static PrivateNetwork open(Path directory, String uniqueName, Networks.Settings settings)
            throws IOException, InterruptedException {
        String shortName = uniqueName.substring(0, 6);
        String bridge = settings.bridge().orElse("kiln" + shortName);
        Programs programs = Programs.find();
        removeLeftovers(directory, bridge, portPrefix(shortName), programs);
        Subnet subnet = chooseSubnet(settings, Integer.parseInt(uniqueName.substring(0, 2), 16));
        PrivateNetwork network = new PrivateNetwork(directory, bridge, portPrefix(shortName), subnet, programs);
        try {
            network.makeBridge();
            network.giveBack(network.makePlace(network.takeIndex()));
            return network;
        } catch (IOException | InterruptedException | RuntimeException e) {
            try {
                network.close();
            } catch (IOException closing) {
                e.addSuppressed(closing);
            }
            throw e;
        }
    }

    private static String portPrefix(String shortName) {
        return "kp" + shortName + "-";
    }

    private static void removeLeftovers(Path directory, String bridge, String portPrefix, Programs programs)
            throws IOException, InterruptedException {
        Files.createDirectories(directory);
        LinuxMounter.unmountAll(directory);
        Posix.deleteTree(RawPath.of(directory));
        Files.createDirectories(directory);
        LinuxMounter.isolate(directory);
        try (DirectoryStream<Path> devices = Files.newDirectoryStream(DEVICES)) {
            for (Path device : devices) {
                String name = device.getFileName().toString();
                if (name.equals(bridge) || name.startsWith(portPrefix)) {
                    // A port may go by itself meanwhile, together with the namespace of its other end.
                    Tool.Outcome outcome = Tool.tryRun("", List.of(programs.ip, "link", "delete", name));
                    if (outcome.exitCode() != 0 && Files.exists(device)) {
                        throw new RuntimeFailure("removing the network device " + name + " of an earlier run: "
                                + outcome.output().strip());
                    }
                }
            }
        }
    }

    private static Subnet chooseSubnet(Networks.Settings settings, int first) throws IOException {
        List<Subnet.Range> routes = Subnet.routes(Files.readString(ROUTES));
        if (settings.subnet().isEmpty()) {
            return Subnet.free(first, routes)
                .orElseThrow(() -> new RuntimeFailure("no private network for steps: all of 10.215.0.0/16 is routed"
                        + " already; configure a subnet that is free"));
        }
        Subnet subnet = Subnet.parse(settings.subnet().get());
        Optional<Subnet.Range> clash = subnet.clash(routes);
        if (clash.isPresent()) {
            throw new RuntimeFailure("no private network for steps: the configured subnet " + subnet
                    + " overlaps with a route by " + clash.get().device() + "; configure another one");
        }
        return subnet;
    }

    private void makeBridge() throws IOException, InterruptedException {
        ip("link add name " + bridge + " mtu " + mtu() + " type bridge", "address add " + subnet.gateway() + "/"
                + subnet.prefix() + " dev " + bridge, "link set " + bridge + " up");
        if (!Files.readString(FORWARD).strip().equals("1")) {
            LOG.info("sysctl=net.ipv4.ip_forward value=1 reason=\"private network of steps\"");
            Files.writeString(FORWARD, "1");
        }
        rules.install();
    }

    /** As large as the way out takes: a larger one makes connections hang where the network drops big packets. */
    private static int mtu() throws IOException {
        for (String line : Files.readAllLines(ROUTES)) {
            String[] fields = line.split("\\s+");
            Path mtu = DEVICES.resolve(fields[0]).resolve("mtu");
            if (fields.length > 1 && fields[1].equals("00000000") && Files.exists(mtu)) {
                return Integer.parseInt(Files.readString(mtu).strip());
            }
        }
        return 1500;
    }

    String description() {
        return "steps get addresses of " + subnet + " on the bridge " + bridge + " and reach out through this host's";
    }

    Networks.Attachment attach() throws IOException, InterruptedException {
        int index;
        synchronized (this) {
            Place ready = idle.pollFirst();
            if (ready != null) {
                return ready;
            }
            index = takeIndex();
        }
        return makePlace(index);
    }

    private synchronized int takeIndex() throws RuntimeFailure {
        int index = used.nextClearBit(0);
        if (index >= subnet.places()) {
            throw new RuntimeFailure(
                    "the private network " + subnet + " has no address left; configure a larger subnet");
        }
        used.set(index);
        return index;
    }

    private Place makePlace(int index) throws IOException, InterruptedException {
        Path namespace = directory.resolve("ns-" + index);
        Place place = new Place(index, namespace);
        try {
            Files.createFile(namespace);
            Tool.run("", List.of(programs.unshare, "--net=" + namespace, "true"));
            String port = portPrefix + index;
            ip("link add " + port + " mtu " + mtu() + " type veth peer name eth0 mtu " + mtu() + " netns " + namespace,
                    "link set " + port + " master " + bridge, "link set " + port + " type bridge_slave isolated on",
                    "link set " + port + " up");
            Tool.run(String.join("\n", "link set lo up",
                    "address add " + subnet.place(index) + "/" + subnet.prefix() + " dev eth0", "link set eth0 up",
                    "route add default via " + subnet.gateway()),
                    List.of(programs.nsenter, "--net=" + namespace, programs.ip, "-batch", "-"));
            return place;
        } catch (IOException | InterruptedException | RuntimeException e) {
            try {
                destroy(place);
            } catch (IOException destroying) {
                e.addSuppressed(destroying);
            }
            throw e;
        }
    }

    private void ip(String... commands) throws IOException, InterruptedException {
        Tool.run(String.join("\n", commands) + "\n", List.of(programs.ip, "-batch", "-"));
    }

    private void giveBack(Place place) throws IOException {
        synchronized (this) {
            if (idle.size() < MAX_IDLE) {
                idle.addFirst(place);
                return;
            }
        }
        destroy(place);
    }

    /** The namespace's end takes the port with it. */
    private void destroy(Place place) throws IOException {
        LinuxMounter.unmountAll(place.path);
        Files.deleteIfExists(place.path);
        synchronized (this) {
            used.clear(place.index);
        }
    }

    @Override
    public void close() throws IOException {
        while (true) {
            Place place;
            synchronized (this) {
                place = idle.pollFirst();
            }
            if (place == null) {
                break;
            }
            destroy(place);
        }
        LinuxMounter.unmountAll(directory);
        boolean interrupted = Thread.interrupted();
        try {
            rules.remove();
            if (Files.exists(DEVICES.resolve(bridge))) {
                ip("link delete " + bridge);
            }
        } catch (InterruptedException _) {
            interrupted = true;
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** A namespace with its address. */
    private final class Place implements Networks.Attachment {
        private final int index;
        private final Path path;

        Place(int index, Path path) {
            this.index = index;
            this.path = path;
        }

        @Override
        public Optional<Path> namespace() {
            return Optional.of(path);
        }

        @Override
        public void close() throws IOException {
            giveBack(this);
        }
    }
}
