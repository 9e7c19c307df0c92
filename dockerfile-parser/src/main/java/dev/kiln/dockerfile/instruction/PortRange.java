package dev.kiln.dockerfile.instruction;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

import dev.kiln.dockerfile.source.DockerfileException;
import dev.kiln.dockerfile.source.DockerfileException.Code;

/** A word of EXPOSE after expansion: {@code [ip:][host:]port[-port][/protocol]}. */
public record PortRange(int first, int last, String protocol) {

    private static final int HIGHEST = 65_535;

    public PortRange {
        if (first < 0 || last < first || last > HIGHEST) {
            throw new IllegalArgumentException("not a range of ports: " + first + "-" + last);
        }
    }

    /**
     * Address and host port are checked and dropped; the protocol is TCP if not said.
     *
     * @throws DockerfileException without a range, if the word has another form
     */
    public static PortRange parse(String word) {
        String[] parts = word.split(":", -1);
        String container = parts[parts.length - 1];
        int slash = container.indexOf('/');
        String protocol = slash < 0 ? "" : container.substring(slash + 1).toLowerCase(Locale.ROOT);
        String ports = slash < 0 ? container : container.substring(0, slash);
        if (ports.isEmpty()) {
            throw invalid("invalid port: \"" + word + "\": no port specified");
        }
        if (!protocol.isEmpty() && !List.of("tcp", "udp", "sctp").contains(protocol)) {
            throw invalid("invalid port: \"" + word + "\": invalid proto: " + container.substring(slash + 1));
        }
        if (parts.length > 2) {
            requireAddress(String.join(":", List.of(parts).subList(0, parts.length - 2)));
        }
        PortRange range = ports(ports, protocol.isEmpty() ? "tcp" : protocol)
            .orElseThrow(() -> invalid("invalid containerPort: " + ports));
        if (parts.length > 1 && !parts[parts.length - 2].isEmpty()) {
            requireHostPort(parts[parts.length - 2], range, ports);
        }
        return range;
    }

    private static Optional<PortRange> ports(String text, String protocol) {
        int dash = text.indexOf('-');
        int first = number(dash < 0 ? text : text.substring(0, dash));
        int last = dash < 0 ? first : number(text.substring(dash + 1));
        return first < 0 || last < first ? Optional.empty() : Optional.of(new PortRange(first, last, protocol));
    }

    /** -1 if it is no port. */
    private static int number(String text) {
        if (text.isEmpty() || text.length() > 9 || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return -1;
        }
        int number = Integer.parseInt(text);
        return number > HIGHEST ? -1 : number;
    }

    private static void requireHostPort(String text, PortRange container, String ports) {
        PortRange host = ports(text, container.protocol).orElseThrow(() -> invalid("invalid hostPort: " + text));
        int containerSpan = container.last - container.first;
        if (containerSpan != 0 && containerSpan != host.last - host.first) {
            throw invalid("invalid ranges specified for container and host Ports: " + ports + " and " + text);
        }
    }

    private static void requireAddress(String text) {
        boolean bracketed = text.startsWith("[") && text.endsWith("]");
        String address = bracketed ? text.substring(1, text.length() - 1) : text;
        if (!address.isEmpty() && !Addresses.isLiteral(address)) {
            throw invalid("invalid IP address: " + text);
        }
    }

    /** Every port of the range as {@code 80/tcp}, the form in which an image lists it. */
    public List<String> ports() {
        List<String> ports = new ArrayList<>(last - first + 1);
        for (int port = first; port <= last; port++) {
            ports.add(port + "/" + protocol);
        }
        return List.copyOf(ports);
    }

    private static DockerfileException invalid(String message) {
        return new DockerfileException(Code.SYNTAX, message);
    }
}
