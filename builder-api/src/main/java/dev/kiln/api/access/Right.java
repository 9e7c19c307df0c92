package dev.kiln.api.access;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What can be done with a repository; the words are those of scopes ({@code repository:NAME:pull,push}). */
public enum Right {
    PULL, PUSH, DELETE;

    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Optional<Right> of(String word) {
        return Arrays.stream(values()).filter(right -> right.word().equals(word)).findFirst();
    }
}
