package dev.kiln.cli;

import java.io.Console;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

import dev.kiln.cli.client.ApiClient;
import dev.kiln.cli.client.ApiException;

/** {@code kiln prune}, in the spelling of docker buildx. */
@Command(name = "prune", mixinStandardHelpOptions = true, description = "Removes cache that is not in use from all executors.")
final class PruneCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Mixin
    private final Farm farm = new Farm();

    @Option(names = {"-a",
        "--all"}, description = "Also results of builds that were not pushed, and the index of the cache.")
    private boolean all;

    @Option(names = {"-f", "--force"}, description = "Do not ask.")
    private boolean force;

    @Option(names = "--filter", paramLabel = "NAME=VALUE", description = "kind=KIND, type=TYPE (BuildKit's words), id=ID, until=TIME (used before that, such as 24h); may be given several times.")
    private final List<String> filters = new ArrayList<>();

    @Option(names = {"--max-used-space",
        "--keep-storage"}, paramLabel = "SIZE", description = "Remove the longest unused until no more than this is left on an executor.")
    private @Nullable String maxUsed;

    @Option(names = "--min-free-space", paramLabel = "SIZE", description = "Remove until the executor's disk has this much free.")
    private @Nullable String minFree;

    @Option(names = "--reserved-space", paramLabel = "SIZE", description = "Never go below this on an executor.")
    private @Nullable String reserved;

    @Option(names = "--verbose", description = "List what went.")
    private boolean verbose;

    @Override
    public Integer call() throws ApiException, CommandFailed {
        ObjectNode wish = wish();
        if (!force && !confirmed()) {
            return ExitCode.BUILD_FAILED;
        }
        JsonNode gone = farm.client().prune(wish, verbose);
        PrintWriter out = spec.commandLine().getOut();
        if (verbose) {
            UsageTable.print(gone, out, true);
        }
        long bytes = 0;
        for (JsonNode executor : gone.get("executors")) {
            bytes += executor.get("bytes").asLong();
        }
        out.println("Freed: " + ByteSize.show(bytes));
        out.flush();
        return UsageTable.complain(gone, spec.commandLine().getErr());
    }

    private ObjectNode wish() {
        PruneFilters wanted = PruneFilters.parse(filters, spec);
        ObjectNode wish = ApiClient.newObject();
        ArrayNode kinds = wish.putArray("kinds");
        wanted.kinds().forEach(kinds::add);
        ArrayNode ids = wish.putArray("ids");
        wanted.ids().forEach(ids::add);
        return wish.put("keepSeconds", wanted.keep().toSeconds())
            .put("reserved", bytes("--reserved-space", reserved))
            .put("maxUsed", bytes("--max-used-space", maxUsed))
            .put("minFree", bytes("--min-free-space", minFree))
            .put("all", all);
    }

    private long bytes(String option, @Nullable String text) {
        try {
            return text == null ? 0 : ByteSize.parse(text);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), option + " " + text + ": " + e.getMessage());
        }
    }

    private boolean confirmed() throws CommandFailed {
        Console console = System.console();
        if (console == null || !console.isTerminal()) {
            throw new CommandFailed(ExitCode.USAGE,
                    "kiln prune removes cache from all executors, and there is nobody to ask: say --force");
        }
        String answer = console.readLine("This removes %s cache that is not in use from all executors. Go on? [y/N] ",
                all ? "all" : "the");
        return answer != null && answer.strip().toLowerCase(java.util.Locale.ROOT).matches("y|yes");
    }
}
