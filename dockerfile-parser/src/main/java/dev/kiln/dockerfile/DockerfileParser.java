package dev.kiln.dockerfile;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;

import dev.kiln.dockerfile.instruction.Arg;
import dev.kiln.dockerfile.instruction.From;
import dev.kiln.dockerfile.instruction.Instruction;
import dev.kiln.dockerfile.instruction.InstructionParser;
import dev.kiln.dockerfile.instruction.Onbuild;
import dev.kiln.dockerfile.lex.CheckOptions;
import dev.kiln.dockerfile.lex.LexedFile;
import dev.kiln.dockerfile.lex.Lexer;
import dev.kiln.dockerfile.lex.RawInstruction;
import dev.kiln.dockerfile.lex.SyntaxDetector;
import dev.kiln.dockerfile.source.DockerfileException;
import dev.kiln.dockerfile.source.DockerfileException.Code;
import dev.kiln.dockerfile.source.SourceRange;
import dev.kiln.dockerfile.stage.Stage;

/**
 * Reads a Dockerfile: text to raw instructions, to typed instructions, to stages.
 *
 * <p>
 * The whole language is read; only a file for an external frontend is refused. Names of stages are looked up later, by
 * {@link dev.kiln.dockerfile.stage.StageGraph}, because they may depend on build arguments.
 */
public final class DockerfileParser {

    private final List<Arg> globals = new ArrayList<>();
    private final List<Stage> stages = new ArrayList<>();
    private final List<Instruction> body = new ArrayList<>();
    private @Nullable From from;

    private DockerfileParser() {}

    /** @throws DockerfileException if it cannot be built, with the place that says why */
    public static Dockerfile parse(String text) {
        return parse(text.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * @param file in UTF-8
     * @throws DockerfileException if it cannot be built, with the place that says why
     */
    public static Dockerfile parse(byte[] file) {
        SyntaxDetector.detect(file).ifPresent(BuiltInSyntax::require);
        Dockerfile dockerfile = new DockerfileParser().read(Lexer.lex(file));
        dockerfile.directives().check().ifPresent(CheckOptions::parse);
        return dockerfile;
    }

    /**
     * Reads what an ONBUILD of a base image left for the builds on top of it. As an image does not keep the escape
     * character of its file, it is the backslash.
     *
     * @param text one instruction, with its here-documents
     * @param at the place in the file that brings the trigger in; every range in the result is this one
     * @throws DockerfileException at that place, if the text is not exactly one instruction that may be a trigger
     */
    public static Instruction parseTrigger(String text, SourceRange at) {
        try {
            List<RawInstruction> found = Lexer.lex(text).instructions();
            if (found.size() != 1) {
                throw new DockerfileException(Code.SYNTAX, "onbuild trigger should be a single expression", at, text);
            }
            return Onbuild.trigger(found.getFirst().movedTo(at));
        } catch (DockerfileException wrong) {
            throw new DockerfileException(wrong.code(), wrong.message(), at, "ONBUILD " + text);
        }
    }

    private Dockerfile read(LexedFile file) {
        for (RawInstruction raw : file.instructions()) {
            add(InstructionParser.parse(raw));
        }
        finishStage();
        if (stages.isEmpty()) {
            throw new DockerfileException(Code.EMPTY, "dockerfile contains no stages to build",
                    globals.getLast().range(), globals.getLast().origin().text());
        }
        return new Dockerfile(file.directives(), globals, stages, file.emptyContinuations());
    }

    private void add(Instruction instruction) {
        if (instruction instanceof From next) {
            finishStage();
            from = next;
        } else if (from != null) {
            body.add(instruction);
        } else if (instruction instanceof Arg global) {
            globals.add(global);
        } else {
            SourceRange range = instruction.range();
            throw new DockerfileException(Code.SYNTAX, "no build stage in current context", range,
                    instruction.origin().text());
        }
    }

    private void finishStage() {
        if (from != null) {
            stages.add(new Stage(stages.size(), from, body));
            body.clear();
        }
    }
}
