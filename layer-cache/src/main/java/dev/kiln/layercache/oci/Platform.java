package dev.kiln.layercache.oci;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What an image runs on (OCI image-spec, image-index.md, "platform"): {@code os[(version)]/architecture[/variant]}.
 *
 * <p>Values keep the spelling they were given; {@link #parse} and {@link #serves} know which spellings mean the same.
 *
 * @param osVersion matters where programs depend on it, which is on Windows
 * @param osFeatures never asked for; kept with the image that names them
 */
public record Platform(String os, String architecture, Optional<String> variant, Optional<String> osVersion,
        List<String> osFeatures) {
    private static final Pattern WORD = Pattern.compile("[A-Za-z0-9_.-]{1,64}");
    private static final Pattern VERSIONED = Pattern.compile("([^()]*)\\(([^()]*)\\)");
    private static final int MAX_FEATURES = 16;

    public Platform {
        check(os, "operating system");
        check(architecture, "architecture");
        variant.ifPresent(v -> check(v, "variant"));
        osVersion.ifPresent(v -> check(v, "version of the operating system"));
        osFeatures = List.copyOf(osFeatures);
        osFeatures.forEach(feature -> check(feature, "feature"));
        if (osFeatures.size() > MAX_FEATURES) {
            throw new IllegalArgumentException("a platform with more than " + MAX_FEATURES + " features");
        }
    }

    public Platform(String os, String architecture, Optional<String> variant) {
        this(os, architecture, variant, Optional.empty(), List.of());
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
     * Reads {@code os[(version)]/architecture[/variant]} as people type it: case does not matter, and {@code x86_64},
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
        Matcher versioned = VERSIONED.matcher(parts[0]);
        boolean hasVersion = versioned.matches();
        return new Platform(hasVersion ? versioned.group(1) : parts[0], parts[1],
                parts.length == 3 ? Optional.of(parts[2]) : Optional.empty(),
                hasVersion ? Optional.of(versioned.group(2)) : Optional.empty(), List.of())
            .normalized();
    }

    /**
     * Reads several with commas between them; each once, in the order given.
     *
     * @throws IllegalArgumentException when one of them is none
     */
    public static List<Platform> parseList(String text) {
        return Arrays.stream(text.split(",", -1)).map(word -> parse(word.strip())).distinct().toList();
    }

    /** What {@link #parseList} reads. */
    public static String list(List<Platform> platforms) {
        return platforms.stream().map(Platform::toString).collect(Collectors.joining(","));
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
            case "x86_64", "x86-64" -> of("amd64", variant).normalized();
            case "i386" -> of("386", Optional.empty());
            case "aarch64" -> of("arm64", variant).normalized();
            case "armhf" -> of("arm", Optional.of("v7"));
            case "armel" -> of("arm", Optional.of("v6"));
            case "amd64" -> dropVariant("v1");
            case "arm64" -> dropVariant("v8");
            case "arm" -> variant.isPresent() ? this : of("arm", Optional.of("v7"));
            default -> this;
        };
    }

    private Platform of(String otherArchitecture, Optional<String> otherVariant) {
        return new Platform(os, otherArchitecture, otherVariant, osVersion, osFeatures);
    }

    /** True when an image for this platform runs on {@code wanted}, see {@link #rank}. */
    public boolean serves(Platform wanted) {
        return rank(wanted).isPresent();
    }

    /**
     * How well an image for this platform serves {@code wanted}, 0 is best; empty when it does not run there. As containerd
     * has it: older variants of the same processor serve newer ones, 32-bit programs run on {@code amd64} and
     * {@code arm64}, and Windows wants the same build of itself when it names one.
     */
    public OptionalInt rank(Platform wanted) {
        Platform its = wanted.normalized();
        if (!os.equals(its.os) || os.equals("windows") && !hasBuildOf(its)) {
            return OptionalInt.empty();
        }
        int rank = its.runnable().indexOf(normalized().processor());
        return rank < 0 ? OptionalInt.empty() : OptionalInt.of(rank);
    }

    /** Versions are {@code major.minor.build.revision}; the revision makes no difference. */
    private boolean hasBuildOf(Platform wanted) {
        return wanted.osVersion.isEmpty() || osVersion.filter(mine -> build(mine).equals(build(wanted.osVersion.get())))
            .isPresent();
    }

    private static List<String> build(String version) {
        return Arrays.stream(version.split("\\.", -1)).limit(3).toList();
    }

    private String processor() {
        return architecture + variant.map(v -> "/" + v).orElse("");
    }

    /** The processors whose programs this one runs, in their usual spelling, the best first. */
    private List<String> runnable() {
        List<String> processors = new ArrayList<>(List.of(processor()));
        int level = level();
        switch (architecture) {
            case "amd64" -> {
                older("amd64", level, 2, processors);
                processors.add("amd64");
                processors.add("386");
            }
            case "arm" -> older("arm", level, 5, processors);
            case "arm64" -> {
                olderArm64(processors);
                processors.add("arm/v8");
                older("arm", 8, 5, processors);
            }
            default -> {
                // itself only
            }
        }
        return processors.stream().distinct().toList();
    }

    private static void older(String architecture, int level, int oldest, List<String> processors) {
        for (int older = level - 1; older >= oldest; older--) {
            processors.add(architecture + "/v" + older);
        }
    }

    /** {@code v9.x} goes back to {@code v9}, then to what it grew out of: {@code v8.(x+5)}, and on to {@code v8}. */
    private void olderArm64(List<String> processors) {
        String[] numbers = variant.orElse("v8").replaceFirst("^v", "").split("\\.", 2);
        int minor = numbers.length > 1 && numbers[1].matches("[0-9]") ? numbers[1].charAt(0) - '0' : 0;
        int eight = minor - 1;
        if (numbers[0].equals("9")) {
            for (int older = minor - 1; older >= 0; older--) {
                processors.add("arm64/v9" + (older == 0 ? "" : "." + older));
            }
            eight = minor + 5;
        }
        for (int older = eight; older >= 1; older--) {
            processors.add("arm64/v8." + older);
        }
        processors.add("arm64");
    }

    /** The variant as a number, 0 where variants are no levels. */
    private int level() {
        String v = variant.orElse(architecture.equals("amd64") ? "v1" : "");
        return v.length() >= 2 && v.charAt(0) == 'v' && Character.isDigit(v.charAt(1)) ? v.charAt(1) - '0' : 0;
    }

    private Platform dropVariant(String usual) {
        return variant.filter(usual::equals).isPresent() ? of(architecture, Optional.empty()) : this;
    }

    private static void check(String word, String what) {
        if (!WORD.matcher(word).matches()) {
            throw new IllegalArgumentException("a platform's " + what + " is 1 to 64 letters, digits, and _ . -");
        }
    }

    @Override
    public String toString() {
        return os + osVersion.map(v -> "(" + v + ")").orElse("") + "/" + processor();
    }
}
