package dev.kiln.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

import dev.kiln.cli.client.ApiException;

/** {@code kiln du}. */
@Command(name = "du", mixinStandardHelpOptions = true, description = "Shows what executors and the farm's registry keep on their disks.")
final class DuCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Mixin
    private final Farm farm = new Farm();

    @Option(names = {"-v", "--verbose"}, description = "Every single record too.")
    private boolean verbose;

    @Option(names = "--filter", paramLabel = "kind=KIND", description = "Only records of this kind; type=TYPE takes BuildKit's words. May be given several times.")
    private final List<String> filters = new ArrayList<>();

    @Option(names = "--format", paramLabel = "FORMAT", description = "table or json (default: table).")
    private String format = "table";

    @Override
    public Integer call() throws ApiException, CommandFailed {
        boolean json = json();
        PruneFilters wanted = PruneFilters.parse(filters, spec);
        if (!wanted.ids().isEmpty() || !wanted.keep().isZero()) {
            throw new ParameterException(spec.commandLine(), "--filter: kiln du takes kind= and type=");
        }
        JsonNode usage = farm.client().usage(verbose, wanted.kinds());
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(usage.toPrettyString());
        } else {
            UsageTable.print(usage, out, verbose);
        }
        out.flush();
        return UsageTable.complain(usage, spec.commandLine().getErr());
    }

    private boolean json() {
        return switch (format) {
            case "json" -> true;
            case "table" -> false;
            default -> throw new ParameterException(spec.commandLine(),
                    "--format is table or json, not \"" + format + "\"");
        };
    }
}
