package dev.kiln.queue.job;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import dev.kiln.layercache.oci.Platform;

import static dev.kiln.queue.job.Checks.check;

/**
 * An annotation of an image (OCI image-spec, annotations.md).
 *
 * @param platform of the image that it is for; absent for all of them
 */
public record Annotation(On on, Optional<Platform> platform, String key, String value) {
    private static final int MAX_KEY = 256;
    private static final int MAX_VALUE = 64 << 10;
    private static final Pattern PLACE = Pattern.compile("([a-z-]+)(?:\\[([A-Za-z0-9_/-]+)])?");

    /** Where it stands. */
    public enum On {
        /** In the manifest of an image. */
        MANIFEST,
        /** Where an index, or a layout, names the manifest. */
        MANIFEST_DESCRIPTOR,
        /** In the index of several images. */
        INDEX,
        /** Where a layout names the index. */
        INDEX_DESCRIPTOR;

        public String word() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }

        private static On parse(String word) {
            for (On on : values()) {
                if (on.word().equals(word)) {
                    return on;
                }
            }
            throw new IllegalArgumentException("unknown annotation type " + Checks.shown(word)
                    + "; known: manifest, manifest-descriptor, index, index-descriptor");
        }
    }

    public Annotation {
        check(!key.isEmpty() && key.length() <= MAX_KEY,
                "the key of an annotation has 1 to " + MAX_KEY + " characters");
        check(!Checks.hasControl(key) && key.indexOf('=') < 0 && key.chars().noneMatch(Character::isWhitespace),
                "the key of an annotation has no blanks, control characters or \"=\": " + Checks.shown(key));
        check(value.length() <= MAX_VALUE, "the annotation " + key + " has more than " + MAX_VALUE + " characters");
        check(platform.isEmpty() || on == On.MANIFEST || on == On.MANIFEST_DESCRIPTOR,
                "an index is for all platforms: " + on.word() + "[" + platform.map(Platform::toString).orElse("")
                        + "] is not possible");
    }

    /**
     * Reads {@code [TYPE[PLATFORM],…:]KEY=VALUE}, as docker buildx has it after {@code --annotation}; without a type it is
     * for the manifest. Several types give several annotations.
     *
     * @throws IllegalArgumentException when it is malformed
     */
    public static List<Annotation> parse(String text) {
        int equals = text.indexOf('=');
        check(equals > 0, "invalid annotation " + Checks.shown(text) + ": expected [TYPE:]KEY=VALUE");
        String left = text.substring(0, equals);
        String value = text.substring(equals + 1);
        int colon = left.indexOf(':');
        if (colon < 0) {
            return List.of(new Annotation(On.MANIFEST, Optional.empty(), left, value));
        }
        List<Annotation> all = new ArrayList<>();
        for (String place : left.substring(0, colon).split(",", -1)) {
            all.add(at(place, left.substring(colon + 1), value));
        }
        return all;
    }

    /** @param place {@code TYPE} or {@code TYPE[PLATFORM]} */
    static Annotation at(String place, String key, String value) {
        Matcher matcher = PLACE.matcher(place);
        check(matcher.matches(), "invalid annotation type " + Checks.shown(place)
                + ": expected a type, and a platform in square brackets if need be");
        return new Annotation(On.parse(matcher.group(1)), Optional.ofNullable(matcher.group(2)).map(Platform::parse),
                key, value);
    }

    /** The form that {@link #parse} reads. */
    @Override
    public String toString() {
        return on.word() + platform.map(p -> "[" + p + "]").orElse("") + ":" + key + "=" + value;
    }
}
