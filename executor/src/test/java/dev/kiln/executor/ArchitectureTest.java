package dev.kiln.executor;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.simpleName;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.simpleNameStartingWith;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

/** The arrows between the packages of this module, and the one home of each library. */
class ArchitectureTest {
    private static final String EXECUTOR = "dev.kiln.executor.";
    private static final JavaClasses CLASSES = new ClassFileImporter()
        .withImportOption(new ImportOption.DoNotIncludeTests())
        .importPackages("dev.kiln.executor");

    /** What each package must not know of; the worker, which wires everything, may know all. */
    @ParameterizedTest
    @CsvSource(textBlock = """
            graph,      frontend solver mount snapshot runtime cachemount cacheartifact ssh source op exporter worker buildkit exchange farmcache
            frontend,   solver mount snapshot runtime cachemount cacheartifact ssh source op exporter worker buildkit exchange farmcache
            solver,     frontend history mount snapshot runtime cachemount cacheartifact ssh source op exporter worker buildkit exchange farmcache
            history,    frontend mount snapshot runtime cachemount cacheartifact ssh source op exporter worker buildkit exchange farmcache
            mount,      frontend graph solver snapshot runtime cachemount cacheartifact ssh source op exporter worker buildkit exchange farmcache
            snapshot,   frontend graph solver runtime cachemount cacheartifact ssh source op exporter worker buildkit exchange farmcache
            runtime,    frontend graph solver snapshot cachemount cacheartifact ssh source op exporter worker buildkit exchange farmcache
            cachemount, cacheartifact frontend solver snapshot runtime ssh source op exporter worker buildkit exchange farmcache
            cacheartifact, frontend solver mount snapshot runtime ssh source op exporter worker remote buildkit exchange farmcache
            ssh,        frontend graph solver mount snapshot runtime cachemount cacheartifact source op exporter worker buildkit exchange farmcache
            op,         frontend source exporter worker cacheartifact exchange farmcache
            source,     solver mount snapshot runtime cachemount cacheartifact ssh exporter worker buildkit farmcache
            exporter,   frontend mount snapshot runtime cachemount cacheartifact ssh source op worker buildkit exchange farmcache
            buildkit,   frontend solver history mount snapshot runtime cachemount cacheartifact ssh source op exporter exchange worker remote farmcache
            exchange,   frontend history mount snapshot runtime cachemount cacheartifact ssh source worker remote farmcache
            remote,     frontend graph solver mount snapshot runtime cachemount cacheartifact ssh source op exporter worker buildkit exchange farmcache
            farmcache,  frontend graph history mount snapshot runtime cachemount cacheartifact ssh source op worker remote buildkit exchange
            """)
    void package_knowsNothingOf_whatTheMapDoesNotAllow(String from, String forbidden) {
        String[] packages = forbidden.split(" ");
        for (int i = 0; i < packages.length; i++) {
            packages[i] = EXECUTOR + packages[i] + "..";
        }
        noClasses().that()
            .resideInAPackage(EXECUTOR + from + "..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(packages)
            .allowEmptyShould(true)
            .check(CLASSES);
    }

    @Test
    void queue_isKnownOnlyToWhatTalksToIt() {
        noClasses().that()
            .resideInAnyPackage(EXECUTOR + "graph", EXECUTOR + "frontend", EXECUTOR + "mount", EXECUTOR + "snapshot",
                    EXECUTOR + "runtime", EXECUTOR + "cachemount", EXECUTOR + "ssh", EXECUTOR + "cacheartifact",
                    EXECUTOR + "op", EXECUTOR + "farmcache")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("dev.kiln.queue..")
            .check(CLASSES);
    }

    /** Why a step ran is found out here and said there: a second copy of these words would only drift. */
    @Test
    void queue_isKnownToTheSolver_asFarAsReasonsOfMisses() {
        noClasses().that()
            .resideInAnyPackage(EXECUTOR + "solver", EXECUTOR + "history")
            .should()
            .dependOnClassesThat(resideInAPackage("dev.kiln.queue..")
                .and(not(nameMatching("dev\\.kiln\\.queue\\.event\\.CacheMiss(\\$.*)?"))))
            .check(CLASSES);
    }

    /** In which bytes an image is wanted the request says, and nobody else needs words for it. */
    @Test
    void queue_isKnownToTheExporter_asFarAsFormsOfImages() {
        noClasses().that()
            .resideInAPackage(EXECUTOR + "exporter")
            .should()
            .dependOnClassesThat(resideInAPackage("dev.kiln.queue..").and(not(
                    nameMatching("dev\\.kiln\\.queue\\.job\\.(Output|ImageForm|LayerCompression|Annotation)(\\$.*)?"))))
            .check(CLASSES);
    }

    @Test
    void remote_isKnownOnlyToTheWorker() {
        noClasses().that()
            .resideOutsideOfPackages(EXECUTOR + "remote", EXECUTOR + "worker")
            .should()
            .dependOnClassesThat()
            .resideInAPackage(EXECUTOR + "remote..")
            .check(CLASSES);
        noClasses().that()
            .resideInAPackage(EXECUTOR + "remote..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("dev.kiln.queue..", "dev.kiln.dockerfile..")
            .check(CLASSES);
    }

    @Test
    void kafka_isKnownOnlyThroughTheQueue() {
        noClasses().should().dependOnClassesThat().resideInAnyPackage("org.apache.kafka..", "kafka..").check(CLASSES);
    }

    @Test
    void dockerfile_isKnownOnlyToTheFrontendAndTheWorker() {
        noClasses().that()
            .resideOutsideOfPackages(EXECUTOR + "frontend", EXECUTOR + "worker", EXECUTOR + "op")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("dev.kiln.dockerfile..")
            .check(CLASSES);
    }

    /** What a copy needs to know of patterns and modes is arithmetic on text. */
    @Test
    void dockerfile_isKnownToOps_asFarAsPatternsAndModes() {
        noClasses().that()
            .resideInAPackage(EXECUTOR + "op")
            .should()
            .dependOnClassesThat(resideInAPackage("dev.kiln.dockerfile..")
                .and(not(resideInAPackage("dev.kiln.dockerfile.ignore")))
                .and(not(simpleNameStartingWith("ChmodSpec").or(simpleName("Octal")))))
            .check(CLASSES);
    }

    /** What is measured others say by roles of their own; only the worker knows by whom. */
    @Test
    void meters_areKnownOnlyToTheWorker() {
        noClasses().that()
            .resideOutsideOfPackages(EXECUTOR + "meter", EXECUTOR + "worker")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(EXECUTOR + "meter..", "dev.kiln.metrics..", "io.micrometer..")
            .check(CLASSES);
        noClasses().that()
            .resideInAPackage(EXECUTOR + "meter..")
            .should()
            .dependOnClassesThat(resideInAPackage("dev.kiln..")
                .and(not(resideInAPackage(EXECUTOR + "meter..")))
                .and(not(resideInAPackage(EXECUTOR + "graph..")))
                .and(not(simpleName("StepMeter")))
                .and(not(resideInAPackage("dev.kiln.metrics..")))
                .and(not(resideInAPackage("dev.kiln.queue.event.."))))
            .check(CLASSES);
    }

    @Test
    void logging_knowsNothing() {
        noClasses().that()
            .resideInAPackage(EXECUTOR + "logging..")
            .should()
            .dependOnClassesThat(resideInAPackage("dev.kiln..").and(not(resideInAPackage(EXECUTOR + "logging.."))))
            .check(CLASSES);
    }

    @Test
    void solver_knowsKeysAndLayers_butNoFiles() {
        noClasses().that()
            .resideInAPackage(EXECUTOR + "solver")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("dev.kiln.layercache.content", "dev.kiln.layercache.layer", "dev.kiln.layercache.posix")
            .check(CLASSES);
    }
}
