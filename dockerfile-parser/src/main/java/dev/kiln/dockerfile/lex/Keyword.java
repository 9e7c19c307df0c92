package dev.kiln.dockerfile.lex;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The instructions of the language, by name. */
public enum Keyword {
    ADD, ARG, CMD, COPY, ENTRYPOINT, ENV, EXPOSE, FROM, HEALTHCHECK, LABEL, MAINTAINER, ONBUILD, RUN, SHELL, STOPSIGNAL,
    USER, VOLUME, WORKDIR;

    private static final int LONGEST = 11;
    private static final Map<String, Keyword> BY_NAME = Arrays.stream(values())
        .collect(Collectors.toUnmodifiableMap(Enum::name, Function.identity()));

    /** In any case of letters; empty if there is no such instruction. */
    public static Optional<Keyword> of(String name) {
        return name.length() > LONGEST
                ? Optional.empty()
                : Optional.ofNullable(BY_NAME.get(name.toUpperCase(Locale.ROOT)));
    }

    public static List<String> names() {
        return Arrays.stream(values()).map(Enum::name).toList();
    }

    /** Whether {@code <<WORD} among its words begins a here-document. */
    boolean takesHeredocs() {
        return this == ADD || this == COPY || this == RUN;
    }
}
