package dev.kiln.executor.frontend;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import dev.kiln.dockerfile.instruction.Control;
import dev.kiln.dockerfile.instruction.Instruction;
import dev.kiln.dockerfile.instruction.Workdir;
import dev.kiln.executor.graph.Freshness;
import dev.kiln.executor.graph.OpSpec;
import dev.kiln.executor.graph.StepOrigin;
import dev.kiln.executor.graph.Vertex;
import dev.kiln.layercache.oci.Platform;

/** A stage while its instructions are gone through: its files so far, what it sees, and the image it would become. */
final class StageState {
    private static final int LONGEST_NAME = 64 * 1024;

    private final Translation build;
    private final StepNames names;
    private final ConfigDraft config;
    private final Platform platform;
    private final Variables variables;
    private final List<DeclaredArgument> declared;
    private Vertex root;
    private boolean cmdSet;
    private boolean noCache;
    private List<Control> controls = List.of();
    /** Shared by the steps that see the same; absent after a change. */
    private Optional<List<String>> arguments = Optional.empty();

    /** @param value empty for one that has none */
    record DeclaredArgument(String name, Optional<String> value) {}

    private StageState(Translation build, StepNames names, ConfigDraft config, Platform platform, Vertex root,
            Variables variables, List<DeclaredArgument> declared) {
        this.build = build;
        this.names = names;
        this.config = config;
        this.platform = platform;
        this.root = root;
        this.variables = variables;
        this.declared = declared;
        takeOverConfig();
    }

    /**
     * Starts from an image or from nothing.
     *
     * @param platform of the programs that its steps run
     */
    static StageState of(Translation build, StepNames names, ConfigDraft config, Platform platform, Vertex root) {
        return new StageState(build, names, config, platform, root, new Variables(), new ArrayList<>());
    }

    /** Starts from another stage, with its arguments. */
    static StageState onTopOf(StageState base, Translation build, StepNames names) {
        build.limit().copies(base.config.size() + base.variables.size() + base.declared.size());
        return new StageState(build, names, new ConfigDraft(base.config.toConfig()), base.platform, base.root,
                base.variables.copy(), new ArrayList<>(base.declared));
    }

    /** Steps see the environment of the image, with a search path if it has none; it stands after inherited arguments. */
    private void takeOverConfig() {
        if (!config.hasEnv("PATH")) {
            config.setEnv("PATH", ScratchImage.PATH);
        }
        config.env().forEach(variables::setEntry);
        if (!config.workingDir().isEmpty()) {
            config.setWorkingDir(LexicalPath.resolve("", config.workingDir()));
        }
    }

    /**
     * How far results of the steps from here on may be taken.
     *
     * @param again whether the request wants them to run although they may be known
     * @param ofStage what comments ask for that stand above the stage
     */
    void setFreshness(boolean again, List<Control> ofStage) {
        noCache = again;
        controls = ofStage;
    }

    Translation build() {
        return build;
    }

    ConfigDraft config() {
        return config;
    }

    /** Of the programs that steps run. */
    Platform platform() {
        return platform;
    }

    Variables variables() {
        return variables;
    }

    Vertex root() {
        return root;
    }

    /** Absolute, as written. */
    String directory() {
        return config.workingDir().isEmpty() ? "/" : config.workingDir();
    }

    void setEnv(String name, String value) {
        arguments = Optional.empty();
        variables.set(name, value);
        config.setEnv(name, value);
    }

    void declare(String name, Optional<String> value) {
        arguments = Optional.empty();
        declared.add(new DeclaredArgument(name, value));
    }

    int declaredCount() {
        return declared.size();
    }

    /** The arguments declared so far with the value each has now, in the order of their first declaration. */
    Map<String, String> declaredValues() {
        Map<String, String> values = new LinkedHashMap<>();
        for (DeclaredArgument argument : declared) {
            values.put(argument.name(), variables.get(argument.name()).or(argument::value).orElse(""));
        }
        return values;
    }

    /** True when this very stage has set CMD. */
    boolean isCmdSet() {
        return cmdSet;
    }

    void markCmdSet() {
        cmdSet = true;
    }

    /** The raw word with variables replaced. */
    String expand(String raw) {
        return build.expander().word(raw, variables);
    }

    void record(String text, boolean layer) {
        build.limit().text(text);
        config.record(text, layer, build.arguments().epoch());
    }

    private static String clip(String text) {
        return text.length() <= LONGEST_NAME ? text : text.substring(0, LONGEST_NAME) + "…";
    }

    /** Adds a step on top of the stage's files. */
    void step(String displayed, OpSpec op, List<Vertex> moreInputs, Instruction by) {
        List<Vertex> inputs = new ArrayList<>(moreInputs.size() + 1);
        inputs.add(root);
        inputs.addAll(moreInputs);
        build.limit().text(displayed);
        names.markTarget(target());
        root = build.graph().add(names.next(clip(displayed)), op, inputs, freshness(by), origin(by));
    }

    /** Adds a step that does without the stage's files, and puts what it made on top of them. */
    void linkedStep(String displayed, OpSpec op, List<Vertex> inputs, Instruction by) {
        build.limit().text(displayed);
        String shown = clip(displayed);
        names.markTarget(target());
        Vertex made = build.graph().add(names.next(shown), op, inputs, freshness(by), origin(by));
        root = build.graph().add(names.again("LINK " + shown), new OpSpec.Merge(), List.of(root, made), false);
    }

    /** The platform that the arguments of the stage name, as far as it has declared them. */
    private Optional<Platform> target() {
        if (!build.several()) {
            return Optional.empty();
        }
        Optional<String> whole = variables.get("TARGETPLATFORM");
        String text = whole.orElseGet(() -> variables.get("TARGETARCH")
            .map(architecture -> variables.get("TARGETOS").orElse("linux") + "/" + architecture
                    + variables.get("TARGETVARIANT").filter(v -> !v.isEmpty()).map(v -> "/" + v).orElse(""))
            .orElse(""));
        try {
            return Optional.of(Platform.parse(text));
        } catch (IllegalArgumentException _) {
            // Somebody gave the argument a value of their own; a name for people does without.
            return Optional.empty();
        }
    }

    /** A directory costs less to make than to look up anew; of other steps the request is asked first. */
    private Freshness freshness(Instruction by) {
        if (by instanceof Workdir) {
            return Freshness.ANY;
        }
        if (noCache) {
            return new Freshness.Never(Freshness.Wish.REQUEST);
        }
        return freshness(by.origin().controls()).or(() -> freshness(controls)).orElse(Freshness.ANY);
    }

    private static Optional<Freshness> freshness(List<Control> controls) {
        return controls.stream().flatMap(control -> freshness(control).stream()).findFirst();
    }

    private static Optional<Freshness> freshness(Control control) {
        return switch (control) {
            case Control.NoCache _ -> Optional.of(new Freshness.Never(Freshness.Wish.COMMENT));
            case Control.TimeToLive(var ttl, var _) -> Optional.of(new Freshness.Within(ttl));
            case Control.DiscardOnFailure _ -> Optional.empty();
        };
    }

    private StepOrigin origin(Instruction by) {
        boolean own = platform.equals(build.options().platforms().build());
        return new StepOrigin(build.options().project(), own ? names.stage() : platform + " " + names.stage(),
                clip(by.display()), arguments());
    }

    /** Those variables that ENV did not set. */
    private List<String> arguments() {
        List<String> known = arguments.orElseGet(this::findArguments);
        arguments = Optional.of(known);
        return known;
    }

    private List<String> findArguments() {
        build.limit().references(declared.size());
        return declared.stream()
            .map(DeclaredArgument::name)
            .distinct()
            .filter(name -> !config.hasEnv(name))
            .toList();
    }

    StepNames names() {
        return names;
    }
}
