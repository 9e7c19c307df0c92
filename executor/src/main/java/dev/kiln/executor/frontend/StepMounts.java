package dev.kiln.executor.frontend;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

import dev.kiln.dockerfile.expand.Scope;
import dev.kiln.dockerfile.instruction.Control;
import dev.kiln.dockerfile.instruction.MountSpec;
import dev.kiln.dockerfile.instruction.Run;
import dev.kiln.dockerfile.instruction.RunMount;
import dev.kiln.dockerfile.source.DockerfileException;
import dev.kiln.dockerfile.source.DockerfileException.Code;
import dev.kiln.executor.graph.StepMount;
import dev.kiln.executor.graph.StepMount.Permissions;
import dev.kiln.executor.graph.Vertex;

/**
 * The mounts of one RUN, and the vertices whose files they show: inputs of the step after its root.
 *
 * @param secretVariables the names of variables that hold secrets
 */
record StepMounts(List<StepMount> mounts, List<Vertex> inputs, Set<String> secretVariables) {
    private static final String NAMESPACE = "BUILDKIT_CACHE_MOUNT_NS";
    private static final int SECRET_MODE = 0400;
    private static final int SOCKET_MODE = 0600;
    private static final int DIRECTORY_MODE = 0755;

    static StepMounts of(Run run, StageState stage, SourceVertices files) {
        StepMounts all = new StepMounts(new ArrayList<>(), new ArrayList<>(), new HashSet<>());
        Optional<Control.DiscardOnFailure> discard = discard(run);
        int agents = 0;
        for (RunMount written : run.mounts()) {
            MountSpec spec = written.resolve(stage::expand);
            StepMount mount = switch (spec) {
                case MountSpec.Bind bind -> new StepMount.Bind(all.input(written, stage, files),
                        fromRoot(bind.source()), target(bind.target(), stage), !bind.readOnly());
                case MountSpec.Cache cache -> all.cache(cache, written, stage, files, discard.isPresent());
                case MountSpec.Tmpfs(var target, var _, var size) -> new StepMount.Tmpfs(target(target, stage),
                        size > 0 ? OptionalLong.of(size) : OptionalLong.empty());
                case MountSpec.Secret secret -> secret(secret);
                case MountSpec.Ssh(var id, var target, var required, var file) -> new StepMount.Ssh(id,
                        LexicalPath.clean("/" + target.orElse("run/buildkit/ssh_agent." + agents++)),
                        permissions(file, SOCKET_MODE), required);
            };
            all.mounts.add(mount);
            if (mount instanceof StepMount.Secret secret) {
                secret.env().ifPresent(all.secretVariables::add);
            }
        }
        if (discard.isPresent() && all.mounts.stream().noneMatch(StepMounts::isWritableCache)) {
            throw new DockerfileException(Code.SYNTAX, "the comment kiln:cache-on-failure has no effect: the RUN below"
                    + " it has no cache mount that it may write to")
                .at(discard.get().range(), "kiln:cache-on-failure=discard");
        }
        return all;
    }

    private static Optional<Control.DiscardOnFailure> discard(Run run) {
        return run.origin()
            .controls()
            .stream()
            .filter(Control.DiscardOnFailure.class::isInstance)
            .map(Control.DiscardOnFailure.class::cast)
            .findFirst();
    }

    private static boolean isWritableCache(StepMount mount) {
        return mount instanceof StepMount.Cache cache && !cache.readOnly();
    }

    private int input(RunMount mount, StageState stage, SourceVertices files) {
        Vertex vertex = files.files(stage.build().stages().mountSource(mount));
        int at = inputs.indexOf(vertex);
        if (at < 0) {
            inputs.add(vertex);
            at = inputs.size() - 1;
        }
        return at + 1;
    }

    private StepMount cache(MountSpec.Cache cache, RunMount written, StageState stage, SourceVertices files,
            boolean onlyOnSuccess) {
        String id = stage.build().arguments().given(NAMESPACE).orElse("") + "/" + cache.id();
        StepMount.Sharing sharing = switch (cache.sharing()) {
            case SHARED -> StepMount.Sharing.SHARED;
            case PRIVATE -> StepMount.Sharing.PRIVATE;
            case LOCKED -> StepMount.Sharing.LOCKED;
        };
        String source = fromRoot(cache.source());
        boolean said = !cache.permissions().equals(MountSpec.Permissions.NONE);
        return new StepMount.Cache(id, sharing,
                cache.from().isPresent() ? OptionalInt.of(input(written, stage, files)) : OptionalInt.empty(), source,
                target(cache.target(), stage), cache.readOnly(),
                said && source.equals(".")
                        ? Optional.of(permissions(cache.permissions(), DIRECTORY_MODE))
                        : Optional.empty(),
                onlyOnSuccess && !cache.readOnly());
    }

    private static StepMount secret(MountSpec.Secret secret) {
        return new StepMount.Secret(secret.id(), secret.target().map(target -> LexicalPath.clean("/" + target)),
                secret.variable(), permissions(secret.permissions(), SECRET_MODE), secret.required());
    }

    private static Permissions permissions(MountSpec.Permissions said, int mode) {
        return new Permissions(said.mode().orElse(mode), said.uid().orElse(0L), said.gid().orElse(0L));
    }

    private static String target(String written, StageState stage) {
        String target = LexicalPath
            .clean(LexicalPath.isAbsolute(written) ? written : stage.directory() + "/" + written);
        if (target.equals("/")) {
            throw new DockerfileException(Code.FLAG, "invalid mount target \"/\"");
        }
        return target;
    }

    /** {@code .} is everything. */
    private static String fromRoot(String source) {
        String clean = LexicalPath.clean("/" + source);
        return clean.equals("/") ? "." : clean.substring(1);
    }

    /** The variables as they may be shown: those that hold secrets have asterisks in their place. */
    Scope masked(Scope variables) {
        return secretVariables.isEmpty()
                ? variables
                : name -> secretVariables.contains(name) ? Optional.of("****") : variables.get(name);
    }
}
