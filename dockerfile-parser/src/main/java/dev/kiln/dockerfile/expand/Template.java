package dev.kiln.dockerfile.expand;

/**
 * What {@code ${name//pattern/replacement}} puts in the place of a match.
 *
 * <p>
 * BuildKit gives the replacement to Go's regular expressions, for which {@code $} has a meaning: {@code $0} and
 * {@code ${0}} are the match, {@code $$} is a dollar, any other name or number is nothing, and a dollar that is none of
 * these stays. No pattern of ours has groups. Values come out differently if this is not followed.
 */
final class Template {

    private Template() {}

    /** Appends the replacement, and stops soon after the result has become too long. */
    static void expand(String replacement, String match, StringBuilder result, int longestResult) {
        int at = 0;
        while (at < replacement.length() && result.length() <= longestResult) {
            char c = replacement.charAt(at++);
            if (c != '$') {
                result.append(c);
            } else if (at < replacement.length() && replacement.charAt(at) == '$') {
                result.append('$');
                at++;
            } else {
                at = reference(replacement, at, match, result);
            }
        }
    }

    /** Behind a dollar; the index after the reference, or the same if there is none. */
    private static int reference(String replacement, int from, String match, StringBuilder result) {
        boolean brace = from < replacement.length() && replacement.charAt(from) == '{';
        int start = brace ? from + 1 : from;
        int end = start;
        while (end < replacement.length() && WordScanner.isNamePart(replacement.codePointAt(end))) {
            end += Character.charCount(replacement.codePointAt(end));
        }
        boolean closed = !brace || (end < replacement.length() && replacement.charAt(end) == '}');
        if (end == start || !closed) {
            result.append('$');
            return from;
        }
        if (replacement.substring(start, end).equals("0")) {
            result.append(match);
        }
        return brace ? end + 1 : end;
    }
}
