package dev.kiln.dockerfile.lint;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

import dev.kiln.dockerfile.instruction.Arg;
import dev.kiln.dockerfile.instruction.From;
import dev.kiln.dockerfile.instruction.Instruction;
import dev.kiln.dockerfile.instruction.Maintainer;
import dev.kiln.dockerfile.lex.Keyword;
import dev.kiln.dockerfile.lex.RawInstruction;
import dev.kiln.dockerfile.lex.Word;
import dev.kiln.dockerfile.source.SourceRange;

/**
 * The rules about how a single instruction is written. They are also looked at above an instruction that is malformed,
 * and the ones that need no more than words even at that instruction.
 */
final class WrittenForm {

    private static final Pattern BLANKS = Pattern.compile("[ \\t\\x0B\\f\\r]+");

    private final Switches fileSwitches;
    private final Findings findings;

    WrittenForm(Switches fileSwitches, Findings findings) {
        this.fileSwitches = fileSwitches;
        this.findings = findings;
    }

    void check(Instruction instruction) {
        List<String> comments = instruction.origin().comments();
        Switches switches = fileSwitches.with(comments);
        String keyword = instruction.origin().keyword();
        if (instruction instanceof From from && from.stageName().isPresent()) {
            List<String> words = Arrays.asList(BLANKS.split(from.origin().text()));
            fromWords(switches, keyword, words.subList(words.size() - 3, words.size()), from.range());
            description(switches, "FROM", List.of(from.stageName().get()), from);
        } else if (instruction instanceof Arg arg) {
            description(switches, "ARG", arg.declarations().stream().map(Arg.Declaration::name).toList(), arg);
        } else if (instruction instanceof Maintainer) {
            maintainer(switches, instruction.range());
        }
    }

    /** At an instruction that cannot be read further. */
    void check(RawInstruction malformed) {
        Switches switches = fileSwitches.with(malformed.comments());
        Optional<Keyword> keyword = Keyword.of(malformed.keyword().text());
        List<Word> words = malformed.arguments().words();
        if (keyword.equals(Optional.of(Keyword.MAINTAINER))) {
            maintainer(switches, malformed.range());
        } else if (keyword.equals(Optional.of(Keyword.FROM)) && words.size() >= 3) {
            fromWords(switches, malformed.keyword().text(), words.stream().map(Word::text).toList(),
                    malformed.range());
        }
    }

    private void maintainer(Switches switches, SourceRange range) {
        findings.add(switches, Rule.MAINTAINER_DEPRECATED, range,
                "Maintainer instruction is deprecated in favor of using label");
    }

    /** @param arguments at least three: the base, AS, and the name of the stage */
    private void fromWords(Switches switches, String keyword, List<String> arguments, SourceRange range) {
        String name = arguments.get(2);
        if (arguments.size() == 3 && !isLower(name)) {
            findings.add(switches, Rule.STAGE_NAME_CASING, range, "Stage name '" + name + "' should be lowercase");
        }
        String as = arguments.get(1);
        boolean mixed = !isLower(keyword) && !isUpper(keyword);
        if (!mixed && !(isLower(keyword) ? isLower(as) : isUpper(as))) {
            findings.add(switches, Rule.FROM_AS_CASING, range,
                    "'" + as + "' and '" + keyword + "' keywords' casing do not match");
        }
    }

    /** A comment right above that describes something else. */
    private void description(Switches switches, String instruction, List<String> names, Instruction where) {
        List<String> comments = where.origin().comments();
        if (comments.isEmpty()) {
            return;
        }
        String last = comments.getLast();
        int blank = last.indexOf(' ');
        if (!names.contains(blank < 0 ? last : last.substring(0, blank))) {
            findings.add(switches, Rule.INVALID_DEFINITION_DESCRIPTION, where.range(), "Comment for " + instruction
                    + " should follow the format: `# " + (names.size() == 1 ? names.getFirst() : "<arg_key>")
                    + " <description>`");
        }
    }

    private static boolean isLower(String text) {
        return text.equals(text.toLowerCase(Locale.ROOT));
    }

    private static boolean isUpper(String text) {
        return text.equals(text.toUpperCase(Locale.ROOT));
    }
}
