package dev.kiln.dockerfile.instruction;

import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

import dev.kiln.dockerfile.source.DockerfileException;
import dev.kiln.dockerfile.source.DockerfileException.Code;

/** The signals of Linux, by name and number. */
public final class Signals {

    private static final Set<String> NAMES = Set.of("ABRT", "ALRM", "BUS", "CHLD", "CLD", "CONT", "FPE", "HUP", "ILL",
            "INT", "IO", "IOT", "KILL", "PIPE", "POLL", "PROF", "PWR", "QUIT", "SEGV", "STKFLT", "STOP", "SYS", "TERM",
            "TRAP", "TSTP", "TTIN", "TTOU", "URG", "USR1", "USR2", "VTALRM", "WINCH", "XCPU", "XFSZ");
    private static final Pattern REAL_TIME = Pattern.compile("RTMIN(\\+([1-9]|1[0-5]))?|RTMAX(-([1-9]|1[0-4]))?");
    private static final Pattern NUMBER = Pattern.compile("[+-]?\\d{1,9}");

    private Signals() {}

    /**
     * Refuses what is neither a number other than zero nor a signal's name, with or without {@code SIG}, in any case.
     *
     * @throws DockerfileException without a range
     */
    public static void require(String signal) {
        String name = signal.toUpperCase(Locale.ROOT);
        String bare = name.startsWith("SIG") ? name.substring(3) : name;
        boolean known = NUMBER.matcher(signal).matches()
                ? Integer.parseInt(signal) != 0
                : NAMES.contains(bare) || REAL_TIME.matcher(bare).matches();
        if (!known) {
            throw new DockerfileException(Code.SYNTAX, "invalid signal: " + signal);
        }
    }
}
