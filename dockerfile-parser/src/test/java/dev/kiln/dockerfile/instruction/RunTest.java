package dev.kiln.dockerfile.instruction;

import java.util.List;
import java.util.Optional;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static dev.kiln.dockerfile.instruction.Instructions.assertRefused;
import static dev.kiln.dockerfile.instruction.Instructions.parse;
import static org.assertj.core.api.Assertions.assertThat;

class RunTest {

    @Test
    @Tag("row:6.1")
    void run_shellForm_isOneLine() {
        Run run = parse(Run.class, "RUN --network=none  make \\\n  all && echo \"$X\"");

        assertThat(run.command()).isEqualTo(new CommandLine.ShellForm("make   all && echo \"$X\"", List.of()));
        assertThat(run.network()).contains(Run.Network.NONE);
        assertThat(run.security()).isEmpty();
    }

    @Test
    @Tag("row:6.2")
    void run_execForm_isAsWritten() {
        assertThat(parse(Run.class, "RUN [\"a\", \"$b\"]").command()).isEqualTo(
                new CommandLine.ExecForm(List.of("a", "$b")));
    }

    @Test
    @Tag("row:6.1")
    @Tag("row:6.2")
    void run_argv_takesTheShellOnlyInShellForm() {
        List<String> shell = List.of("/bin/sh", "-c");

        assertThat(parse(Run.class, "RUN a b").command().argv(shell)).containsExactly("/bin/sh", "-c", "a b");
        assertThat(parse(Run.class, "RUN [\"a\"]").command().argv(shell)).containsExactly("a");
        assertThat(parse(Run.class, "RUN").command().argv(shell)).containsExactly("/bin/sh", "-c", "");
    }

    @Test
    @Tag("row:6.6")
    void run_network_isOneOfThree() {
        assertThat(parse(Run.class, "RUN --network=host a").network()).contains(Run.Network.HOST);
        assertThat(parse(Run.class, "RUN --network=default a").network()).contains(Run.Network.DEFAULT);
        assertThat(parse(Run.class, "RUN a").network()).isEmpty();
        assertRefused("RUN --network=HOST a").hasMessage("invalid network mode \"HOST\"");
        assertRefused("RUN --network= a").hasMessage("invalid network mode \"\"");
    }

    @Test
    @Tag("row:6.5")
    void run_security_isOneOfTwo() {
        assertThat(parse(Run.class, "RUN --security=insecure a").security()).contains(Run.Security.INSECURE);
        assertRefused("RUN --security=none a").hasMessage("security \"none\" is not valid");
    }

    @Test
    void run_mounts_areToldApart() {
        Run run = parse(Run.class, "RUN --mount=type=bind,from=a,\\\"source=x,y\\\",RO --mount=type=tmpfs,target=$T a");

        assertThat(run.mounts()).hasSize(2);
        assertThat(run.mounts().getFirst().from()).contains("a");
        assertThat(run.mounts().getFirst().options()).containsExactly(
                new RunMount.Option("type=bind"), new RunMount.Option("from=a"), new RunMount.Option("source=x,y"),
                new RunMount.Option("RO"));
        assertThat(run.mounts().getFirst().options()).extracting(RunMount.Option::key)
            .containsExactly("type", "from", "source", "ro");
        assertThat(run.mounts().getFirst().options()).extracting(RunMount.Option::value)
            .containsExactly(Optional.of("bind"), Optional.of("a"), Optional.of("x,y"), Optional.empty());
        assertThat(run.mounts().getLast().from()).isEmpty();
    }

    @Test
    void run_mountsMalformed_areRefused() {
        assertRefused("RUN --mount=a\\\"b a").hasMessageContaining("bare \" in non-quoted field");
        assertRefused("RUN --mount=\\\"type=bind a").hasMessageContaining("missing \" in quoted field");
    }

    @Test
    @Tag("row:6.7")
    void run_devices_areRead() {
        Run run = parse(Run.class, "RUN --device=v.com/gpu=all,required --device=name=v.com/x,required=false a");

        assertThat(run.devices()).containsExactly(new RunDevice("v.com/gpu=all", true),
                new RunDevice("v.com/x", false));
        assertRefused("RUN --device=a,name=b a").hasMessage("device name already set to a");
        assertRefused("RUN --device=a,required=x a").hasMessage("invalid value for required: x");
        assertRefused("RUN --device=a,nam=x a").hasMessage("unexpected key 'nam' in 'nam=x' (did you mean name?)");
    }

    @Test
    @Tag("row:7.5")
    void run_heredocs_areKept() {
        Run run = parse(Run.class, "RUN <<A cat\nx\nA\n");

        CommandLine.ShellForm form = (CommandLine.ShellForm) run.command();
        assertThat(form.text()).isEqualTo("<<A cat");
        assertThat(form.heredocs()).singleElement().satisfies(heredoc -> assertThat(heredoc.body()).isEqualTo("x\n"));
    }
}
