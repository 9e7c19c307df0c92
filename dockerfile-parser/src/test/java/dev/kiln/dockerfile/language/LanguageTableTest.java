package dev.kiln.dockerfile.language;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Keeps docs/language.md true.
 *
 * <p>
 * A test that holds a row of the language says so with {@code @Tag("row:8.1.3")} on the method or the class, once for each
 * row; a golden case has a file {@code rows} beside its Dockerfile that lists the rows it holds, separated by white space.
 * Both work in every module. Which rows there are stands in {@code src/test/resources/language/rows.txt}. After a change,
 * {@code mvn -pl dockerfile-parser test -Dtest=LanguageTableTest -Dkiln.language.write=true} writes the document.
 */
class LanguageTableTest {

    private static final Path ROOT = Path.of("..");
    private static final Path DOCUMENT = ROOT.resolve("docs/language.md");

    private static List<Row> rows() throws IOException {
        return Row.readAll(Path.of("src/test/resources/language/rows.txt"));
    }

    @Test
    void document_isWhatTheTestsHold() throws IOException {
        String table = LanguageTable.write(rows(), Holders.find(ROOT));
        if (Boolean.getBoolean("kiln.language.write")) {
            Files.writeString(DOCUMENT, table);
        }
        assertThat(DOCUMENT).as("how to write it anew stands in %s", getClass().getName()).hasContent(table);
    }

    @Test
    void rows_all_areHeldOrHaveAReason() throws IOException {
        Holders holders = Holders.find(ROOT);

        assertThat(rows()).filteredOn(row -> row.reason().isEmpty() && holders.of(row.id()).isEmpty()).isEmpty();
    }

    @Test
    void holders_all_nameKnownRows() throws IOException {
        List<String> known = rows().stream().map(Row::id).toList();

        assertThat(known).doesNotHaveDuplicates();
        assertThat(known).containsAll(Holders.find(ROOT).rows());
    }

    @Test
    void source_taggedMethodAndClass_areFound() {
        Holders holders = new Holders();

        holders.readSource("m: ATest", """
                @Tag("%1$s:1.1")
                class ATest {
                    @Test
                    @Tag("%1$s:1.2")
                    @Tag("%1$s:1.3")
                    void a_b_c() {}
                }
                """.formatted("row"));

        assertThat(holders.of("1.1")).containsExactly("m: ATest");
        assertThat(holders.of("1.2")).containsExactly("m: ATest.a_b_c");
        assertThat(holders.of("1.3")).containsExactly("m: ATest.a_b_c");
    }

    @Test
    void table_everyKindOfRow_saysWhatHoldsIt() {
        Holders holders = new Holders();
        holders.readSource("m: T", """
                @Tag("%1$s:1.1")
                void a() {}
                @Tag("%1$s:1.2")
                void b() {}
                @Tag("%1$s:1.3")
                void c() {}
                """.formatted("row"));

        String table = LanguageTable.write(List.of(new Row("1.1", "A", ""), new Row("1.2", "B", "no room"),
                new Row("1.3", "C", Row.NOT_YET), new Row("2.1", "D", Row.NOT_YET)), holders);

        assertThat(table).contains("| 1.1 | A | yes | `m: T.a` |", "| 1.2 | B | in part: no room | `m: T.b` |",
                "| 1.3 | C | yes | `m: T.c` |", "## 2 Parser directives", "| 2.1 | D | no: not built yet |  |");
    }
}
