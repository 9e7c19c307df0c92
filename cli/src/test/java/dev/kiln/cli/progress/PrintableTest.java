package dev.kiln.cli.progress;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class PrintableTest {

    @Test
    void line_escapeSequences_cannotReachTheTerminal() {
        assertThat(Printable.line("a\u001b[2Jb\u009b1Ac\rd\u0007"))
            .isEqualTo("a\uFFFD[2Jb\uFFFD1Ac\uFFFDd\uFFFD");
    }

    @Test
    void line_textAndTabs_stay() {
        assertThat(Printable.line("gcc\t-o größe 文")).isEqualTo("gcc\t-o größe 文");
    }
}
