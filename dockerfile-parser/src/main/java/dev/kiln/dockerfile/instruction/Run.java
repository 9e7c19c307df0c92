package dev.kiln.dockerfile.instruction;

import java.util.List;
import java.util.Optional;

import dev.kiln.dockerfile.lex.RawInstruction;

/**
 * Runs a command in a new layer.
 *
 * @param network empty if not said, which means {@link Network#DEFAULT}
 * @param security empty if not said, which means {@link Security#SANDBOX}
 */
public record Run(Origin origin, CommandLine command, List<RunMount> mounts, Optional<Network> network,
        Optional<Security> security, List<RunDevice> devices) implements Instruction {

    /** The values of {@code --network}. */
    public enum Network {
        /** What the request asks for. */
        DEFAULT,
        /** Loopback only. */
        NONE, HOST
    }

    /** The values of {@code --security}. */
    public enum Security {
        SANDBOX, INSECURE
    }

    public Run {
        mounts = List.copyOf(mounts);
        devices = List.copyOf(devices);
    }

    static Run parse(RawInstruction raw) {
        Flags flags = new Flags().lists("mount", "device").texts("network", "security").read(raw);
        return new Run(Origin.of(raw), CommandLine.of(raw),
                flags.list("mount").stream().map(RunMount::parse).toList(),
                flags.choice("network", Network.class, "invalid network mode \"%s\""),
                flags.choice("security", Security.class, "security \"%s\" is not valid"),
                flags.list("device").stream().map(RunDevice::parse).toList());
    }
}
