package dev.kiln.cli.client;

import tools.jackson.databind.JsonNode;

/** A problem document as a person reads it: where, what, and the offending line. */
final class ProblemText {

    private ProblemText() {}

    static String of(JsonNode problem) {
        StringBuilder text = new StringBuilder();
        if (problem.has("file")) {
            text.append(problem.get("file").asString());
            if (problem.has("line")) {
                text.append(':').append(problem.get("line").asInt());
            }
            if (problem.has("column")) {
                text.append(':').append(problem.get("column").asInt());
            }
            text.append(": ");
        }
        text.append(problem.get("detail").asString());
        if (problem.has("source") && problem.has("line")) {
            int line = problem.get("line").asInt();
            for (String source : problem.get("source").asString().split("\n", -1)) {
                text.append(String.format("%n%4d | %s", line++, source));
            }
        }
        for (JsonNode error : problem.path("errors")) {
            text.append(String.format("%n  %s: %s", error.path("field").asString(""),
                    error.path("message").asString("")));
        }
        return text.toString();
    }
}
