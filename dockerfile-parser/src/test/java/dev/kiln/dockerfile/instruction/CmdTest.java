package dev.kiln.dockerfile.instruction;

import java.util.List;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static dev.kiln.dockerfile.instruction.Instructions.assertRefused;
import static dev.kiln.dockerfile.instruction.Instructions.parse;
import static org.assertj.core.api.Assertions.assertThat;

class CmdTest {

    @Test
    @Tag("row:9.7")
    void cmd_forms_areToldApart() {
        assertThat(parse(Cmd.class, "CMD a  $b").command()).isEqualTo(new CommandLine.ShellForm("a  $b", List.of()));
        assertThat(parse(Cmd.class, "CMD [\"a\", \"b\"]").command()).isEqualTo(
                new CommandLine.ExecForm(List.of("a", "b")));
        assertThat(parse(Cmd.class, "CMD []").command()).isEqualTo(new CommandLine.ExecForm(List.of()));
        assertThat(parse(Cmd.class, "CMD []random").command()).isEqualTo(
                new CommandLine.ShellForm("[]random", List.of()));
    }

    @Test
    void cmd_flag_isRefused() {
        assertRefused("CMD --doit a").hasMessage("unknown flag: --doit");
    }
}
