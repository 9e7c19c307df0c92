package dev.kiln.cli;

import java.io.PrintWriter;

import tools.jackson.databind.JsonNode;

import dev.kiln.cli.progress.Printable;

/** What disks hold, or what went, as people read it. */
final class UsageTable {

    private UsageTable() {}

    static void print(JsonNode usage, PrintWriter out, boolean records) {
        if (records) {
            out.printf("%-16s  %-10s  %-71s  %10s  %-5s  %-20s  %s%n", "WHERE", "KIND", "ID", "SIZE", "IN USE",
                    "LAST USED", "DESCRIPTION");
            usage.get("executors")
                .forEach(executor -> executor.path("records")
                    .forEach(record -> out.printf("%-16s  %-10s  %-71s  %10s  %-6s  %-20s  %s%n",
                            text(executor, "name"),
                            text(record, "kind"), text(record, "id"), ByteSize.show(record.get("bytes").asLong()),
                            record.get("inUse").asBoolean() ? "yes" : "no", seconds(text(record, "lastUsed")),
                            text(record, "description"))));
            out.println();
        }
        out.printf("%-16s  %-10s  %7s  %10s  %11s%n", "WHERE", "KIND", "RECORDS", "SIZE", "RECLAIMABLE");
        long total = 0;
        long reclaimable = 0;
        for (JsonNode executor : usage.get("executors")) {
            total += executor.get("bytes").asLong();
            for (JsonNode kind : executor.get("kinds")) {
                reclaimable += kind.get("reclaimable").asLong();
                out.printf("%-16s  %-10s  %7d  %10s  %11s%n", text(executor, "name"), text(kind, "kind"),
                        kind.get("count").asLong(), ByteSize.show(kind.get("bytes").asLong()),
                        ByteSize.show(kind.get("reclaimable").asLong()));
            }
        }
        out.printf("Reclaimable: %s%nTotal: %s%n", ByteSize.show(reclaimable), ByteSize.show(total));
    }

    /** Says what went wrong; returns what the shell should learn. */
    static int complain(JsonNode usage, PrintWriter err) {
        int exit = ExitCode.DONE;
        for (JsonNode executor : usage.get("executors")) {
            for (JsonNode problem : executor.get("problems")) {
                err.println("kiln: " + text(executor, "name") + ": " + Printable.line(problem.asString()));
                exit = ExitCode.BUILD_FAILED;
            }
        }
        for (JsonNode silent : usage.get("silent")) {
            err.println("kiln: the executor " + Printable.line(silent.asString()) + " did not answer");
            exit = ExitCode.BUILD_FAILED;
        }
        return exit;
    }

    private static String text(JsonNode node, String field) {
        return Printable.line(node.get(field).asString());
    }

    private static String seconds(String time) {
        int dot = time.indexOf('.');
        return dot < 0 ? time : time.substring(0, dot) + "Z";
    }
}
