package dev.kiln.dockerfile.instruction;

import dev.kiln.dockerfile.lex.Heredoc;
import dev.kiln.dockerfile.lex.RawInstruction;

/**
 * Keeps an instruction for the builds that start from this image.
 *
 * @param expression the text of that instruction with its here-documents, as stored in the image
 * @param trigger the same, typed
 */
public record Onbuild(Origin origin, String expression, Instruction trigger) implements Instruction {

    static Onbuild parse(RawInstruction raw) {
        Flags.refuseAny(raw);
        Faults.requireArguments(raw, "ONBUILD");
        RawInstruction inner = withHeredocs(raw.arguments().trigger().orElseThrow(), raw);
        Instruction trigger = InstructionParser.parse(inner);
        if (trigger instanceof From || trigger instanceof Maintainer) {
            throw Faults.syntax(raw, trigger.keyword() + " isn't allowed as an ONBUILD trigger");
        }
        return new Onbuild(Origin.of(raw), expression(inner), trigger);
    }

    private static RawInstruction withHeredocs(RawInstruction inner, RawInstruction outer) {
        return new RawInstruction(inner.keyword(), inner.flags(), inner.arguments(), outer.heredocs(), inner.comments(),
                inner.text(), inner.range().to(outer.range()));
    }

    private static String expression(RawInstruction inner) {
        StringBuilder text = new StringBuilder(inner.text());
        for (Heredoc heredoc : inner.heredocs()) {
            text.append('\n').append(heredoc.content()).append(heredoc.name());
        }
        return text.toString();
    }
}
