package dev.kiln.dockerfile.lint;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

import dev.kiln.dockerfile.instruction.Instruction;
import dev.kiln.dockerfile.lex.Quoted;
import dev.kiln.dockerfile.source.SourceRange;
import dev.kiln.dockerfile.stage.Stage;

/** The rules that look at the file as a whole. Only the switches at its top count for them. */
final class FileRules {

    private static final Set<String> RESERVED = Set.of("context", "scratch");

    private final Switches switches;
    private final Findings findings;

    FileRules(Switches switches, Findings findings) {
        this.switches = switches;
        this.findings = findings;
    }

    /** Points at the last line of each instruction, where BuildKit does. */
    void emptyContinuations(List<SourceRange> instructions) {
        for (SourceRange range : instructions) {
            findings.add(switches, Rule.NO_EMPTY_CONTINUATION, SourceRange.ofLine(range.endLine(), 1, 0),
                    "Empty continuation line");
        }
    }

    void stageNames(List<Stage> stages) {
        Set<String> seen = new HashSet<>();
        for (Stage stage : stages) {
            stage.name().ifPresent(name -> {
                if (RESERVED.contains(name)) {
                    findings.add(switches, Rule.RESERVED_STAGE_NAME, stage.from().range(),
                            "Stage name should not use the same name as reserved stage " + Quoted.word(name));
                }
                if (!seen.add(name)) {
                    findings.add(switches, Rule.DUPLICATE_STAGE_NAME, stage.from().range(),
                            "Duplicate stage name " + Quoted.word(name) + ", stage names should be unique");
                }
            });
        }
    }

    /** Instructions before the first FROM neither count nor are looked at. */
    void keywordCasing(List<Stage> stages) {
        int lower = 0;
        int upper = 0;
        for (Stage stage : stages) {
            for (Instruction instruction : inOrder(stage)) {
                String keyword = instruction.origin().keyword();
                if (keyword.equals(keyword.toLowerCase(Locale.ROOT))) {
                    lower++;
                } else if (keyword.equals(instruction.keyword())) {
                    upper++;
                }
            }
        }
        boolean wantLower = lower > upper;
        stages.forEach(stage -> inOrder(stage).forEach(instruction -> keywordCasing(instruction, wantLower)));
    }

    private static List<Instruction> inOrder(Stage stage) {
        List<Instruction> all = new ArrayList<>(stage.instructions());
        all.addFirst(stage.from());
        return all;
    }

    private void keywordCasing(Instruction instruction, boolean wantLower) {
        String keyword = instruction.origin().keyword();
        String wanted = wantLower ? keyword.toLowerCase(Locale.ROOT) : instruction.keyword();
        if (!keyword.equals(wanted)) {
            findings.add(switches, Rule.CONSISTENT_INSTRUCTION_CASING, instruction.range(),
                    "Command '" + keyword + "' should match the case of the command majority ("
                            + (wantLower ? "lowercase" : "uppercase") + ")");
        }
    }
}
