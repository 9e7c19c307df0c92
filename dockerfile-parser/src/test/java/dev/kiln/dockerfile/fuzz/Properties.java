package dev.kiln.dockerfile.fuzz;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import dev.kiln.dockerfile.Dockerfile;
import dev.kiln.dockerfile.DockerfileParser;
import dev.kiln.dockerfile.expand.Expander;
import dev.kiln.dockerfile.expand.Scope;
import dev.kiln.dockerfile.instruction.ChmodSpec;
import dev.kiln.dockerfile.instruction.Copy;
import dev.kiln.dockerfile.instruction.Instruction;
import dev.kiln.dockerfile.instruction.Onbuild;
import dev.kiln.dockerfile.instruction.Run;
import dev.kiln.dockerfile.instruction.Transfer;
import dev.kiln.dockerfile.source.DockerfileException;
import dev.kiln.dockerfile.source.SourceRange;
import dev.kiln.dockerfile.stage.GlobalArguments;
import dev.kiln.dockerfile.stage.StageGraph;

/** What holds for every input: a result, or a located error; the same each time; and nothing else is ever thrown. */
final class Properties {

    private static final Scope SCOPE = Scope.of(Map.of("a", "1", "BASE", "a b", "x1", "", "_", "$a", "é", "*\\"));

    private final Subject subject;
    private final byte[] input;
    private final List<String> lines;

    private Properties(Subject subject, byte[] input) {
        this.subject = subject;
        this.input = input;
        String text = new String(input, StandardCharsets.UTF_8);
        this.lines = List.of((text.startsWith("\uFEFF") ? text.substring(1) : text).split("\n", -1));
    }

    /** What does not hold, or empty. */
    static Optional<String> check(Subject subject, byte[] input) {
        try {
            new Properties(subject, input).check();
            return Optional.empty();
        } catch (Violation violation) {
            return Optional.of(String.valueOf(violation.getMessage()));
        } catch (RuntimeException | StackOverflowError | OutOfMemoryError unexpected) {
            return Optional.of("threw " + unexpected);
        }
    }

    private static final class Violation extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Violation(String what) {
            super(what);
        }
    }

    private void check() {
        String first = outcome();
        if (!first.equals(outcome())) {
            throw new Violation("reads differently the second time");
        }
        Dockerfile file;
        try {
            file = subject.parse(input);
        } catch (DockerfileException refused) {
            located(refused, input.length > 0);
            return;
        }
        ranges(file.instructions());
        guarded(() -> {
            Expander expander = file.expander();
            Scope globals = GlobalArguments.evaluate(file.globalArguments(), Map.of("TARGETARCH", "amd64"),
                    Map.of("a", "9"), expander);
            StageGraph graph = StageGraph.of(file.stages(), globals, expander);
            graph.needed(graph.target(Optional.empty()));
        });
        file.instructions().forEach(instruction -> use(instruction, file.expander()));
    }

    private String outcome() {
        try {
            return subject.dump(input);
        } catch (DockerfileException refused) {
            located(refused, input.length > 0);
            return refused.describe("Dockerfile");
        }
    }

    /** An error after parsing may leave the place to the caller, but a place that it names is in the file. */
    private void guarded(Runnable work) {
        try {
            work.run();
        } catch (DockerfileException refused) {
            located(refused, false);
        }
    }

    private void use(Instruction instruction, Expander expander) {
        guarded(() -> expander.expand(instruction.origin().text(), SCOPE));
        expander.display(instruction.display(), SCOPE);
        if (instruction instanceof Run run) {
            run.mounts().forEach(mount -> guarded(() -> mount.resolve(text -> expander.word(text, SCOPE))));
        }
        if (instruction instanceof Copy copy) {
            copy.options().chmod().ifPresent(chmod -> guarded(() -> ChmodSpec.parse(chmod).apply(0644, false)));
            for (Transfer.InlineFile inline : copy.transfer().inlineFiles()) {
                guarded(() -> inline.heredoc().expanded(SCOPE));
            }
        }
        if (instruction instanceof Onbuild onbuild) {
            guarded(() -> DockerfileParser.parseTrigger(onbuild.expression(), instruction.range()));
        }
    }

    private void ranges(List<Instruction> instructions) {
        SourceRange before = new SourceRange(1, 1, 1, 1);
        for (Instruction instruction : instructions) {
            SourceRange range = instruction.range();
            inside(range);
            boolean ordered = range.startLine() > before.endLine()
                    || (range.startLine() == before.endLine() && range.startColumn() >= before.endColumn());
            if (!ordered) {
                throw new Violation(instruction.keyword() + " at " + range + " overlaps what stands before it");
            }
            before = range;
        }
    }

    private void located(DockerfileException refused, boolean required) {
        if (required && refused.ranges().isEmpty()) {
            throw new Violation("an error without a place: " + refused.message());
        }
        refused.ranges().forEach(this::inside);
    }

    private void inside(SourceRange range) {
        if (range.endLine() > lines.size() || range.startColumn() > lines.get(range.startLine() - 1).length() + 1
                || range.endColumn() > lines.get(range.endLine() - 1).length() + 1) {
            throw new Violation("the range " + range + " to " + range.endLine() + ":" + range.endColumn()
                    + " is not in the file");
        }
    }
}
