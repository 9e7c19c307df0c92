package dev.kiln.executor.frontend;

import java.util.List;
import java.util.Optional;

import dev.kiln.dockerfile.instruction.Workdir;
import dev.kiln.dockerfile.source.DockerfileException;
import dev.kiln.executor.graph.OpSpec;

/** WORKDIR: a setting, and for any directory but the root a step and a layer too. */
final class WorkdirTranslator {

    private WorkdirTranslator() {}

    static void translate(Workdir workdir, StageState stage) {
        String path = LexicalPath.resolve(stage.config().workingDir(), stage.expand(workdir.path()));
        stage.config().setWorkingDir(path);
        String clean = LexicalPath.clean(path);
        boolean layer = !clean.equals("/");
        if (layer) {
            Optional<String> owner = Optional.of(stage.config().user()).filter(user -> !user.isEmpty());
            stage.step(displayed(workdir, stage),
                    new OpSpec.MakeDirectory(clean, owner, stage.build().arguments().epoch()), List.of(), workdir);
        }
        stage.record("WORKDIR " + path, layer);
    }

    private static String displayed(Workdir workdir, StageState stage) {
        try {
            return stage.expand(workdir.display());
        } catch (DockerfileException malformedAsAWhole) {
            return workdir.display();
        }
    }
}
