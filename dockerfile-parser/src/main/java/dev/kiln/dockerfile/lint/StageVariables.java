package dev.kiln.dockerfile.lint;

import java.util.List;
import java.util.Optional;
import java.util.Set;

import dev.kiln.dockerfile.expand.Scope;
import dev.kiln.dockerfile.instruction.Arg;
import dev.kiln.dockerfile.source.DockerfileException;
import dev.kiln.dockerfile.source.SourceRange;

/** Expands the words of one stage, and finds the variables in them that are not defined. */
final class StageVariables {

    /** Build arguments that are never set as variables, and whose use is therefore no mistake. */
    static final Set<String> NEVER_SET = Set.of("BUILDKIT_SBOM_SCAN_CONTEXT", "BUILDKIT_SBOM_SCAN_STAGE");

    private final LintRun run;
    private final Environment environment;
    private final Findings findings;
    private final Optional<String> unknownBase;
    private Switches switches;
    private SourceRange place = SourceRange.ofLine(1, 1, 0);

    StageVariables(LintRun run, Environment environment, Findings findings, StageState state) {
        this.run = run;
        this.environment = environment;
        this.findings = findings;
        this.unknownBase = state.unknownBase();
        this.switches = run.switches();
    }

    /** Goes on to an instruction. */
    void at(Switches here, SourceRange range) {
        switches = here;
        place = range;
    }

    /** @throws DockerfileException without a range, if the expansion fails in every build */
    Value expand(String raw) {
        return reported(run.words().word(raw, scope()));
    }

    /** As {@link #expand}, for the body of a here-document. */
    Value expandBody(String raw) {
        return reported(run.words().body(raw, scope()));
    }

    /** The value of a declaration: from the request, from the default, or from the declaration above the stages. */
    Value argument(Arg.Declaration declaration) {
        Optional<String> requested = Optional.ofNullable(run.context().buildArguments().get(declaration.name()));
        if (requested.isPresent()) {
            return new Value(requested, true);
        }
        return declaration.defaultValue()
            .map(this::expand)
            .orElseGet(() -> new Value(run.globals().get(declaration.name()), true));
    }

    /** The words that the text splits into; a variable that is missing in them is none of the linter's business. */
    Optional<List<String>> split(String raw) {
        Words.Expanded word = run.words().word(raw, scope());
        return certain(word) ? Optional.of(run.words().split(raw, scope())) : Optional.empty();
    }

    private Scope scope() {
        return name -> environment.find(name).map(Environment.Variable::value);
    }

    /** A variable that is missing here may be set by an unknown base, also if it is declared as a build argument. */
    private boolean certain(Words.Expanded word) {
        return (unknownBase.isEmpty() || word.missing().isEmpty())
                && word.found()
                    .stream()
                    .allMatch(name -> environment.find(name)
                        .map(Environment.Variable::certain)
                        .orElse(false));
    }

    private Value reported(Words.Expanded word) {
        word.missing().forEach(this::undefined);
        boolean certain = certain(word);
        if (certain) {
            word.failure()
                .ifPresent(failed -> {
                    throw failed;
                });
        }
        return new Value(word.text(), certain);
    }

    private void undefined(String name) {
        if (environment.isDeclared(name) || NEVER_SET.contains(name) || !switches.on(Rule.UNDEFINED_VAR)) {
            return;
        }
        if (unknownBase.isPresent()) {
            run.unknownBases().add(unknownBase.get());
            return;
        }
        String suggestion = environment.suggest(name, run.suggestions())
            .map(meant -> " (did you mean $" + meant + "?)")
            .orElse("");
        findings.add(switches, Rule.UNDEFINED_VAR, place, "Usage of undefined variable '$" + name + "'" + suggestion);
    }
}
