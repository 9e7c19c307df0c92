package dev.kiln.dockerfile.lint;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import dev.kiln.dockerfile.lex.Quoted;
import dev.kiln.dockerfile.source.DockerfileException;
import dev.kiln.dockerfile.source.DockerfileException.Code;

/**
 * A platform as people write it: {@code os/architecture[/variant]}, or just one of the first two.
 *
 * @param os in the usual spelling
 * @param options what stands in parentheses behind the system, with them; may be empty
 * @param architecture in the usual spelling
 * @param variant empty if it is the usual one, or not said
 */
record PlatformName(String os, String options, String architecture, String variant) {

    private static final String OS_FORM = "^([A-Za-z0-9_-]+)(?:\\(([A-Za-z0-9_.%-]*)((?:\\+[A-Za-z0-9_.%-]+)*)\\))?$";
    private static final String WORD_FORM = "^[A-Za-z0-9_.-]+$";
    private static final Pattern OS = Pattern.compile("([A-Za-z0-9_-]+)(\\([A-Za-z0-9_.%+-]*\\))?");
    private static final Pattern WORD = Pattern.compile("[A-Za-z0-9_.-]+");
    private static final int LONGEST = 256;
    private static final int MOST_PARTS = 3;
    private static final Set<String> SYSTEMS = Set.of("aix", "android", "darwin", "dragonfly", "freebsd", "hurd",
            "illumos", "ios", "js", "linux", "nacl", "netbsd", "openbsd", "plan9", "solaris", "windows", "zos");
    private static final Set<String> ARCHITECTURES = Set.of("386", "amd64", "amd64p32", "arm", "armbe", "arm64",
            "arm64be", "ppc64", "ppc64le", "loong64", "mips", "mipsle", "mips64", "mips64le", "mips64p32",
            "mips64p32le", "ppc", "riscv", "riscv64", "s390", "s390x", "sparc", "sparc64", "wasm");

    /** @throws DockerfileException without a range, if it is no platform */
    static PlatformName parse(String text) {
        if (text.contains("*")) {
            throw invalid(Quoted.word(text) + ": wildcards not yet supported");
        }
        List<String> parts = List.of(text.split("/", -1));
        Matcher os = OS.matcher(parts.getFirst());
        if (text.length() > LONGEST || !os.matches()) {
            throw invalid(Quoted.word(parts.getFirst()) + " is an invalid OS component of " + Quoted.word(text)
                    + ": OSAndVersion specifier component must match " + Quoted.word(OS_FORM));
        }
        for (String part : parts.subList(1, parts.size())) {
            if (!WORD.matcher(part).matches()) {
                throw invalid(Quoted.word(part) + " is an invalid component of " + Quoted.word(text)
                        + ": platform specifier component must match " + Quoted.word(WORD_FORM));
            }
        }
        if (parts.size() > MOST_PARTS) {
            throw invalid(Quoted.word(text) + ": cannot parse platform specifier");
        }
        String system = system(os.group(1));
        String options = os.group(2) == null || os.group(2).equals("()") ? "" : os.group(2);
        return switch (parts.size()) {
            case 1 -> alone(text, system, options);
            case 2 -> of(system, options, parts.get(1), "");
            default -> of(system, options, parts.get(1), parts.get(2));
        };
    }

    /** The part that is missing does not matter to any rule. */
    private static PlatformName alone(String text, String system, String options) {
        if (SYSTEMS.contains(system)) {
            return new PlatformName(system, options, "", "");
        }
        PlatformName processor = of("linux", "", text, "");
        if (!ARCHITECTURES.contains(processor.architecture)) {
            throw invalid(Quoted.word(text) + ": unknown operating system or architecture");
        }
        return processor;
    }

    private static PlatformName of(String os, String options, String writtenArchitecture, String writtenVariant) {
        String architecture = writtenArchitecture.toLowerCase(Locale.ROOT);
        String variant = writtenVariant.toLowerCase(Locale.ROOT);
        return switch (architecture) {
            case "i386" -> new PlatformName(os, options, "386", "");
            case "x86_64", "x86-64", "amd64" ->
                new PlatformName(os, options, "amd64", variant.equals("v1") ? "" : variant);
            case "aarch64", "arm64" ->
                new PlatformName(os, options, "arm64", Set.of("8", "v8").contains(variant) ? "" : variant);
            case "armhf" -> new PlatformName(os, options, "arm", "v7");
            case "armel" -> new PlatformName(os, options, "arm", "v6");
            case "arm" -> new PlatformName(os, options, "arm", switch (variant) {
                case "" -> "v7";
                case "5", "6", "7", "8" -> "v" + variant;
                default -> variant;
            });
            default -> new PlatformName(os, options, architecture, variant);
        };
    }

    private static String system(String written) {
        String lower = written.toLowerCase(Locale.ROOT);
        return lower.equals("macos") ? "darwin" : lower;
    }

    private static DockerfileException invalid(String message) {
        return new DockerfileException(Code.FLAG, message + ": invalid argument");
    }

    boolean sameMachine(PlatformName other) {
        return os.equals(other.os) && architecture.equals(other.architecture);
    }

    @Override
    public String toString() {
        return os + options + "/" + architecture + (variant.isEmpty() ? "" : "/" + variant);
    }
}
