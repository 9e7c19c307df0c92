package dev.kiln.dockerfile.instruction;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static dev.kiln.dockerfile.instruction.Instructions.assertRefused;
import static dev.kiln.dockerfile.instruction.Instructions.parse;
import static org.assertj.core.api.Assertions.assertThat;

class ShellTest {

    @Test
    @Tag("row:9.8")
    void shell_json_isRead() {
        assertThat(parse(Shell.class, "SHELL [\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"]").arguments())
            .containsExactly("/bin/bash", "-o", "pipefail", "-c");
    }

    @Test
    @Tag("row:9.8")
    void shell_otherForms_areRefused() {
        assertRefused("SHELL").hasMessage("SHELL requires at least one argument");
        assertRefused("SHELL []").hasMessage("SHELL requires at least one argument");
        assertRefused("SHELL bash -c").hasMessage("SHELL requires the arguments to be in JSON form");
    }
}
