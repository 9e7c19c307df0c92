package dev.kiln.dockerfile.instruction;

import java.util.Locale;

import dev.kiln.dockerfile.source.SourceRange;

/** One instruction of a Dockerfile. */
public sealed interface Instruction permits Add, Arg, Cmd, Copy, Entrypoint, Env, Expose, From, Healthcheck, Label,
        Maintainer, Onbuild, Run, Shell, Stopsignal, User, Volume, Workdir {

    Origin origin();

    default SourceRange range() {
        return origin().range();
    }

    /** The keyword in upper case. */
    default String keyword() {
        return origin().keyword().toUpperCase(Locale.ROOT);
    }

    /**
     * The whole instruction on one line, flags included, with the keyword in upper case and variables not expanded: the
     * form in which a step is shown.
     */
    default String display() {
        return keyword() + origin().text().substring(origin().keyword().length());
    }
}
