package dev.kiln.layercache.oci;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What an image runs on (OCI image-spec, image-index.md, "platform"): {@code os/architecture[/variant]}.
 *
 * <p>Values keep the spelling they were given; {@link #parse} and {@link #serves} know which spellings mean the same.
 */
public record Platform(String os, String architecture, Optional<String> variant) {
    private static final Pattern WORD = Pattern.compile("[A-Za-z0-9_.-]{1,64}");

    public Platform {
        check(os, "operating system");
        check(architecture, "architecture");
        variant.ifPresent(v -> check(v, "variant"));
    }

    /** The platform of the machine this JVM runs on, in Go's names as the specification wants them. */
    public static Platform host() {
        return switch (System.getProperty("os.arch")) {
            case "amd64", "x86_64" -> new Platform("linux", "amd64", Optional.empty());
            case "aarch64" -> new Platform("linux", "arm64", Optional.empty());
            case String other -> new Platform("linux", other, Optional.empty());
        };
    }

    /**
     * Reads {@code os/architecture[/variant]} as people type it: case does not matter, and {@code x86_64},
     * {@code aarch64}, {@code armhf} and {@code armel} are known.
     *
     * @throws IllegalArgumentException when it is not one
     */
    public static Platform parse(String text) {
        String[] parts = text.toLowerCase(Locale.ROOT).split("/", -1);
        if (parts.length < 2 || parts.length > 3) {
            String shown = text.length() <= 100 ? text : text.substring(0, 100) + "…";
            throw new IllegalArgumentException("invalid platform \"" + shown
                    + "\": cannot parse platform specifier: expected os/architecture[/variant]");
        }
        return new Platform(parts[0], parts[1], parts.length == 3 ? Optional.of(parts[2]) : Optional.empty())
            .normalized();
    }

    /**
     * Reads what {@link #parse} reads, and what a Dockerfile may say besides: an operating system alone, for this
     * machine's processor, or a processor alone, for Linux.
     *
     * @throws IllegalArgumentException when it is none of them
     */
    public static Platform parseAny(String text) {
        return text.contains("/") ? parse(text) : parseWord(text);
    }

    private static Platform parseWord(String text) {
        String word = text.toLowerCase(Locale.ROOT);
        return switch (word) {
            case "linux", "windows", "darwin", "freebsd" ->
                new Platform(word, host().architecture(), Optional.empty());
            case "amd64", "x86_64", "x86-64", "386", "i386", "arm64", "aarch64", "arm", "armhf", "armel", "ppc64le",
                    "s390x", "riscv64", "mips64le", "loong64" ->
                new Platform("linux", word, Optional.empty()).normalized();
            default -> throw new IllegalArgumentException("\"" + (text.length() <= 100
                    ? text
                    : text.substring(0, 100)
                            + "…")
                    + "\": unknown operating system or architecture: invalid argument");
        };
    }

    /** The usual spelling: {@code linux/amd64} for {@code linux/x86_64}, {@code linux/arm64} for {@code linux/arm64/v8}. */
    public Platform normalized() {
        return switch (architecture) {
            case "x86_64", "x86-64" -> new Platform(os, "amd64", variant).normalized();
            case "aarch64" -> new Platform(os, "arm64", variant).normalized();
            case "armhf" -> new Platform(os, "arm", Optional.of("v7"));
            case "armel" -> new Platform(os, "arm", Optional.of("v6"));
            case "amd64" -> dropVariant("v1");
            case "arm64" -> dropVariant("v8");
            case "arm" -> variant.isPresent() ? this : new Platform(os, "arm", Optional.of("v7"));
            default -> this;
        };
    }

    /**
     * True when an image for this platform runs on {@code wanted}: the same system and processor, and a variant that is
     * not newer where variants are levels ({@code amd64}, {@code arm}, {@code arm64}).
     */
    public boolean serves(Platform wanted) {
        Platform mine = normalized();
        Platform its = wanted.normalized();
        if (!mine.os.equals(its.os) || !mine.architecture.equals(its.architecture)) {
            return false;
        }
        return mine.variant.equals(its.variant) || mine.level() > 0 && mine.level() <= its.level();
    }

    /** The variant as a number, 0 where variants are no levels: of two images that both run, the higher one is better. */
    int level() {
        Platform usual = normalized();
        String v = usual.variant.orElse(switch (usual.architecture) {
            case "amd64" -> "v1";
            case "arm64" -> "v8";
            default -> "";
        });
        return v.length() >= 2 && v.charAt(0) == 'v' && Character.isDigit(v.charAt(1)) ? v.charAt(1) - '0' : 0;
    }

    private Platform dropVariant(String usual) {
        return variant.filter(usual::equals).isPresent() ? new Platform(os, architecture, Optional.empty()) : this;
    }

    private static void check(String word, String what) {
        if (!WORD.matcher(word).matches()) {
            throw new IllegalArgumentException("a platform's " + what + " is 1 to 64 letters, digits, and _ . -");
        }
    }

    @Override
    public String toString() {
        return os + "/" + architecture + variant.map(v -> "/" + v).orElse("");
    }
}
