package dev.kiln.dockerfile.instruction;

import dev.kiln.dockerfile.lex.Heredoc;
import dev.kiln.dockerfile.lex.RawInstruction;
import dev.kiln.dockerfile.source.DockerfileException;

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
        return new Onbuild(Origin.of(raw), expression(inner), trigger(inner));
    }

    /**
     * Types an instruction that stands, or stood, behind ONBUILD.
     *
     * @throws DockerfileException if it is malformed, or one that cannot be a trigger
     */
    public static Instruction trigger(RawInstruction inner) {
        Instruction trigger = InstructionParser.parse(inner);
        return switch (trigger) {
            case Onbuild _ -> throw Faults.syntax(inner, "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed");
            case From _,Maintainer _ ->
                throw Faults.syntax(inner, trigger.keyword() + " isn't allowed as an ONBUILD trigger");
            case Add _,Arg _,Cmd _,Copy _,Entrypoint _,Env _,Expose _,Healthcheck _,Label _,Run _,Shell _,Stopsignal _,User _,Volume _,Workdir _ ->
                trigger;
        };
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
