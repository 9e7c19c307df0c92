package dev.kiln.dockerfile;

import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

class ArchitectureTest {

    private static final String ROOT = "dev.kiln.dockerfile";
    private static final Map<String, Set<String>> ALLOWED = Map.of("source", Set.of(), "expand", Set.of("source"),
            "lex",
            Set.of("source", "expand"), "instruction", Set.of("source", "lex"), "stage",
            Set.of("source", "instruction", "expand"), "ignore", Set.of(), "remote", Set.of("source", "lex"), "",
            Set.of("source", "lex", "expand", "instruction", "stage"), "outline",
            Set.of("source", "expand", "instruction", "stage", ""), "lint",
            Set.of("source", "lex", "expand", "instruction", "stage", "ignore", "remote", ""));

    private static final JavaClasses CLASSES = new ClassFileImporter()
        .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
        .importPackages(ROOT);

    private static String shortName(String packageName) {
        return packageName.equals(ROOT) ? "" : packageName.substring(ROOT.length() + 1);
    }

    @Test
    void packages_imports_followTheMap() {
        for (JavaClass type : CLASSES) {
            String from = shortName(type.getPackageName());
            Set<String> imported = type.getDirectDependenciesFromSelf()
                .stream()
                .map(dependency -> dependency.getTargetClass().getBaseComponentType().getPackageName())
                .filter(name -> name.startsWith(ROOT))
                .map(ArchitectureTest::shortName)
                .filter(name -> !name.equals(from))
                .collect(Collectors.toCollection(TreeSet::new));
            assertThat(ALLOWED).containsKey(from);
            assertThat(ALLOWED.get(from)).as("what %s may import", type.getName()).containsAll(imported);
        }
    }

    @Test
    void packages_imports_haveNoCircle() {
        slices().matching(ROOT + ".(*)..").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void classes_imports_areOursOrTheJdks() {
        for (JavaClass type : CLASSES) {
            assertThat(type.getDirectDependenciesFromSelf()).as(type.getName())
                .allMatch(dependency -> Arrays.asList(ROOT, "java", "org.jspecify.annotations")
                    .stream()
                    .anyMatch(dependency.getTargetClass().getBaseComponentType().getPackageName()::startsWith)
                        || dependency.getTargetClass().getBaseComponentType().isPrimitive());
        }
    }

    @Test
    void packages_all_arePresent() {
        assertThat(CLASSES.stream().map(type -> shortName(type.getPackageName())).collect(Collectors.toSet()))
            .isEqualTo(ALLOWED.keySet());
    }

    @Test
    void classes_inputAndOutput_areNotUsed() {
        for (JavaClass type : CLASSES) {
            assertThat(type.getDirectDependenciesFromSelf()).as(type.getName())
                .noneMatch(dependency -> dependency.getTargetClass().getPackageName().matches("java\\.(net|nio\\.file)")
                        || dependency.getTargetClass().getName().startsWith("java.io.File"));
        }
    }
}
