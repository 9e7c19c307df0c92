package dev.kiln.cli.build;

import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class NamedContextWordsTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            a=docker-image://base:3            | Elsewhere[context=Image[reference=base:3]]
            a=https://h/x.git#main             | Elsewhere[context=Files[context=Git[address=https://h/x.git#main]]]
            a=https://h/x.tar                  | Elsewhere[context=Files[context=Http[address=https://h/x.tar]]]
            a=oci-layout:///l                  | Layout[path=/l, tag=Optional.empty, digest=Optional.empty]
            a=oci-layout://l/d:v1              | Layout[path=l/d, tag=Optional[v1], digest=Optional.empty]
            """)
    void parse_value_isWhatItsFormSays(String words, String value) throws Exception {
        NamedContextWords parsed = NamedContextWords.parse(words);
        assertThat(parsed.name()).isEqualTo("a");
        assertThat(parsed.value()).hasToString(value);
    }

    @Test
    void parse_folder_isThatFolder(@TempDir Path folder) throws Exception {
        assertThat(NamedContextWords.parse("a=" + folder).value())
            .isEqualTo(new NamedContextWords.Value.Folder(folder));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            a                                  | expected NAME=VALUE
            =x                                 | expected NAME=VALUE
            a=target:base                      | names a target of another build
            a=docker-image://A                 | invalid repository name
            a=/no/such/folder                  | not found
            a=oci-layout://l@sha256:x          | digest
            a=https://u:p@h/x                  | must not hold credentials
            """)
    void parse_malformed_isRefusedWithTheOption(String words, String problem) {
        assertThatThrownBy(() -> NamedContextWords.parse(words)).isInstanceOf(OptionException.class)
            .hasMessageContaining("--build-context")
            .hasMessageContaining(problem);
    }
}
