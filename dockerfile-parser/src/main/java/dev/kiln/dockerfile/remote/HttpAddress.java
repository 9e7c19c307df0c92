package dev.kiln.dockerfile.remote;

import java.util.Optional;

import dev.kiln.dockerfile.source.DockerfileException;

/**
 * The address of a file that is fetched over HTTP.
 *
 * @param url      a valid URI without fragment; may hold credentials
 * @param shown    the same for people: no credentials, no query
 * @param fileName what the file is called where it is copied to
 */
public record HttpAddress(String url, String shown, String fileName) {

    private static final String UNNAMED = "__unnamed__";
    private static final String UNSAFE = "download";

    /**
     * What the word addresses, empty if it is no HTTP address, which it is not if it is a {@link GitRef}.
     *
     * @throws DockerfileException without a place, for what starts as one but is malformed
     */
    public static Optional<HttpAddress> parse(String word) {
        if (!word.startsWith("http://") && !word.startsWith("https://") || GitRef.parse(word).isPresent()) {
            return Optional.empty();
        }
        WebUrl url = WebUrl.parse(word);
        String query = url.query().isEmpty() ? "" : "?" + Percent.escape(url.query(), Percent.IN_QUERY);
        String path = url.escapedPath().isEmpty() ? "/" : "";
        return Optional.of(new HttpAddress(url.plain() + path + query, url.shown() + path, fileName(url.path())));
    }

    /** The last name of the path. */
    private static String fileName(String path) {
        int end = path.length();
        while (end > 0 && path.charAt(end - 1) == '/') {
            end--;
        }
        String base = path.substring(path.lastIndexOf('/', end - 1) + 1, end);
        if (base.isEmpty() || base.equals(".")) {
            return UNNAMED;
        }
        String name = base.strip();
        boolean safe = !name.isEmpty() && !name.equals(".") && !name.equals("..")
                && name.chars().noneMatch(Character::isISOControl);
        return safe ? name : UNSAFE;
    }

    @Override
    public String toString() {
        return shown;
    }
}
