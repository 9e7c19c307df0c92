package dev.kiln.dockerfile.fuzz;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;

/** Makes files that are Dockerfiles or nearly so, from the pieces of the grammar. */
final class Generator {

    private static final List<String> NAMES = List.of("a", "BASE", "x1", "_", "build", "scratch", "0", "1", "é", "日本");
    private static final List<String> PIECES = List.of("/bin/sh", ".", "..", "/", "*.c", "a/../b", "--x", "-", "=",
            "<<", "<",
            "\\ ", "`", "\\\\", "\\", "'", "\"", "#", "[", "]", "{", "}", "\u00a0", "🐳", "\u0007", ",", ";", ":", "&&",
            "0755", "u=rwX", "80/tcp", "1-65535", "1m30s", "SIGTERM", "http://h/x?a=b#c", "git@h:r.git#b:d", "$", "$$",
            "${", "a=b");
    private static final List<String> OPERATORS = List.of(":-", "-", ":+", "+", ":?", "?", "#", "##", "%", "%%", "/",
            "//", ":=", "^",
            "");
    private static final List<String> MOUNT_OPTIONS = List.of("type=cache", "type=bind", "type=tmpfs", "type=secret",
            "type=ssh",
            "type=", "target=/t", "target=$a", "source=s", "from=a", "from=$a", "id=i", "sharing=locked", "size=1m",
            "mode=0700", "uid=1",
            "required", "env=E", "ro", "rw=false", "\"x,y\"", "\"", "junk");

    private final Random random;
    private final List<Supplier<String>> instructions = List.of(this::from, this::run, this::copy,
            () -> "ADD" + transfer(),
            () -> "ARG " + words(3), () -> "CMD " + command(), () -> "ENTRYPOINT " + command(), () -> "ENV " + pairs(),
            () -> "LABEL " + pairs(), () -> "EXPOSE " + words(3), this::healthcheck, () -> "MAINTAINER " + words(2),
            () -> "SHELL " + json(), () -> "STOPSIGNAL " + word(0), () -> "USER " + word(0),
            () -> "VOLUME " + command(),
            () -> "WORKDIR " + word(0), () -> "ONBUILD " + instruction(), () -> words(3));

    Generator(Random random) {
        this.random = random;
    }

    String file() {
        StringBuilder file = new StringBuilder(pick(List.of("", "", "", "\uFEFF", "#!/bin/sh\n", "\n")));
        while (chance(4)) {
            file.append(pick(
                    List.of("# syntax=docker/dockerfile:1\n", "# escape=`\n", "#check=skip=all;error=true\n", "# a=b\n",
                            "#\n")));
        }
        int count = random.nextInt(12);
        file.append(chance(8) ? "" : "FROM " + pick(NAMES) + "\n");
        for (int i = 0; i < count; i++) {
            file.append(continued(instruction())).append('\n');
            if (chance(6)) {
                file.append(pick(List.of("# comment\n", "\n", "  # check=skip=all\n", "\\\n", " \t\n")));
            }
        }
        String text = file.toString();
        return chance(10) ? text.replace("\n", "\r\n") : text;
    }

    private String instruction() {
        String text = instructions.get(random.nextInt(instructions.size())).get();
        return chance(8) ? text.toLowerCase(java.util.Locale.ROOT) : text;
    }

    private String from() {
        return "FROM " + (chance(4) ? "--platform=" + word(0) + " " : "") + (chance(3) ? word(0) : pick(NAMES))
                + (chance(2) ? " AS " + pick(NAMES) : "");
    }

    private String run() {
        StringBuilder text = new StringBuilder("RUN ");
        while (chance(3)) {
            text.append(pick(List.of("--network=none ", "--network=" + pick(PIECES) + " ", "--security=insecure ",
                    "--device=v/d=x,required ", "-- ", "--mount=" + mount() + " ")));
        }
        return text.append(chance(4) ? heredocs("", 2) : command()).toString();
    }

    private String mount() {
        List<String> options = new ArrayList<>();
        do {
            options.add(pick(MOUNT_OPTIONS));
        } while (chance(2));
        return String.join(",", options);
    }

    private String copy() {
        return "COPY" + (chance(3) ? " --from=" + pick(NAMES) : "") + (chance(6) ? " --parents" : "") + transfer();
    }

    private String transfer() {
        StringBuilder text = new StringBuilder();
        while (chance(3)) {
            text.append(
                    pick(List.of(" --link", " --link=", " --chown=" + word(0), " --chmod=" + word(0), " --exclude=*.o",
                            " --checksum=x", " --keep-git-dir=false", " --unpack", " --" + word(0))));
        }
        return text + " " + (chance(4) ? heredocs(" /d/", 3) : chance(5) ? json() : words(4));
    }

    private String heredocs(String end, int most) {
        StringBuilder line = new StringBuilder();
        StringBuilder bodies = new StringBuilder();
        for (int i = random.nextInt(most) + 1; i > 0; i--) {
            String name = pick(List.of("E", "F", "file.txt", "a b", "$x"));
            boolean quoted = chance(3) || name.indexOf(' ') >= 0;
            line.append(pick(List.of("", "3")))
                .append("<<")
                .append(chance(4) ? "-" : "")
                .append(quoted ? "'" + name + "'" : name)
                .append(' ');
            bodies.append('\n');
            while (chance(2)) {
                bodies.append(chance(3) ? "\t" : "").append(words(3)).append('\n');
            }
            bodies.append(chance(9) ? "" : name);
        }
        return line + words(2) + end + bodies;
    }

    private String healthcheck() {
        return "HEALTHCHECK "
                + (chance(2) ? "--interval=" + word(0) + " --retries=" + pick(List.of("3", "-1", "x")) + " " : "")
                + pick(List.of("NONE ", "CMD ", "cmd ", "")) + command();
    }

    private String command() {
        return chance(3) ? json() : words(5);
    }

    private String json() {
        List<String> elements = new ArrayList<>();
        while (chance(2)) {
            elements.add(chance(8)
                    ? pick(List.of("1", "null", "{}", "[[]]", "tru", "\"\\u12\""))
                    : "\"" + word(0).replace("\\", "\\\\").replace("\"", "\\\"") + "\"");
        }
        return "[" + String.join(pick(List.of(",", " , ", ",,")), elements)
                + pick(List.of("]", "]", "]", "] ", "]x", ""));
    }

    private String pairs() {
        StringBuilder text = new StringBuilder();
        do {
            text.append(pick(NAMES)).append(chance(8) ? " " : "=").append(word(0)).append(' ');
        } while (chance(2));
        return text.toString();
    }

    private String words(int most) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(most + 1); i > 0; i--) {
            text.append(word(0)).append(pick(List.of(" ", " ", " ", "  ", "\t", "\u2003")));
        }
        return text.toString();
    }

    private String word(int depth) {
        StringBuilder text = new StringBuilder();
        do {
            text.append(switch (random.nextInt(7)) {
                case 0 -> pick(PIECES);
                case 1 -> "$" + pick(NAMES);
                case 2, 3 -> depth > 5 ? "x" : variable(depth);
                case 4 -> pick(List.of("\"", "'")) + pick(NAMES) + pick(List.of("\"", "'"));
                default -> pick(NAMES);
            });
        } while (chance(3));
        return text.toString();
    }

    private String variable(int depth) {
        if (chance(200)) {
            int deep = random.nextInt(400);
            return "${a:-".repeat(deep) + "}".repeat(deep);
        }
        return "${" + pick(NAMES) + pick(OPERATORS) + word(depth + 1) + (chance(3) ? "/" + word(depth + 1) : "")
                + (chance(12) ? "" : "}");
    }

    private String continued(String text) {
        StringBuilder out = new StringBuilder(text);
        for (int at = out.indexOf(" "); at >= 0; at = out.indexOf(" ", at + 1)) {
            if (chance(12)) {
                String join = pick(List.of("\\\n", "\\ \n", "\\\n# c\n", "\\\n\n", "`\n"));
                out.insert(at, join);
                at += join.length();
            }
        }
        return out.toString();
    }

    private boolean chance(int one) {
        return random.nextInt(one) == 0;
    }

    private <T> T pick(List<T> from) {
        return from.get(random.nextInt(from.size()));
    }
}
