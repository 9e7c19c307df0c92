package dev.kiln.dockerfile.instruction;

import org.junit.jupiter.api.Test;

import static dev.kiln.dockerfile.instruction.Instructions.assertRefused;
import static dev.kiln.dockerfile.instruction.Instructions.parse;
import static org.assertj.core.api.Assertions.assertThat;

class OnbuildTest {

    @Test
    void onbuild_trigger_isTypedAndKeptAsText() {
        Onbuild onbuild = parse(Onbuild.class, "onbuild  copy --from=a   b /c");

        assertThat(onbuild.expression()).isEqualTo("copy --from=a   b /c");
        assertThat(onbuild.trigger()).isInstanceOfSatisfying(Copy.class, copy -> {
            assertThat(copy.from()).contains("a");
            assertThat(copy.transfer().destination()).isEqualTo("/c");
        });
    }

    @Test
    void onbuild_heredoc_isPartOfTheText() {
        Onbuild onbuild = parse(Onbuild.class, "ONBUILD RUN <<E cat\na\nE\n");

        assertThat(onbuild.expression()).isEqualTo("RUN <<E cat\na\nE");
        assertThat(onbuild.trigger()).isInstanceOf(Run.class);
        assertThat(onbuild.trigger().range().endLine()).isEqualTo(3);
    }

    @Test
    void onbuild_forbiddenTriggers_areRefused() {
        assertRefused("ONBUILD").hasMessage("ONBUILD requires at least one argument");
        assertRefused("ONBUILD maintainer a").hasMessage("MAINTAINER isn't allowed as an ONBUILD trigger");
        assertRefused("ONBUILD FROM a").hasMessage("FROM isn't allowed as an ONBUILD trigger");
        assertRefused("ONBUILD INCLUDE a").hasMessage("unknown instruction: INCLUDE");
        assertRefused("ONBUILD --x RUN a").hasMessage("unknown flag: --x");
    }
}
