package dev.kiln.dockerfile.outline;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

import dev.kiln.dockerfile.expand.Expander;
import dev.kiln.dockerfile.expand.Scope;
import dev.kiln.dockerfile.instruction.Arg;
import dev.kiln.dockerfile.instruction.Env;
import dev.kiln.dockerfile.instruction.Instruction;
import dev.kiln.dockerfile.instruction.KeyValue;
import dev.kiln.dockerfile.instruction.MountSpec;
import dev.kiln.dockerfile.instruction.Run;
import dev.kiln.dockerfile.instruction.RunMount;
import dev.kiln.dockerfile.source.DockerfileException;

/** What one stage declares and asks for. */
final class StageOutline {
    private final Expander expander;
    private final Map<String, String> requested;
    private final Scope globals;
    /** What is known of each name that may be used; a stage's own declaration takes the place of a global one. */
    final Map<String, OutlineWalk.Known> known;
    final Set<String> used = new LinkedHashSet<>();
    final Map<String, Outline.Access> secrets = new LinkedHashMap<>();
    final Map<String, Outline.Access> ssh = new LinkedHashMap<>();
    private final Map<String, String> environment;

    /** @param base the stage it starts from */
    StageOutline(OutlineWalk walk, Optional<StageOutline> base) {
        this.expander = walk.expander();
        this.requested = walk.requested();
        this.globals = walk.globals();
        this.known = new HashMap<>(walk.known());
        this.environment = base.map(stage -> new HashMap<>(stage.environment)).orElseGet(HashMap::new);
    }

    void read(List<Instruction> instructions) {
        for (Instruction instruction : instructions) {
            try {
                switch (instruction) {
                    case Arg arg -> arg.declarations().forEach(declaration -> declare(arg, declaration));
                    case Env env -> set(env);
                    case Run run -> run.mounts().forEach(mount -> access(run, mount));
                    default -> {
                    }
                }
            } catch (DockerfileException failed) {
                throw failed.ranges().isEmpty()
                        ? failed.at(instruction.range(), instruction.origin().text())
                        : failed;
            }
        }
    }

    private void declare(Arg arg, Arg.Declaration declaration) {
        String name = declaration.name();
        used.add(name);
        Optional<String> given = Optional.ofNullable(requested.get(name));
        boolean inherited = given.isEmpty() && declaration.defaultValue().isEmpty() && globals.get(name).isPresent();
        Optional<String> value = given.or(() -> inherited
                ? globals.get(name)
                : declaration.defaultValue().map(this::expand));
        value.ifPresent(text -> environment.put(name, text));
        if (!inherited) {
            known.put(name, new OutlineWalk.Known(
                    new Outline.Argument(name, declaration.description(), value, arg.range()), Set.of()));
        }
    }

    /** Every pair sees what stood before the instruction. */
    private void set(Env env) {
        Map<String, String> pairs = new LinkedHashMap<>();
        for (KeyValue pair : env.pairs()) {
            pairs.put(expand(pair.key()), expand(pair.value()));
        }
        environment.putAll(pairs);
    }

    private void access(Run run, RunMount mount) {
        switch (mount.resolve(this::expand)) {
            case MountSpec.Secret secret ->
                secrets.putIfAbsent(secret.id(), new Outline.Access(secret.id(), secret.required(), run.range()));
            case MountSpec.Ssh key ->
                ssh.putIfAbsent(key.id(), new Outline.Access(key.id(), key.required(), run.range()));
            case MountSpec.Bind _,MountSpec.Cache _,MountSpec.Tmpfs _ -> {
            }
        }
    }

    private String expand(String raw) {
        return expander.word(raw, Scope.of(environment));
    }
}
