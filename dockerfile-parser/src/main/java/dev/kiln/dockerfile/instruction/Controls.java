package dev.kiln.dockerfile.instruction;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import dev.kiln.dockerfile.lex.Keyword;
import dev.kiln.dockerfile.lex.RawInstruction;
import dev.kiln.dockerfile.lex.Word;
import dev.kiln.dockerfile.source.SourceRange;
import dev.kiln.dockerfile.source.Suggestion;

/** Reads the comments that are for the builder; one that cannot be followed is an error, for nobody would notice. */
final class Controls {
    private static final String NO_CACHE = "kiln:no-cache";
    private static final String TTL = "kiln:ttl";
    private static final String ON_FAILURE = "kiln:cache-on-failure";
    private static final List<String> NAMES = List.of(NO_CACHE, TTL, ON_FAILURE);

    private Controls() {}

    /** In the order of the lines. */
    static List<Control> of(RawInstruction raw) {
        if (raw.controls().isEmpty()) {
            return List.of();
        }
        List<Control> controls = new ArrayList<>();
        for (Word word : raw.controls()) {
            requirePlace(raw, word);
            Control control = parse(word);
            if (control instanceof Control.DiscardOnFailure
                    && !Keyword.of(raw.keyword().text()).equals(Optional.of(Keyword.RUN))) {
                throw Faults.syntax(word, "the comment " + word.text() + " has no effect on "
                        + raw.keyword().upperCase() + "; it goes above a RUN");
            }
            for (Control other : controls) {
                refuseBoth(other, control, word);
            }
            controls.add(control);
        }
        return controls;
    }

    private static void requirePlace(RawInstruction raw, Word word) {
        boolean step = Keyword.of(raw.keyword().text()).filter(keyword -> switch (keyword) {
            case ADD, COPY, FROM, RUN -> true;
            case ARG, CMD, ENTRYPOINT, ENV, EXPOSE, HEALTHCHECK, LABEL, MAINTAINER, ONBUILD, SHELL, STOPSIGNAL, USER,
                    VOLUME, WORKDIR ->
                false;
        }).isPresent();
        if (!step) {
            throw Faults.syntax(word, "the comment " + word.text() + " has no effect on "
                    + raw.keyword().upperCase() + "; it goes above a FROM, RUN, COPY or ADD");
        }
    }

    private static Control parse(Word word) {
        int equals = word.text().indexOf('=');
        String name = equals < 0 ? word.text() : word.text().substring(0, equals);
        Optional<Word> value = equals < 0
                ? Optional.empty()
                : Optional.of(new Word(word.text().substring(equals + 1), after(word.range(), equals + 1)));
        return switch (name) {
            case NO_CACHE -> {
                if (value.isPresent()) {
                    throw Faults.syntax(word, "the comment " + NO_CACHE + " takes no value");
                }
                yield new Control.NoCache(word.range());
            }
            case TTL -> new Control.TimeToLive(ttl(value.orElseThrow(() -> Faults.syntax(word, "the comment " + TTL
                    + " takes a duration, as in " + TTL + "=24h"))), word.range());
            case ON_FAILURE -> {
                if (!value.map(Word::text).equals(Optional.of("discard"))) {
                    throw Faults.syntax(word, "the comment " + ON_FAILURE + " takes the value discard; without it"
                            + " caches keep what a step that fails wrote");
                }
                yield new Control.DiscardOnFailure(word.range());
            }
            default -> throw Faults.syntax(word, Suggestion.append("there is no comment " + name
                    + " for the builder; known: " + String.join(", ", NAMES), name, NAMES));
        };
    }

    private static Duration ttl(Word value) {
        Duration ttl = Durations.parse(value);
        if (!ttl.isPositive()) {
            throw Faults.flag(value, "the duration of " + TTL + " must be more than 0; " + NO_CACHE
                    + " has a step run every time");
        }
        return ttl;
    }

    private static SourceRange after(SourceRange range, int characters) {
        return SourceRange.ofLine(range.startLine(), range.startColumn() + characters,
                range.endColumn() - range.startColumn() - characters);
    }

    private static void refuseBoth(Control one, Control other, Word word) {
        if (one.getClass() == other.getClass()) {
            throw Faults.syntax(word, "the comment " + word.text() + " says again what line "
                    + one.range().startLine() + " says");
        }
        if (isFreshness(one) && isFreshness(other)) {
            throw Faults.syntax(word, "the comments " + NO_CACHE + " and " + TTL + " contradict each other");
        }
    }

    private static boolean isFreshness(Control control) {
        return switch (control) {
            case Control.NoCache _,Control.TimeToLive _ -> true;
            case Control.DiscardOnFailure _ -> false;
        };
    }
}
