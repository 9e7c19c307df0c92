package dev.kiln.dockerfile.lint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import dev.kiln.dockerfile.GoldenCase;

import static org.assertj.core.api.Assertions.assertThat;

class RuleTest {

    private static final Path ROOT = Path.of("..");
    private static final Path PAGES = ROOT.resolve("docs/lint");

    @ParameterizedTest
    @EnumSource
    void page_ofRule_hasItsParts(Rule rule) throws IOException {
        assertThat(ROOT.resolve(rule.page())).exists();
        assertThat(Files.readString(ROOT.resolve(rule.page()))).startsWith("# " + rule.id() + "\n")
            .contains("\n## Why\n", "\n## Bad\n", "\n## Good\n");
    }

    @Test
    void pages_all_haveARule() throws IOException {
        try (Stream<Path> pages = Files.list(PAGES)) {
            assertThat(pages.map(page -> page.getFileName().toString()).filter(name -> !name.equals("README.md")))
                .containsExactlyInAnyOrderElementsOf(
                        Arrays.stream(Rule.values()).map(rule -> rule.id() + ".md").toList());
        }
    }

    @Test
    void index_rules_areAllLinkedInOrder() throws IOException {
        List<String> linked = Files.readString(PAGES.resolve("README.md"))
            .lines()
            .filter(line -> line.startsWith("| ["))
            .map(line -> line.substring(3, line.indexOf(']')))
            .toList();

        assertThat(linked).containsExactlyElementsOf(Arrays.stream(Rule.values()).map(Rule::id).toList());
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "COPY_MATCHED_NOTHING")
    void cases_ofRule_haveOneThatFiresAndOneThatDoesNot(Rule rule) {
        String name = kebab(rule);
        List<GoldenCase> cases = GoldenCase.of("lint").stream().filter(c -> c.name().startsWith(name)).toList();

        assertThat(cases).anySatisfy(c -> assertThat(c.text("expected")).contains(rule.id() + " "));
        assertThat(cases).anySatisfy(c -> assertThat(c.text("expected")).doesNotContain(rule.id() + " "));
    }

    @Test
    void urls_known_areWhereBuildKitDocumentsTheRules() {
        assertThat(Rule.JSON_ARGS_RECOMMENDED.url())
            .contains("https://docs.docker.com/go/dockerfile/rule/json-args-recommended/");
        assertThat(Rule.FROM_AS_CASING.url())
            .contains("https://docs.docker.com/go/dockerfile/rule/from-as-casing/");
        assertThat(Arrays.stream(Rule.values()).filter(rule -> rule.url().isEmpty()))
            .containsExactlyInAnyOrder(Rule.INVALID_BASE_IMAGE_PLATFORM, Rule.COPY_MATCHED_NOTHING);
    }

    @Test
    void rules_ofBuildKit_areTwentyTwo() {
        assertThat(Arrays.stream(Rule.values()).filter(rule -> !rule.own())).hasSize(22);
        assertThat(Arrays.stream(Rule.values()).filter(Rule::experimental).map(Rule::id).collect(Collectors.toList()))
            .containsExactly("InvalidDefinitionDescription");
    }

    private static String kebab(Rule rule) {
        return rule.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    }
}
