package dev.kiln.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** Why steps of real Dockerfiles run, as {@code kiln inspect --why} tells it. */
@Tag("privileged")
class WhyIT {
    private static final Pattern BUILT = Pattern.compile("^built (\\S+) ", Pattern.MULTILINE);
    private static final String CHANGED = "^differs from its result of \\S+Z:$";

    @TempDir
    private static Path folder;
    private static FarmFixture farm;

    @BeforeAll
    static void start() throws Exception {
        farm = new FarmFixture(folder);
        farm.importBusybox();
    }

    @AfterAll
    static void stop() {
        farm.close();
    }

    /** Builds, and returns what is said of the steps that ran for a reason: the step, then its reasons. */
    private static List<String> why(Path context, String... options) throws Exception {
        List<String> command = new ArrayList<>(List.of("build", "-t", context.getFileName() + ":1"));
        command.addAll(List.of(options));
        command.add(context.toString());
        Command.Result built = farm.kiln(command.toArray(String[]::new));
        assertThat(built.exit()).as(built.err()).isZero();
        Matcher id = BUILT.matcher(built.out() + "\n" + built.err());
        assertThat(id.find()).as(built.err()).isTrue();
        Command.Result inspected = farm.kiln("inspect", "--why", id.group(1));
        assertThat(inspected.exit()).as(inspected.err()).isZero();
        return reasons(inspected.out().lines().toList());
    }

    private static List<String> reasons(List<String> lines) {
        List<String> reasons = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            boolean reason = lines.get(i).startsWith(" ");
            boolean explained = i + 1 < lines.size() && lines.get(i + 1).startsWith(" ");
            if (reason && !lines.get(i).strip().matches(CHANGED)) {
                reasons.add("  " + lines.get(i).strip());
            } else if (!reason && explained) {
                reasons.add(lines.get(i).replaceFirst("^RAN +", ""));
            }
        }
        return reasons;
    }

    private static Path context(String name, String dockerfile, String... files) throws Exception {
        Path context = farm.context(name, dockerfile);
        for (String file : files) {
            Files.writeString(context.resolve(file), file);
        }
        return context;
    }

    @Test
    void firstTime_thenCached_thenNoCache() throws Exception {
        Path context = context("first", "FROM busybox\nRUN true\n");
        assertThat(why(context)).containsExactly("[2/2] RUN true", "  no earlier result of this step");
        assertThat(why(context)).isEmpty();
        assertThat(why(context, "--no-cache")).containsExactly("[2/2] RUN true", "  the build asked for no cache");
    }

    @Test
    void comments_decideHowFarResultsAreTaken_andAreNoPartOfTheImage() throws Exception {
        Path context = context("controls", "FROM busybox\nRUN echo controls\n");
        assertThat(why(context)).hasSize(2);
        String image = image(context);
        farm.context("controls", "FROM busybox\n# kiln:ttl=24h\nRUN echo controls\n");
        assertThat(why(context)).isEmpty();
        assertThat(image(context)).isEqualTo(image);
        farm.context("controls", "FROM busybox\n# kiln:no-cache\nRUN echo controls\n");
        assertThat(why(context)).containsExactly("[2/2] RUN echo controls", "  its comment asks for no cache");
        farm.context("controls", "# kiln:ttl=1ms\nFROM busybox\nRUN echo controls\n");
        assertThat(why(context)).hasSize(2).last().asString().matches(" {2}its result of \\S+ is older than 0s");
        farm.context("controls", "FROM busybox\n# kiln:no-cash\nRUN echo controls\n");
        Command.Result refused = farm.kiln("build", context.toString());
        assertThat(refused.exit()).isEqualTo(1);
        assertThat(refused.err()).contains("Dockerfile:2", "did you mean kiln:no-cache?");
    }

    private static String image(Path context) throws Exception {
        Command.Result built = farm.kiln("build", "-q", context.toString());
        assertThat(built.exit()).as(built.err()).isZero();
        return built.out().strip();
    }

    @Test
    void argumentAndVariable_changed_areNamedWithTheirValues() throws Exception {
        Path context = context("args", "FROM busybox\nARG VERSION=1.2\nENV LEVEL=info\nRUN echo $VERSION\n");
        assertThat(why(context)).hasSize(2);
        assertThat(why(context, "--build-arg", "VERSION=1.3"))
            .containsExactly("[2/2] RUN echo 1.3", "  argument VERSION: 1.2 → 1.3");
        farm.context("args", "FROM busybox\nARG VERSION=1.2\nENV LEVEL=debug\nENV MORE=1\nRUN echo $VERSION\n");
        assertThat(why(context)).containsExactly("[2/2] RUN echo 1.2", "  variable LEVEL: info → debug",
                "  variable MORE added: 1");
    }

    @Test
    void files_changed_areNamed_andTheStepAfterNamesTheCopy() throws Exception {
        Path context = context("files", "FROM busybox\nCOPY * /src/\nRUN ls /src\n", "a.c", "b", "gone");
        assertThat(why(context)).hasSize(4);
        Files.writeString(context.resolve("a.c"), "changed");
        Files.setPosixFilePermissions(context.resolve("b"), PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.delete(context.resolve("gone"));
        Files.writeString(context.resolve("new"), "new");
        List<String> why = why(context);
        assertThat(why.subList(0, 5)).containsExactly("[2/3] COPY * /src/", "  a.c: content changed",
                "  b: mode 0644 → 0755", "  new: added", "  gone: removed");
        assertThat(why.get(5)).isEqualTo("[3/3] RUN ls /src");
        assertThat(why.get(6)).matches(" {2}\\[2/3] COPY \\* /src/ (was made anew|gave other files)");
    }

    @Test
    void linesInserted_leaveTheStepTheSame() throws Exception {
        Path context = context("inserted", "FROM busybox AS build\nRUN echo one\n");
        assertThat(why(context)).hasSize(2);
        farm.context("inserted", "FROM busybox AS build\nRUN mkdir /x\nRUN echo one\n");
        List<String> why = why(context);
        assertThat(why).startsWith("[2/3] RUN mkdir /x", "  no earlier result of this step", "[3/3] RUN echo one");
        assertThat(why.get(3)).startsWith("  [2/3] RUN mkdir /x ");
    }

    @Test
    void base_changed_isSaidByItsDigests() throws Exception {
        String base = "FROM busybox\nRUN echo %s > /b\n";
        Command.Result first = farm.kiln("build", "-t", "base:1", "--push",
                farm.context("base", base.formatted("1")).toString());
        assertThat(first.exit()).as(first.err()).isZero();
        Path context = context("onbase", "FROM base:1\nRUN cat /b\n");
        assertThat(why(context)).hasSize(2);
        farm.kiln("build", "-t", "base:1", "--push", farm.context("base", base.formatted("2")).toString());
        List<String> why = why(context);
        assertThat(why).hasSize(2);
        assertThat(why.get(1)).matches(" {2}base image .*base:1: sha256:[0-9a-f]{12} → sha256:[0-9a-f]{12}");
    }

    @Test
    void mountsAndSecrets_changed_areNamed() throws Exception {
        String file = "FROM busybox\nRUN --mount=type=%s,target=/m true\nRUN --mount=type=secret,id=%s true\n";
        Path context = context("mounts", file.formatted("cache", "one"));
        assertThat(why(context)).hasSize(4);
        farm.context("mounts", file.formatted("tmpfs", "two"));
        assertThat(why(context)).contains("  mount /m: cache → tmpfs", "  secret: one → two");
    }

    @Test
    void copyFromAStage_namesTheFilesOfTheStage() throws Exception {
        String file = "FROM busybox AS build\nRUN echo %s > /out\nFROM busybox\nCOPY --from=build /out /in\n";
        Path context = context("stages", file.formatted("1"));
        assertThat(why(context)).hasSize(4);
        farm.context("stages", file.formatted("2"));
        assertThat(why(context)).containsExactly("[build 2/2] RUN echo 2 > /out",
                "  command: \"echo 1 > /out\" → \"echo 2 > /out\"", "[stage-1 2/2] COPY --from=build /out /in",
                "  out: content changed");
    }
}
