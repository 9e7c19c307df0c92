package dev.kiln.executor.runtime;

import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import dev.kiln.executor.runtime.ProcessSpec.Network;

/** The networks that steps can have on this host. */
public final class Networks implements AutoCloseable {
    private final @Nullable PrivateNetwork privateNetwork;
    private final String explanation;

    private Networks(@Nullable PrivateNetwork privateNetwork, String explanation) {
        this.privateNetwork = privateNetwork;
        this.explanation = explanation;
    }

    /**
     * How the private network is made.
     *
     * @param bridge name of the bridge, at most 15 characters; by default one that is this executor's own
     * @param subnet as {@code 10.1.2.0/24}; by default one that overlaps with no route of this host
     */
    public record Settings(Optional<String> bridge, Optional<String> subnet) {
        public static final Settings DEFAULT = new Settings(Optional.empty(), Optional.empty());
    }

    /** Sets the private network up, if this host has what it takes. */
    static Networks open(Path directory, String uniqueName, Settings settings)
            throws IOException, InterruptedException {
        try {
            PrivateNetwork made = PrivateNetwork.open(directory, uniqueName, settings);
            return new Networks(made, made.description());
        } catch (RuntimeFailure e) {
            return new Networks(null, String.valueOf(e.getMessage()));
        }
    }

    /** What {@link ProcessSpec#network} may be. */
    public Set<Network> available() {
        return privateNetwork == null ? EnumSet.of(Network.NONE, Network.HOST) : EnumSet.allOf(Network.class);
    }

    /** How the private network is made, or why there is none; for the log and for people. */
    public String explanation() {
        return explanation;
    }

    /** A place in a network, for one container; closing it gives the place back. */
    interface Attachment extends AutoCloseable {
        /** The namespace to be joined; empty when the runtime makes one or none is needed. */
        Optional<Path> namespace();

        @Override
        void close() throws IOException;
    }

    Attachment attach(Network network) throws IOException, InterruptedException {
        return switch (network) {
            case NONE, HOST -> new NoNamespace();
            case PRIVATE -> {
                if (privateNetwork == null) {
                    throw new RuntimeFailure("a step wants a private network, and there is none: " + explanation);
                }
                yield privateNetwork.attach();
            }
        };
    }

    private record NoNamespace() implements Attachment {
        @Override
        public Optional<Path> namespace() {
            return Optional.empty();
        }

        @Override
        public void close() {}
    }

    @Override
    public void close() throws IOException {
        if (privateNetwork != null) {
            privateNetwork.close();
        }
    }
}
