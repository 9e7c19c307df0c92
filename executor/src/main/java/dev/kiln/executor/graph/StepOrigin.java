package dev.kiln.executor.graph;

import java.nio.charset.StandardCharsets;
import java.util.List;

import dev.kiln.layercache.oci.Digest;

/**
 * What a vertex is in the file that it was written in: what stays when that is built again with other values. By this
 * the results of one step are told from those of others; it has no part in the definition.
 *
 * @param project what the file belongs to, as far as that is known; empty when it is not
 * @param stage as step names call it; empty for the only one
 * @param text the instruction as written, variables and all; of a long one the beginning and a digest
 * @param arguments which of the variables that it sees are arguments of the build
 */
public record StepOrigin(String project, String stage, String text, List<String> arguments) {

    private static final int LONGEST = 4_000;

    public StepOrigin {
        text = text.length() <= LONGEST
                ? text
                : text.substring(0, LONGEST) + "… " + Digest.sha256(text.getBytes(StandardCharsets.UTF_8));
        arguments = List.copyOf(arguments);
    }

    /** Of what no instruction stands for. */
    static StepOrigin named(String name) {
        return new StepOrigin("", "", name, List.of());
    }
}
