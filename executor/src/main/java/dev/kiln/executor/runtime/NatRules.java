package dev.kiln.executor.runtime;

import java.io.IOException;
import java.util.List;

/** The packet filter's rules for a private network, in chains of its own beside whatever else this host has. */
final class NatRules {
    private final String iptables;
    private final String iptablesRestore;
    private final String bridge;
    private final Subnet subnet;
    private final String chain;

    NatRules(String iptables, String iptablesRestore, String bridge, Subnet subnet) {
        this.iptables = iptables;
        this.iptablesRestore = iptablesRestore;
        this.bridge = bridge;
        this.subnet = subnet;
        this.chain = "KILN-" + bridge;
    }

    /** What an earlier process had in these chains is replaced. */
    void install() throws IOException, InterruptedException {
        Tool.run("""
                *nat
                :%1$s - [0:0]
                -A %1$s -s %2$s ! -o %3$s -j MASQUERADE
                COMMIT
                *filter
                :%1$s - [0:0]
                -A %1$s -i %3$s ! -o %3$s -j ACCEPT
                -A %1$s -o %3$s -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
                COMMIT
                """.formatted(chain, subnet, bridge), List.of(iptablesRestore, "--wait", "--noflush"));
        for (Jump jump : Jump.values()) {
            if (rule(jump, "-C").exitCode() != 0) {
                // First, because others, Docker among them, end the chain with refusing what they do not know.
                check(rule(jump, "-I"));
            }
        }
    }

    /** Works also when only some of the rules are there. */
    void remove() throws IOException, InterruptedException {
        for (Jump jump : Jump.values()) {
            while (rule(jump, "-C").exitCode() == 0) {
                check(rule(jump, "-D"));
            }
            if (chain(jump, "-F").exitCode() == 0) {
                check(chain(jump, "-X"));
            }
        }
    }

    private enum Jump {
        POSTROUTING, FORWARD;

        String table() {
            return switch (this) {
                case POSTROUTING -> "nat";
                case FORWARD -> "filter";
            };
        }
    }

    private Tool.Outcome rule(Jump jump, String action) throws IOException, InterruptedException {
        return Tool.tryRun("", List.of(iptables, "--wait", "-t", jump.table(), action, jump.name(), "-j", chain));
    }

    private Tool.Outcome chain(Jump jump, String action) throws IOException, InterruptedException {
        return Tool.tryRun("", List.of(iptables, "--wait", "-t", jump.table(), action, chain));
    }

    private static void check(Tool.Outcome outcome) throws RuntimeFailure {
        if (outcome.exitCode() != 0) {
            throw new RuntimeFailure("changing the packet filter for the private network of steps: "
                    + outcome.output().strip());
        }
    }
}
