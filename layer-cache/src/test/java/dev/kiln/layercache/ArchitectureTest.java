package dev.kiln.layercache;

import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

/** The arrows between this module's packages, and each library's one home. */
class ArchitectureTest {
    private static final String ROOT = "dev.kiln.layercache";
    private static final JavaClasses CLASSES = new ClassFileImporter()
        .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
        .importPackages("dev.kiln");

    /** Package to the packages of Kiln it may import. */
    private static final Map<String, Set<String>> ARROWS = Map.of("oci", Set.of(), "posix", Set.of(), "durable",
            Set.of(), "content", Set.of("oci", "durable"), "layer", Set.of("oci", "posix", "content"), "index",
            Set.of("oci", "durable"), "lease", Set.of("oci", "posix", "content"), "registry", Set.of("oci", "content"),
            "context",
            Set.of("oci", "posix", "layer", "content"));

    @Test
    void packages_importOnlyWhatTheirArrowsAllow() {
        ARROWS.forEach((from, allowed) -> noClasses().that()
            .resideInAPackage(ROOT + "." + from)
            .should()
            .dependOnClassesThat(kilnBut(from, allowed))
            .allowEmptyShould(true)
            .check(CLASSES));
    }

    @Test
    void packages_areAllNamedHere() {
        Set<String> found = new TreeSet<>();
        CLASSES.forEach(c -> found.add(c.getPackageName().substring(ROOT.length() + 1)));

        assertThat(ARROWS.keySet()).containsAll(found);
    }

    @Test
    void packages_haveNoCycle() {
        slices().matching(ROOT + ".(*)..").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void layer_seesOnlyTheRolesOfContent() {
        noClasses().that()
            .resideInAnyPackage(ROOT + ".layer", ROOT + ".registry")
            .should()
            .dependOnClassesThat()
            .haveSimpleNameStartingWith("Disk")
            .allowEmptyShould(true)
            .check(CLASSES);
    }

    @Test
    void libraries_haveTheirHomes() {
        home("com.github.benmanes.caffeine..", "content", "index");
        home("tools.jackson..", "oci", "registry");
        home("org.apache.commons.compress..", "layer");
        home("com.github.luben..", "layer");
        home("org.tukaani..", "layer");
        home("jnr..", "posix");
        home("java.net.http..", "registry");
    }

    @Test
    void jackson_staysInsideTheCodecs() {
        classes().that(resideInAPackage(ROOT + "..").and(dependsOn("tools.jackson")))
            .should()
            .haveNameMatching(".*\\.(JsonFields|CanonicalJson|RegistryJson)(\\$.*)?")
            .check(CLASSES);
    }

    private static void home(String library, String... packages) {
        String[] homes = new String[packages.length];
        for (int i = 0; i < packages.length; i++) {
            homes[i] = ROOT + "." + packages[i];
        }
        noClasses().that(DescribedPredicate.not(resideInAnyPackage(homes)))
            .should()
            .dependOnClassesThat()
            .resideInAPackage(library)
            .allowEmptyShould(true)
            .check(CLASSES);
    }

    private static DescribedPredicate<JavaClass> kilnBut(String own, Set<String> allowed) {
        return DescribedPredicate.describe("Kiln's packages other than " + allowed,
                c -> c.getPackageName().startsWith("dev.kiln") && !c.getPackageName().equals(ROOT + "." + own)
                        && !allowed.contains(c.getPackageName().replace(ROOT + ".", "")));
    }

    private static DescribedPredicate<JavaClass> dependsOn(String prefix) {
        return DescribedPredicate.describe("depends on " + prefix,
                c -> c.getDirectDependenciesFromSelf()
                    .stream()
                    .anyMatch(d -> d.getTargetClass().getPackageName().startsWith(prefix)));
    }
}
