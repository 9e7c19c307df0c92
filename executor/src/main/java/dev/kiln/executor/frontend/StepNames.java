package dev.kiln.executor.frontend;

/** Numbers the steps of one stage for people: {@code [build 2/4] RUN make}. Not every step that counts takes a number. */
final class StepNames {
    private final String stage;
    private final int total;
    private int taken;
    private boolean trigger;

    /** @param stage empty for the only stage of a file */
    StepNames(String stage, int total) {
        this.stage = stage;
        this.total = total;
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
        return "[" + (stage.isEmpty() ? "" : stage + " ") + number + "/" + total + "] "
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
