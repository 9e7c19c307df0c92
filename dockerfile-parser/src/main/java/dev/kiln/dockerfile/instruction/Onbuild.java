package dev.kiln.dockerfile.instruction;

import dev.kiln.dockerfile.lex.Heredoc;
import dev.kiln.dockerfile.lex.RawInstruction;
import dev.kiln.dockerfile.source.DockerfileException;

/**
 * Keeps an instruction for the builds that start from this image. What it means, and whether it means anything, shows only
 * there: {@link dev.kiln.dockerfile.DockerfileParser#parseTrigger}.
 *
 * @param expression the text of that instruction with its here-documents, as stored in the image
 */
public record Onbuild(Origin origin, String expression) implements Instruction {

    static Onbuild parse(RawInstruction raw) {
        Faults.requireArguments(raw, "ONBUILD");
        Flags.refuseAny(raw);
        RawInstruction inner = raw.arguments().trigger().orElseThrow();
        requireTrigger(inner);
        return new Onbuild(Origin.of(raw), expression(inner, raw));
    }

    /**
     * Types an instruction that stood behind ONBUILD.
     *
     * @throws DockerfileException if it is malformed, or one that cannot be a trigger
     */
    public static Instruction trigger(RawInstruction inner) {
        requireTrigger(inner);
        return InstructionParser.parse(inner);
    }

    private static void requireTrigger(RawInstruction inner) {
        String keyword = inner.keyword().upperCase();
        switch (keyword) {
            case "ONBUILD" -> throw Faults.syntax(inner, "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed");
            case "FROM", "MAINTAINER" ->
                throw Faults.syntax(inner, keyword + " isn't allowed as an ONBUILD trigger");
            default -> {
                // Also what is no instruction: BuildKit stores it, and so does the image come out the same.
            }
        }
    }

    /** Blanks at the end of the line are part of the text. */
    private static String expression(RawInstruction inner, RawInstruction outer) {
        StringBuilder text = new StringBuilder(inner.text());
        for (Heredoc heredoc : outer.heredocs()) {
            text.append('\n').append(heredoc.content()).append(heredoc.name());
        }
        return text.toString();
    }
}
