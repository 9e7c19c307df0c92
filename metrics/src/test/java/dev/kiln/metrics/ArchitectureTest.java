package dev.kiln.metrics;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

/** What meters may know: the roles that other packages have for them, and the values that these roles speak of. */
class ArchitectureTest {
    private static final JavaClasses CLASSES = new ClassFileImporter()
        .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
        .importPackages("dev.kiln.metrics");

    @Test
    void metrics_seesRolesOnly() {
        classes().should()
            .onlyDependOnClassesThat(resideInAnyPackage("dev.kiln..").negate()
                .or(resideInAnyPackage("dev.kiln.metrics", "dev.kiln.layercache.lease", "dev.kiln.layercache.registry",
                        "dev.kiln.queue", "dev.kiln.queue.event", "dev.kiln.queue.job")))
            .check(CLASSES);
    }

    @Test
    void prometheus_isSeenInOnePlace() {
        noClasses().that()
            .doNotHaveSimpleName("ProcessMetrics")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.micrometer.prometheusmetrics..", "io.prometheus..")
            .check(CLASSES);
    }

    @Test
    void registryOfTheJvm_isUsedByNobody() {
        noClasses().should()
            .dependOnClassesThat()
            .haveFullyQualifiedName("io.micrometer.core.instrument.Metrics")
            .check(CLASSES);
    }
}
