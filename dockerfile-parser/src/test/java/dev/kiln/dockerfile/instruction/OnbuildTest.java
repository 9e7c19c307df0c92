package dev.kiln.dockerfile.instruction;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static dev.kiln.dockerfile.instruction.Instructions.assertRefused;
import static dev.kiln.dockerfile.instruction.Instructions.parse;
import static org.assertj.core.api.Assertions.assertThat;

class OnbuildTest {

    @Test
    @Tag("row:1.17")
    @Tag("row:9.12")
    void onbuild_trigger_isKeptAsText() {
        assertThat(parse(Onbuild.class, "onbuild  copy --from=a   b /c").expression()).isEqualTo(
                "copy --from=a   b /c");
        assertThat(parse(Onbuild.class, "ONBUILD RUN a \\\n b  \n").expression()).isEqualTo("RUN a  b  ");
    }

    @Test
    @Tag("row:9.12")
    void onbuild_triggerThatMeansNothing_isKeptToo() {
        assertThat(parse(Onbuild.class, "ONBUILD INCLUDE --a b").expression()).isEqualTo("INCLUDE --a b");
        assertThat(parse(Onbuild.class, "ONBUILD COPY --x a").expression()).isEqualTo("COPY --x a");
    }

    @Test
    @Tag("row:1.17")
    @Tag("row:7.8")
    void onbuild_heredoc_isPartOfTheText() {
        Onbuild onbuild = parse(Onbuild.class, "ONBUILD RUN <<E cat\na\nE\n");

        assertThat(onbuild.expression()).isEqualTo("RUN <<E cat\na\nE");
        assertThat(onbuild.range().endLine()).isEqualTo(3);
    }

    @Test
    @Tag("row:10.1")
    void onbuild_forbiddenTriggers_areRefused() {
        assertRefused("ONBUILD").hasMessage("ONBUILD requires at least one argument");
        assertRefused("ONBUILD maintainer a").hasMessage("MAINTAINER isn't allowed as an ONBUILD trigger");
        assertRefused("ONBUILD FROM a").hasMessage("FROM isn't allowed as an ONBUILD trigger");
        assertRefused("ONBUILD onBuild RUN a").hasMessage("Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed");
        assertRefused("ONBUILD --x RUN a").hasMessage("unknown flag: --x");
        assertRefused("ONBUILD ENV a").hasMessage("ENV must have two arguments");
    }
}
