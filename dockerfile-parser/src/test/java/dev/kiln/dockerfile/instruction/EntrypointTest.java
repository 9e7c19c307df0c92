package dev.kiln.dockerfile.instruction;

import java.util.List;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static dev.kiln.dockerfile.instruction.Instructions.assertRefused;
import static dev.kiln.dockerfile.instruction.Instructions.parse;
import static org.assertj.core.api.Assertions.assertThat;

class EntrypointTest {

    @Test
    @Tag("row:9.7")
    void entrypoint_forms_areToldApart() {
        assertThat(parse(Entrypoint.class, "ENTRYPOINT a  $b").command())
            .isEqualTo(new CommandLine.ShellForm("a  $b", List.of()));
        assertThat(parse(Entrypoint.class, "ENTRYPOINT [\"a\", \"b\"]").command()).isEqualTo(
                new CommandLine.ExecForm(List.of("a", "b")));
        assertThat(parse(Entrypoint.class, "ENTRYPOINT []").command()).isEqualTo(new CommandLine.ExecForm(List.of()));
        assertThat(parse(Entrypoint.class, "ENTRYPOINT []random").command()).isEqualTo(
                new CommandLine.ShellForm("[]random", List.of()));
    }

    @Test
    void entrypoint_flag_isRefused() {
        assertRefused("ENTRYPOINT --doit a").hasMessage("unknown flag: --doit");
    }
}
