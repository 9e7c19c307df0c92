package dev.kiln.dockerfile.lint;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import dev.kiln.dockerfile.instruction.Add;
import dev.kiln.dockerfile.instruction.Arg;
import dev.kiln.dockerfile.instruction.Cmd;
import dev.kiln.dockerfile.instruction.CommandLine;
import dev.kiln.dockerfile.instruction.Copy;
import dev.kiln.dockerfile.instruction.Entrypoint;
import dev.kiln.dockerfile.instruction.Env;
import dev.kiln.dockerfile.instruction.Expose;
import dev.kiln.dockerfile.instruction.From;
import dev.kiln.dockerfile.instruction.Healthcheck;
import dev.kiln.dockerfile.instruction.Instruction;
import dev.kiln.dockerfile.instruction.KeyValue;
import dev.kiln.dockerfile.instruction.Label;
import dev.kiln.dockerfile.instruction.Maintainer;
import dev.kiln.dockerfile.instruction.MountSpec;
import dev.kiln.dockerfile.instruction.Onbuild;
import dev.kiln.dockerfile.instruction.Run;
import dev.kiln.dockerfile.instruction.RunMount;
import dev.kiln.dockerfile.instruction.Shell;
import dev.kiln.dockerfile.instruction.Signals;
import dev.kiln.dockerfile.instruction.Stopsignal;
import dev.kiln.dockerfile.instruction.User;
import dev.kiln.dockerfile.instruction.Volume;
import dev.kiln.dockerfile.instruction.Workdir;
import dev.kiln.dockerfile.lex.Quoted;
import dev.kiln.dockerfile.source.DockerfileException;
import dev.kiln.dockerfile.source.DockerfileException.Code;
import dev.kiln.dockerfile.source.SourceRange;
import dev.kiln.dockerfile.stage.Source;
import dev.kiln.dockerfile.stage.Stage;

/**
 * The rules that follow a stage from instruction to instruction, with the variables that hold at each of them.
 *
 * <p>
 * Where a word depends on a variable that only an unknown base image could define, no rule looks at what it expands to,
 * and an expansion that fails because of it is passed over.
 */
final class StageRules {

    private final LintRun run;
    private final Stage stage;
    private final Environment environment;
    private final Findings findings = new Findings();
    private final Map<String, SourceRange> onlyOnce = new HashMap<>();
    private final StageVariables variables;
    private final TransferRules transfers;
    private StageState state;
    /** The instruction that is looked at, or what brought it in. */
    private SourceRange place;
    private Switches switches;

    StageRules(LintRun run, Stage stage, StageState state, Environment environment) {
        this.run = run;
        this.stage = stage;
        this.state = state;
        this.environment = environment;
        this.variables = new StageVariables(run, environment, findings, state);
        this.transfers = new TransferRules(run, stage, variables, findings);
        this.place = stage.from().range();
        this.switches = run.switches();
    }

    Findings findings() {
        return findings;
    }

    /**
     * Looks at what the base left to be done, then at the stage's own instructions.
     *
     * @return what holds at the end of the stage, besides the variables
     * @throws DockerfileException at the instruction that cannot be built; what was found before stays
     */
    StageState follow(List<Instruction> triggers) {
        for (Instruction instruction : triggers) {
            lookAt(instruction);
        }
        for (Instruction instruction : stage.instructions()) {
            lookAt(instruction);
        }
        return state;
    }

    private void lookAt(Instruction instruction) {
        place = instruction.range();
        switches = run.switches().with(instruction.origin().comments());
        variables.at(switches, place);
        try {
            check(instruction);
        } catch (DockerfileException failed) {
            throw failed.at(place, instruction.origin().text());
        }
    }

    private void check(Instruction instruction) {
        switch (instruction) {
            case Add add -> transfers.check(add, switches, place);
            case Arg arg -> arg.declarations().forEach(this::argument);
            case Cmd cmd -> command(cmd, cmd.command());
            case Copy copy -> transfers.check(copy, switches, place);
            case Entrypoint entrypoint -> command(entrypoint, entrypoint.command());
            case Env env -> environment(env);
            case Expose expose -> new ExposedPorts(variables, findings, switches, place).check(expose);
            case Healthcheck healthcheck -> once(healthcheck);
            case Label label -> label(label);
            case Run step -> mounts(step);
            case Shell _ -> state = state.withShell();
            case Stopsignal stopsignal -> variables.expand(stopsignal.signal()).ifCertain(Signals::require);
            case User user -> variables.expand(user.user());
            case Volume volume -> volume.paths().forEach(this::volume);
            case Workdir workdir -> workdir(workdir);
            case From _,Maintainer _,Onbuild _ -> {
            }
        }
    }

    private void argument(Arg.Declaration declaration) {
        String name = declaration.name();
        SecretNames.check(findings, switches, "ARG", name, place);
        Value value = variables.argument(declaration);
        value.text()
            .filter(text -> !StageVariables.NEVER_SET.contains(name))
            .ifPresent(text -> environment.set(name, text, value.certain()));
        environment.declare(name);
    }

    private void environment(Env env) {
        List<KeyValue> pairs = env.pairs();
        List<Value> expanded = pairs(pairs);
        for (int i = 0; i < pairs.size(); i++) {
            legacyForm(env, pairs.get(i));
            Value key = expanded.get(2 * i);
            Value value = expanded.get(2 * i + 1);
            key.ifCertain(name -> {
                SecretNames.check(findings, switches, "ENV", name, place);
                environment.set(name, value.text().orElse(""), value.certain());
            });
        }
    }

    private void label(Label label) {
        pairs(label.pairs());
        label.pairs().forEach(pair -> legacyForm(label, pair));
    }

    /** Keys and values in turn: all of an instruction see the variables that held before it. */
    private List<Value> pairs(List<KeyValue> pairs) {
        List<Value> expanded = new ArrayList<>(2 * pairs.size());
        for (KeyValue pair : pairs) {
            expanded.add(variables.expand(pair.key()));
            expanded.add(variables.expand(pair.value()));
        }
        return expanded;
    }

    private void legacyForm(Instruction instruction, KeyValue pair) {
        if (pair.legacy()) {
            String name = instruction.origin().keyword();
            findings.add(switches, Rule.LEGACY_KEY_VALUE_FORMAT, place, "\"" + name
                    + " key=value\" should be used instead of legacy \"" + name + " key value\" format");
        }
    }

    private void command(Instruction instruction, CommandLine command) {
        once(instruction);
        if (command instanceof CommandLine.ShellForm && !state.shell()) {
            findings.add(switches, Rule.JSON_ARGS_RECOMMENDED, place, "JSON arguments recommended for "
                    + instruction.origin().keyword() + " to prevent unintended behavior related to OS signals");
        }
    }

    /** Points at the earlier one, because that is the one without effect. */
    private void once(Instruction instruction) {
        SourceRange before = onlyOnce.put(instruction.keyword(), place);
        if (before != null) {
            findings.add(switches, Rule.MULTIPLE_INSTRUCTIONS_DISALLOWED, before,
                    "Multiple " + instruction.origin().keyword()
                            + " instructions should not be used in the same stage because only the last one will be used");
        }
    }

    private void mounts(Run step) {
        for (RunMount mount : step.mounts()) {
            List<Value> values = new ArrayList<>();
            try {
                refuseLater(mount.resolve(raw -> {
                    values.add(variables.expand(raw));
                    return values.getLast().text().orElse("");
                }), mount);
            } catch (DockerfileException failed) {
                if (values.stream().allMatch(Value::certain)) {
                    throw failed;
                }
            }
        }
    }

    private void refuseLater(MountSpec spec, RunMount mount) {
        if (run.graph().mountSource(mount) instanceof Source.OtherStage(Stage other)
                && other.index() > stage.index()) {
            throw new DockerfileException(Code.STAGE, "cannot mount from stage " + Quoted.word(mount.from().orElse(""))
                    + " to " + Quoted.word(target(spec)) + ", stage needs to be defined before current command");
        }
    }

    private static String target(MountSpec spec) {
        return switch (spec) {
            case MountSpec.Bind bind -> bind.target();
            case MountSpec.Cache cache -> cache.target();
            case MountSpec.Tmpfs tmpfs -> tmpfs.target();
            case MountSpec.Secret secret -> secret.target().orElse("");
            case MountSpec.Ssh ssh -> ssh.target().orElse("");
        };
    }

    private void volume(String path) {
        variables.expand(path).ifCertain(text -> {
            if (text.isEmpty()) {
                throw new DockerfileException(Code.SYNTAX, "VOLUME specified can not be an empty string");
            }
        });
    }

    private void workdir(Workdir workdir) {
        Value path = variables.expand(workdir.path());
        if (!state.workdir()) {
            path.ifCertain(text -> {
                if (!text.startsWith("/")) {
                    findings.add(switches, Rule.WORKDIR_RELATIVE_PATH, place, "Relative workdir " + Quoted.word(text)
                            + " can have unexpected results if the base image changes");
                }
            });
        }
        state = state.withWorkdir();
    }
}
