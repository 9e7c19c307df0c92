package dev.kiln.executor.frontend;

import java.util.ArrayList;
import java.util.List;

import dev.kiln.dockerfile.instruction.Env;
import dev.kiln.dockerfile.instruction.Expose;
import dev.kiln.dockerfile.instruction.KeyValue;
import dev.kiln.dockerfile.instruction.Label;
import dev.kiln.dockerfile.instruction.Maintainer;
import dev.kiln.dockerfile.instruction.PortRange;
import dev.kiln.dockerfile.instruction.Shell;
import dev.kiln.dockerfile.instruction.Signals;
import dev.kiln.dockerfile.instruction.Stopsignal;
import dev.kiln.dockerfile.instruction.User;
import dev.kiln.dockerfile.instruction.Volume;
import dev.kiln.dockerfile.source.DockerfileException;

/** ENV, LABEL, EXPOSE, VOLUME, USER, STOPSIGNAL and SHELL: settings of the image, without a step. */
final class SettingTranslator {

    private SettingTranslator() {}

    /** All values see the variables as they were before the instruction. */
    static void translate(Env env, StageState stage) {
        List<KeyValue> pairs = expand(env.pairs(), stage);
        pairs.forEach(pair -> stage.setEnv(pair.key(), pair.value()));
        stage.record("ENV " + join(pairs), false);
    }

    static void translate(Label label, StageState stage) {
        List<KeyValue> pairs = expand(label.pairs(), stage);
        pairs.forEach(pair -> stage.config().setLabel(pair.key(), pair.value()));
        stage.record("LABEL " + join(pairs), false);
    }

    private static List<KeyValue> expand(List<KeyValue> pairs, StageState stage) {
        List<KeyValue> expanded = new ArrayList<>(pairs.size());
        for (KeyValue pair : pairs) {
            String key = stage.expand(pair.key());
            if (key.isEmpty()) {
                throw invalid("the key " + pair.key() + " is empty once its variables are replaced");
            }
            expanded.add(new KeyValue(key, stage.expand(pair.value()), pair.legacy()));
        }
        return expanded;
    }

    private static String join(List<KeyValue> pairs) {
        return String.join(" ", pairs.stream().map(pair -> pair.key() + "=" + pair.value()).toList());
    }

    static void translate(Expose expose, StageState stage) {
        List<String> ports = expose.ports()
            .stream()
            .flatMap(raw -> stage.build().expander().words(raw, stage.variables()).stream())
            .flatMap(word -> PortRange.parse(word).ports().stream())
            .toList();
        stage.config().expose(ports);
        stage.record("EXPOSE " + GoText.plain(ports), false);
    }

    static void translate(Volume volume, StageState stage) {
        List<String> paths = volume.paths().stream().map(stage::expand).toList();
        if (paths.contains("")) {
            throw invalid("VOLUME specified can not be an empty string");
        }
        stage.config().addVolumes(paths);
        stage.record("VOLUME " + GoText.plain(paths), false);
    }

    static void translate(User user, StageState stage) {
        String name = stage.expand(user.user());
        stage.config().setUser(name);
        stage.record("USER " + name, false);
    }

    static void translate(Stopsignal stopsignal, StageState stage) {
        String signal = stage.expand(stopsignal.signal());
        Signals.require(signal);
        stage.config().setStopSignal(signal);
        stage.record("STOPSIGNAL " + signal, false);
    }

    static void translate(Shell shell, StageState stage) {
        stage.config().setShell(shell.arguments());
        stage.record("SHELL " + GoText.plain(shell.arguments()), false);
    }

    static void translate(Maintainer maintainer, StageState stage) {
        stage.config().setAuthor(maintainer.name());
        stage.record("MAINTAINER " + maintainer.name(), false);
    }

    private static DockerfileException invalid(String message) {
        return new DockerfileException(DockerfileException.Code.SYNTAX, message);
    }
}
