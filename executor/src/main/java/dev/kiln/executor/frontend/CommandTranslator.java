package dev.kiln.executor.frontend;

import java.util.List;

import dev.kiln.dockerfile.instruction.Cmd;
import dev.kiln.dockerfile.instruction.Durations;
import dev.kiln.dockerfile.instruction.Entrypoint;
import dev.kiln.dockerfile.instruction.Healthcheck;
import dev.kiln.layercache.oci.ImageConfig;

/** CMD and ENTRYPOINT: what the image runs. */
final class CommandTranslator {

    private CommandTranslator() {}

    static void translate(Cmd cmd, StageState stage) {
        List<String> words = cmd.command().argv(stage.config().shell());
        stage.config().setCmd(words);
        stage.markCmdSet();
        stage.record("CMD " + GoText.quoted(words), false);
    }

    /** An inherited CMD was meant for the inherited entrypoint, so it goes; one of this stage stays. */
    static void translate(Entrypoint entrypoint, StageState stage) {
        List<String> words = entrypoint.command().argv(stage.config().shell());
        stage.config().setEntrypoint(words);
        if (!stage.isCmdSet()) {
            stage.config().clearCmd();
        }
        stage.record("ENTRYPOINT " + GoText.quoted(words), false);
    }

    /** HEALTHCHECK. The history tells it as Go prints the structure. */
    static void translate(Healthcheck healthcheck, StageState stage) {
        Healthcheck.Timing timing = healthcheck.timing();
        List<String> test = healthcheck.testWords();
        stage.config()
            .setHealthcheck(new ImageConfig.Healthcheck(test, timing.interval().toNanos(),
                    timing.timeout().toNanos(), timing.startPeriod().toNanos(), timing.startInterval().toNanos(),
                    timing.retries()));
        stage.record("HEALTHCHECK {Test:" + GoText.plain(test) + " Interval:" + Durations.format(timing.interval())
                + " Timeout:" + Durations.format(timing.timeout()) + " StartPeriod:"
                + Durations.format(timing.startPeriod()) + " StartInterval:" + Durations.format(timing.startInterval())
                + " Retries:" + timing.retries() + "}", false);
    }
}
