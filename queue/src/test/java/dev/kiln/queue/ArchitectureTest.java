package dev.kiln.queue;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

/** The arrows between the packages of this module, and the one home of each library. */
class ArchitectureTest {
    private static final JavaClasses CLASSES = new ClassFileImporter()
        .withImportOption(new ImportOption.DoNotIncludeTests())
        .importPackages("dev.kiln.queue");

    @ParameterizedTest
    @CsvSource(textBlock = """
            dev.kiln.queue.json,
            dev.kiln.queue.job,    dev.kiln.queue.json
            dev.kiln.queue.event,  dev.kiln.queue.json dev.kiln.queue.job
            dev.kiln.queue.upkeep, dev.kiln.queue.json
            dev.kiln.queue,        dev.kiln.queue.json dev.kiln.queue.job dev.kiln.queue.event dev.kiln.queue.upkeep
            dev.kiln.queue.kafka,  dev.kiln.queue.json dev.kiln.queue.job dev.kiln.queue.event dev.kiln.queue.upkeep dev.kiln.queue
            dev.kiln.queue.broker, dev.kiln.queue.kafka
            dev.kiln.queue.secret, dev.kiln.queue.json dev.kiln.queue.job
            """)
    void packages_importOnlyWhatTheMapAllows(String from, String allowed) {
        String[] targets = ((allowed == null ? "" : allowed + " ") + from + " dev.kiln.layercache.oci").split(" ");
        classes().that()
            .resideInAPackage(from)
            .should()
            .onlyAccessClassesThat()
            .resideInAnyPackage(with(targets, "java..", "org.slf4j..", "tools.jackson..", "org.apache.kafka..",
                    "org.jspecify..", "com.google.crypto.tink.."))
            .allowEmptyShould(true)
            .check(CLASSES);
    }

    @Test
    void kafka_isKnownOnlyInItsPackage() {
        noClasses().that()
            .resideOutsideOfPackage("dev.kiln.queue.kafka")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.apache.kafka..", "kafka..")
            .check(CLASSES);
    }

    @Test
    void json_isKnownOnlyInTheCodecs() {
        noClasses().that()
            .resideInAnyPackage("dev.kiln.queue.kafka", "dev.kiln.queue.broker")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("tools.jackson..")
            .allowEmptyShould(true)
            .check(CLASSES);
    }

    @Test
    void ciphers_areKnownOnlyWhereSecretsAreSealed() {
        noClasses().that()
            .resideOutsideOfPackage("dev.kiln.queue.secret")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("com.google.crypto.tink..", "javax.crypto..")
            .check(CLASSES);
    }

    private static String[] with(String[] some, String... more) {
        String[] all = java.util.Arrays.copyOf(some, some.length + more.length);
        System.arraycopy(more, 0, all, some.length, more.length);
        return all;
    }
}
