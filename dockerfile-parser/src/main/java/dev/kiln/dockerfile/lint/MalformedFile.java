package dev.kiln.dockerfile.lint;

import java.util.Optional;
import java.util.Set;

import dev.kiln.dockerfile.instruction.Arg;
import dev.kiln.dockerfile.instruction.From;
import dev.kiln.dockerfile.instruction.Instruction;
import dev.kiln.dockerfile.instruction.InstructionParser;
import dev.kiln.dockerfile.lex.CheckOptions;
import dev.kiln.dockerfile.lex.LexedFile;
import dev.kiln.dockerfile.lex.Lexer;
import dev.kiln.dockerfile.lex.RawInstruction;
import dev.kiln.dockerfile.source.DockerfileException;

/** Checks what stands before the mistake in a file that cannot be read to its end. */
final class MalformedFile {

    private final byte[] file;
    private final LintContext context;
    private final Findings findings = new Findings();

    MalformedFile(byte[] file, LintContext context) {
        this.file = file;
        this.context = context;
    }

    /** @param failed the mistake */
    LintReport check(DockerfileException failed) {
        LexedFile lexed;
        try {
            lexed = Lexer.lex(file);
        } catch (DockerfileException unreadable) {
            return report(LintError.of(failed), CheckOptions.NONE);
        }
        CheckOptions options;
        try {
            options = Linter.options(lexed.directives(), context);
        } catch (DockerfileException malformed) {
            return Linter.refusedOptions(malformed);
        }
        return report(instructions(lexed, Switches.of(options)).orElse(LintError.of(failed)), options);
    }

    private LintReport report(LintError error, CheckOptions options) {
        return LintReport.of(findings.all(), Optional.of(error), options.failOnFindings(), Set.of());
    }

    /** The instruction that is wrong in itself, if one is. */
    private Optional<LintError> instructions(LexedFile lexed, Switches switches) {
        new FileRules(switches, findings).emptyContinuations(lexed.emptyContinuations());
        WrittenForm written = new WrittenForm(switches, findings);
        boolean inStage = false;
        for (RawInstruction raw : lexed.instructions()) {
            Instruction instruction;
            try {
                instruction = InstructionParser.parse(raw);
            } catch (DockerfileException wrong) {
                written.check(raw);
                LintError error = LintError.of(wrong.at(raw.range(), raw.text()));
                return Optional.of(new LintError("dockerfile parse error on line " + raw.range().startLine() + ": "
                        + error.message(), error.ranges()));
            }
            written.check(instruction);
            inStage |= instruction instanceof From;
            if (!inStage && !(instruction instanceof Arg)) {
                return Optional.empty();
            }
        }
        return Optional.empty();
    }
}
