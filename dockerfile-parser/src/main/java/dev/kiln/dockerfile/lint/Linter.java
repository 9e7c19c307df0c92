package dev.kiln.dockerfile.lint;

import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

import dev.kiln.dockerfile.Dockerfile;
import dev.kiln.dockerfile.DockerfileParser;
import dev.kiln.dockerfile.expand.Scope;
import dev.kiln.dockerfile.instruction.Instruction;
import dev.kiln.dockerfile.lex.CheckOptions;
import dev.kiln.dockerfile.lex.Directives;
import dev.kiln.dockerfile.lex.Quoted;
import dev.kiln.dockerfile.source.DockerfileException;
import dev.kiln.dockerfile.source.DockerfileException.Code;
import dev.kiln.dockerfile.stage.GlobalArguments;
import dev.kiln.dockerfile.stage.Source;
import dev.kiln.dockerfile.stage.Stage;
import dev.kiln.dockerfile.stage.StageGraph;

/**
 * Checks a Dockerfile: first how each instruction is written, then the file as a whole, then the FROM lines, then what
 * the stages do. The first error ends the check; what was found before it is in the report.
 */
public final class Linter {

    private static final String TARGET_STAGE = "TARGETSTAGE";

    private final LintContext context;
    private final CheckOptions options;
    private final Switches switches;
    private final Findings findings = new Findings();
    private final Set<String> unknownBases = new LinkedHashSet<>();

    private Linter(LintContext context, CheckOptions options) {
        this.context = context;
        this.options = options;
        this.switches = Switches.of(options);
    }

    /** Checks a file that has been read. Never throws for what is in it. */
    public static LintReport lint(Dockerfile file, LintContext context) {
        CheckOptions options;
        try {
            options = options(file.directives(), context);
        } catch (DockerfileException malformed) {
            return refusedOptions(malformed);
        }
        return new Linter(context, options).run(file);
    }

    /** Checks a file in UTF-8, which may be malformed: that is in the report, after what comes before it. */
    public static LintReport lint(byte[] file, LintContext context) {
        try {
            return lint(DockerfileParser.parse(file), context);
        } catch (DockerfileException failed) {
            return new MalformedFile(file, context).check(failed);
        }
    }

    /** @throws DockerfileException if they are malformed */
    static CheckOptions options(Directives directives, LintContext context) {
        return Optional.ofNullable(context.buildArguments().get(LintContext.CHECK))
            .map(CheckOptions::parse)
            .or(() -> directives.check().map(CheckOptions::parse))
            .orElse(CheckOptions.NONE);
    }

    /** Nothing is checked then: it is not known what to look at. */
    static LintReport refusedOptions(DockerfileException malformed) {
        LintError error = new LintError("failed to parse check options: " + malformed.message(), malformed.ranges());
        return new LintReport(List.of(), Optional.of(error), Optional.of(error.message()), Set.of());
    }

    private LintReport run(Dockerfile file) {
        Optional<LintError> error = Optional.empty();
        try {
            check(file);
        } catch (DockerfileException failed) {
            error = Optional.of(LintError.of(failed));
        }
        return LintReport.of(findings.all(), error, options.failOnFindings(), unknownBases);
    }

    private void check(Dockerfile file) {
        FileRules fileRules = new FileRules(switches, findings);
        fileRules.emptyContinuations(file.emptyContinuations());
        WrittenForm written = new WrittenForm(switches, findings);
        file.instructions().forEach(written::check);
        fileRules.stageNames(file.stages());
        fileRules.keywordCasing(file.stages());

        Words words = new Words(file.expander());
        Suggestions suggestions = new Suggestions();
        Map<String, String> predefined = predefined(file);
        FromRules from = new FromRules(file, switches, findings, words, suggestions, predefined);
        from.defaults(predefined);
        Scope globals = GlobalArguments.evaluate(file.globalArguments(), predefined, context.buildArguments(),
                file.expander());
        List<FromRules.Base> bases = from.bases(globals);
        StageGraph graph = StageGraph.of(file.stages(), globals, file.expander());
        stages(file, new LintRun(context, switches, words, suggestions, graph, globals, unknownBases), bases);
    }

    /** What FROM lines see without a declaration, as the request overrides it. */
    private Map<String, String> predefined(Dockerfile file) {
        Map<String, String> predefined = new LinkedHashMap<>(context.predefined());
        predefined.putIfAbsent(TARGET_STAGE,
                context.target().or(() -> file.stages().getLast().name()).orElse("default"));
        predefined.replaceAll((name, value) -> context.buildArguments().getOrDefault(name, value));
        return predefined;
    }

    private void stages(Dockerfile file, LintRun run, List<FromRules.Base> bases) {
        file.stages().forEach(stage -> requireImageName(run.graph(), stage));
        Map<Integer, Optional<BaseImage>> images = new HashMap<>();
        BaseImagePlatforms platforms = new BaseImagePlatforms(context, switches, findings);
        Triggers triggers = new Triggers(run.graph(), stage -> images.computeIfAbsent(stage.index(),
                index -> image(run.graph(), stage, bases.get(index))));
        BitSet reached = new Reached(run.graph(), triggers).from(run.graph().target(context.target()));
        BitSet chosen = (BitSet) reached.clone();
        if (context.reach() == LintContext.Reach.ALL_WITHOUT_TARGET && context.target().isEmpty()) {
            chosen.set(0, file.stages().size());
        }
        for (Stage stage : file.stages()) {
            if (chosen.get(stage.index())) {
                Optional<BaseImage> image = images.computeIfAbsent(stage.index(),
                        index -> image(run.graph(), stage, bases.get(index)));
                image.ifPresent(known -> platforms.check(stage, bases.get(stage.index()), known));
            }
        }
        new StageWalk(run, stage -> images.getOrDefault(stage.index(), Optional.empty()),
                stage -> reached.get(stage.index()) ? triggers.of(stage) : List.<Instruction>of())
            .walk(file.stages(), chosen, findings);
    }

    private static void requireImageName(StageGraph graph, Stage stage) {
        if (graph.base(stage) instanceof Source.Image(String reference)) {
            ImageNames.fault(reference).ifPresent(fault -> {
                throw new DockerfileException(Code.SYNTAX,
                        "failed to parse stage name " + Quoted.word(reference) + ": " + fault, stage.from().range(),
                        stage.from().origin().text());
            });
        }
    }

    private Optional<BaseImage> image(StageGraph graph, Stage stage, FromRules.Base base) {
        return graph.base(stage) instanceof Source.Image(String reference)
                ? context.baseImages().find(reference, base.platformText())
                : Optional.empty();
    }
}
