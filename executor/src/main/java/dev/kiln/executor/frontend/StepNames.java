package dev.kiln.executor.frontend;

import java.util.Optional;

import dev.kiln.layercache.oci.Platform;

/** Numbers the steps of one stage for people: {@code [build 2/4] RUN make}. Not every step that counts takes a number. */
final class StepNames {
    private final String stage;
    private final int total;
    private final Optional<Platform> platform;
    private String crossTarget = "";
    private int taken;
    private boolean trigger;

    /**
     * @param stage empty for the only stage of a file
     * @param platform of the stage, when there are several to be told apart
     */
    StepNames(String stage, int total, Optional<Platform> platform) {
        this.stage = stage;
        this.total = total;
        this.platform = platform;
    }

    /** Shows what the steps that follow make programs for, when they run on one platform and see another as their target. */
    void markTarget(Optional<Platform> target) {
        crossTarget = platform.flatMap(own -> target.map(its -> cross(own, its))).orElse("");
    }

    private static String cross(Platform own, Platform target) {
        if (!own.os().equals(target.os())) {
            return "->" + target;
        }
        return own.architecture().equals(target.architecture())
                ? ""
                : "->" + target.architecture() + target.variant().map(v -> "/" + v).orElse("");
    }

    /** Empty for the only stage of a file. */
    String stage() {
        return stage;
    }

    String next(String text) {
        if (total == 0) {
            return text;
        }
        taken++;
        return again(text);
    }

    /** What {@link #next} would give, without taking the number. */
    String peek(String text) {
        taken++;
        String name = again(text);
        taken--;
        return name;
    }

    /** The name with the number that was taken last. */
    String again(String text) {
        if (total == 0) {
            return text;
        }
        String number = " ".repeat(Math.max(0, width(total) - width(taken))) + taken;
        return "[" + platform.map(own -> own + crossTarget + " ").orElse("") + (stage.isEmpty() ? "" : stage + " ")
                + number + "/" + total + "] "
                + (trigger ? "ONBUILD " : "") + text;
    }

    /** Whether the steps that follow come from a trigger of the base image. */
    void markTrigger(boolean now) {
        trigger = now;
    }

    private static int width(int number) {
        return Integer.toString(number).length();
    }
}
