package dev.kiln.dockerfile.instruction;

import dev.kiln.dockerfile.lex.Keyword;
import dev.kiln.dockerfile.lex.RawInstruction;
import dev.kiln.dockerfile.source.DockerfileException;
import dev.kiln.dockerfile.source.DockerfileException.Code;
import dev.kiln.dockerfile.source.Suggestion;

/** The step from a raw instruction to a typed one. */
public final class InstructionParser {

    private InstructionParser() {}

    /** @throws DockerfileException with the range of the instruction, or of the word in it that is wrong */
    public static Instruction parse(RawInstruction raw) {
        Keyword keyword = Keyword.of(raw.keyword().text()).orElseThrow(() -> unknown(raw));
        return switch (keyword) {
            case ADD -> Add.parse(raw);
            case ARG -> Arg.parse(raw);
            case CMD -> Cmd.parse(raw);
            case COPY -> Copy.parse(raw);
            case ENTRYPOINT -> Entrypoint.parse(raw);
            case ENV -> Env.parse(raw);
            case EXPOSE -> Expose.parse(raw);
            case FROM -> From.parse(raw);
            case HEALTHCHECK -> Healthcheck.parse(raw);
            case LABEL -> Label.parse(raw);
            case MAINTAINER -> Maintainer.parse(raw);
            case ONBUILD -> Onbuild.parse(raw);
            case RUN -> Run.parse(raw);
            case SHELL -> Shell.parse(raw);
            case STOPSIGNAL -> Stopsignal.parse(raw);
            case USER -> User.parse(raw);
            case VOLUME -> Volume.parse(raw);
            case WORKDIR -> Workdir.parse(raw);
        };
    }

    private static DockerfileException unknown(RawInstruction raw) {
        String name = raw.keyword().text();
        return new DockerfileException(Code.UNKNOWN_INSTRUCTION,
                Suggestion.appendIgnoringCase("unknown instruction: " + name, name, Keyword.names()),
                raw.keyword().range(), raw.text());
    }
}
