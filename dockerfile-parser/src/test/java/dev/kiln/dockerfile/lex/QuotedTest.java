package dev.kiln.dockerfile.lex;

import java.util.List;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class QuotedTest {

    @Test
    void word_specials_areEscapedAsInGo() {
        assertThat(Quoted.word("a\"b\\c\n\t\u0007\u0001\u007f")).isEqualTo("\"a\\\"b\\\\c\\n\\t\\a\\x01\\x7f\"");
        assertThat(Quoted.word("é日😀")).isEqualTo("\"é日😀\"");
        assertThat(Quoted.word("\u00a0\u200b\u2028\ue000")).isEqualTo("\"\\u00a0\\u200b\\u2028\\ue000\"");
    }

    @Test
    void list_words_areBracketed() {
        assertThat(Quoted.list(List.of("/bin/sh", "-c", "a b"))).isEqualTo("[\"/bin/sh\" \"-c\" \"a b\"]");
        assertThat(Quoted.list(List.of())).isEqualTo("[]");
    }
}
