package dev.kiln.queue.job;

import java.util.Map;

/** What the parts of a request refuse. */
final class Checks {

    private Checks() {}

    static void check(boolean ok, String problem) {
        if (!ok) {
            throw new IllegalArgumentException(problem);
        }
    }

    /** Names and values of variables. */
    static void checkPairs(Map<String, String> pairs, String what) {
        pairs.forEach((name, value) -> {
            check(!name.isEmpty() && name.indexOf('=') < 0, what + " needs a name without \"=\"");
            check(name.indexOf(0) < 0 && value.indexOf(0) < 0, what + " holds a NUL character");
        });
    }

    static boolean hasControl(String text) {
        return text.chars().anyMatch(Character::isISOControl);
    }

    /** Input in a message: a few of its characters. */
    static String shown(String text) {
        return "\"" + (text.length() <= 100 ? text : text.substring(0, 100) + "…") + "\"";
    }
}
