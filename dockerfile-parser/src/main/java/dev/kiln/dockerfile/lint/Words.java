package dev.kiln.dockerfile.lint;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;

import dev.kiln.dockerfile.expand.Expander;
import dev.kiln.dockerfile.expand.Scope;
import dev.kiln.dockerfile.source.DockerfileException;
import dev.kiln.dockerfile.source.DockerfileException.Code;

/**
 * Expands the words of one file and remembers which variables were missing, also when the expansion fails. All words
 * together may only grow by {@value #MOST_TEXT} characters, so that a short file cannot keep the linter busy.
 */
final class Words {

    private static final int MOST_TEXT = 16 << 20;

    /** The variables a word asked for. */
    private static final class Lookup implements Scope {

        private final Scope scope;
        private final Set<String> found = new LinkedHashSet<>();
        private final Set<String> missing = new LinkedHashSet<>();

        Lookup(Scope scope) {
            this.scope = scope;
        }

        @Override
        public Optional<String> get(String name) {
            Optional<String> value = scope.get(name);
            (value.isPresent() ? found : missing).add(name);
            return value;
        }
    }

    /**
     * A word after expansion.
     *
     * @param text empty if the expansion failed
     * @param found the variables that were asked for and set, in order
     * @param missing the ones that were asked for and not set, in order
     */
    record Expanded(Optional<String> text, Optional<DockerfileException> failure, Set<String> found,
            Set<String> missing) {

        /** @throws DockerfileException without a range, if the expansion failed */
        String orThrow() {
            failure.ifPresent(failed -> {
                throw failed;
            });
            return text.orElseThrow();
        }
    }

    private final Expander expander;
    private long expanded;

    Words(Expander expander) {
        this.expander = expander;
    }

    Expanded word(String raw, Scope scope) {
        return expand(raw, scope, expander::word);
    }

    /** The body of a here-document. */
    Expanded body(String raw, Scope scope) {
        return expand(raw, scope, Expander::body);
    }

    /** The words that the text splits into. */
    List<String> split(String raw, Scope scope) {
        return expander.words(raw, scope);
    }

    private Expanded expand(String raw, Scope scope, BiFunction<String, Scope, String> how) {
        Lookup lookup = new Lookup(scope);
        Optional<String> text = Optional.empty();
        Optional<DockerfileException> failure = Optional.empty();
        try {
            text = Optional.of(how.apply(raw, lookup));
        } catch (DockerfileException failed) {
            failure = Optional.of(failed);
        }
        text.ifPresent(done -> count(done.length() - raw.length()));
        return new Expanded(text, failure, lookup.found, lookup.missing);
    }

    private void count(int growth) {
        expanded += Math.max(0, growth);
        if (expanded > MOST_TEXT) {
            throw new DockerfileException(Code.TOO_LARGE,
                    "the variables of the file add more than " + MOST_TEXT + " characters to it");
        }
    }
}
