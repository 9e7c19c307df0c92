package dev.kiln.api;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import org.junit.jupiter.api.Test;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

/** The arrows between packages, as the package map has them. */
class ArchitectureTest {
    private static final JavaClasses CLASSES = new ClassFileImporter()
        .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
        .importPackages("dev.kiln.api");

    /** Of Kiln's packages, {@code from} sees itself and {@code allowed} only. */
    private static ArchRule onlySees(String from, String... allowed) {
        return classes().that()
            .resideInAPackage(from)
            .should()
            .onlyDependOnClassesThat(
                    resideInAnyPackage("dev.kiln..").negate()
                        .or(resideInAPackage(from))
                        .or(resideInAnyPackage(allowed)));
    }

    @Test
    void http_seesNoFeature() {
        onlySees("dev.kiln.api.http").check(CLASSES);
    }

    @Test
    void builds_seesTheQueueAndTheLanguage() {
        onlySees("dev.kiln.api.builds", "dev.kiln.api.dispatch", "dev.kiln.api.http", "dev.kiln.queue",
                "dev.kiln.queue.job",
                "dev.kiln.queue.event", "dev.kiln.queue.json", "dev.kiln.queue.secret", "dev.kiln.dockerfile..",
                "dev.kiln.layercache.oci",
                "dev.kiln.layercache.content", "dev.kiln.layercache.context", "dev.kiln.layercache.layer")
            .check(CLASSES);
    }

    @Test
    void dispatch_seesTheQueueOnly() {
        onlySees("dev.kiln.api.dispatch", "dev.kiln.api.http", "dev.kiln.queue", "dev.kiln.queue.job",
                "dev.kiln.queue.event", "dev.kiln.queue.upkeep", "dev.kiln.layercache.oci")
            .check(CLASSES);
    }

    @Test
    void access_seesHttpAndNamesOnly() {
        onlySees("dev.kiln.api.access", "dev.kiln.api.http", "dev.kiln.layercache.oci").check(CLASSES);
    }

    @Test
    void distribution_seesContentOnly() {
        onlySees("dev.kiln.api.distribution", "dev.kiln.api.access", "dev.kiln.api.http", "dev.kiln.layercache.oci",
                "dev.kiln.layercache.content", "dev.kiln.layercache.durable", "dev.kiln.layercache.lease",
                "dev.kiln.layercache.posix")
            .check(CLASSES);
    }

    @Test
    void upkeep_seesTheQueueAndTheKindsOfItems() {
        onlySees("dev.kiln.api.upkeep", "dev.kiln.api.http", "dev.kiln.queue", "dev.kiln.queue.json",
                "dev.kiln.queue.upkeep", "dev.kiln.layercache.lease")
            .check(CLASSES);
    }

    @Test
    void kafka_isSeenByTheMainOnly() {
        noClasses().that(nameMatching("dev\\.kiln\\.api\\.ApiMain.*").negate())
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("dev.kiln.queue.kafka..", "dev.kiln.queue.broker..", "org.apache.kafka..")
            .check(CLASSES);
    }

    /** Features are watched from outside: by their routes, and by what they tell of themselves. */
    @Test
    void meters_areSeenByTheWiringOnly() {
        noClasses().that()
            .resideOutsideOfPackage("dev.kiln.api")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("dev.kiln.metrics..", "io.micrometer..")
            .check(CLASSES);
    }

    @Test
    void packages_formNoCircle() {
        slices().matching("dev.kiln.(api.*)..").should().beFreeOfCycles().check(CLASSES);
    }
}
