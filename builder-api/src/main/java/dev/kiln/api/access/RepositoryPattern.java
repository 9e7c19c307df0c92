package dev.kiln.api.access;

import java.util.regex.Pattern;

/**
 * Names of repositories: {@code *} stands for anything within one part of a name, {@code **} for anything at all. So
 * {@code team/*} has {@code team/app} and not {@code team/app/cache}; {@code team/**} has both, and not {@code team}.
 */
record RepositoryPattern(String text, Pattern regex) {
    /** Of the grammar of names, with asterisks; a name has 255 characters at most. */
    private static final Pattern GRAMMAR = Pattern.compile("[a-z0-9*]+((?:[._-]+|/)[a-z0-9*]+)*");
    private static final int MAX_LENGTH = 255;
    /** Each makes matching a name slower by its length. */
    private static final int MAX_WILDCARDS = 2;

    /** Throws {@link IllegalArgumentException} for what no name could match. */
    static RepositoryPattern parse(String text) {
        if (text.length() > MAX_LENGTH || !GRAMMAR.matcher(text).matches() || text.contains("***")) {
            throw new IllegalArgumentException("expected a repository such as team/app, team/* or team/**");
        }
        if (text.split("\\*+", -1).length - 1 > MAX_WILDCARDS) {
            throw new IllegalArgumentException("expected " + MAX_WILDCARDS + " asterisks or pairs of them at most");
        }
        return new RepositoryPattern(text, Pattern.compile(regex(text)));
    }

    private static String regex(String text) {
        StringBuilder regex = new StringBuilder();
        int at = 0;
        while (at < text.length()) {
            if (text.startsWith("**", at)) {
                regex.append(".*");
                at += 2;
            } else {
                regex.append(text.charAt(at) == '*' ? "[^/]*" : Pattern.quote(text.substring(at, at + 1)));
                at++;
            }
        }
        return regex.toString();
    }

    boolean matches(String repository) {
        return regex.matcher(repository).matches();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof RepositoryPattern that && text.equals(that.text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }
}
