package dev.kiln.dockerfile.fuzz;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import dev.kiln.dockerfile.Dockerfile;
import dev.kiln.dockerfile.source.DockerfileException;
import dev.kiln.dockerfile.source.SourceRange;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Fuzzes the parser for {@code -Dkiln.fuzz.seconds} (10 if not said) from the seed {@code -Dkiln.fuzz.seed} (the clock's if
 * not said), and shows with broken parsers that the fuzzer finds what it looks for.
 */
class FuzzTest {

    private static final Duration BUDGET = Duration.ofSeconds(Integer.getInteger("kiln.fuzz.seconds", 10));
    /** Far above what a loaded machine needs for a file of a few kilobytes. */
    private static final Duration LONGEST = Duration.ofSeconds(10);

    @Test
    @Tag("row:1.9")
    void parser_anyFile_givesAResultOrALocatedError() throws InterruptedException {
        long seed = Long.getLong("kiln.fuzz.seed", System.currentTimeMillis() * 1_000_000);
        Fuzzer fuzzer = new Fuzzer(Subject.PARSER, BUDGET, LONGEST);

        Optional<Finding> finding = fuzzer.run(seed);

        System.out.println("fuzzed from seed " + seed + ": " + fuzzer.cases() + " files");
        assertThat(finding).isEmpty();
        assertThat(fuzzer.cases()).as("files in " + BUDGET).isGreaterThan(10 * BUDGET.toSeconds());
    }

    private static Finding found(Subject broken, Duration longest) throws InterruptedException {
        return new Fuzzer(broken, Duration.ofSeconds(60), longest).run(1)
            .orElseThrow(() -> new AssertionError("the broken parser passed"));
    }

    private static boolean has(byte[] file, String text) {
        return new String(file, StandardCharsets.UTF_8).contains(text);
    }

    @Test
    void broken_otherException_isFound() throws InterruptedException {
        Finding finding = found(new Subject() {
            @Override
            public Dockerfile parse(byte[] file) {
                if (has(file, "ONBUILD ONBUILD")) {
                    throw new IllegalStateException("oops");
                }
                return Subject.super.parse(file);
            }

            @Override
            public String dump(byte[] file) {
                return has(file, "ONBUILD ONBUILD") ? "" : Subject.super.dump(file);
            }
        }, LONGEST);

        assertThat(finding.what()).isEqualTo("threw java.lang.IllegalStateException: oops");
    }

    @Test
    void broken_stackOverflow_isFound() throws InterruptedException {
        Finding finding = found(new Subject() {
            @Override
            public String dump(byte[] file) {
                return has(file, "${a:-".repeat(100)) ? overflow("") : "";
            }

            private String overflow(String text) {
                return overflow(text + "x") + text;
            }
        }, LONGEST);

        assertThat(finding.what()).isEqualTo("threw java.lang.StackOverflowError");
    }

    @Test
    void broken_rangeOutsideTheFile_isFound() throws InterruptedException {
        Finding finding = found(new Subject() {
            @Override
            public String dump(byte[] file) {
                try {
                    return Subject.super.dump(file);
                } catch (DockerfileException refused) {
                    throw refused.at(SourceRange.ofLine(1_000, 1, 1), "");
                }
            }
        }, LONGEST);

        assertThat(finding.what()).contains("1000:1", "is not in the file");
    }

    @Test
    void broken_errorWithoutAPlace_isFound() throws InterruptedException {
        Finding finding = found(new Subject() {
            @Override
            public String dump(byte[] file) {
                try {
                    return Subject.super.dump(file);
                } catch (DockerfileException refused) {
                    throw new DockerfileException(refused.code(), refused.message());
                }
            }
        }, LONGEST);

        assertThat(finding.what()).startsWith("an error without a place");
    }

    @Test
    void broken_unstableReading_isFound() throws InterruptedException {
        AtomicInteger count = new AtomicInteger();
        Finding finding = found(new Subject() {
            @Override
            public String dump(byte[] file) {
                return Subject.super.dump(file) + (has(file, "<<-") ? count.incrementAndGet() : "");
            }
        }, LONGEST);

        assertThat(finding.what()).isEqualTo("reads differently the second time");
    }

    @Test
    void broken_inputThatDoesNotEnd_isFound() throws InterruptedException {
        CountDownLatch never = new CountDownLatch(1);
        Finding finding = found(new Subject() {
            @Override
            public String dump(byte[] file) {
                while (has(file, "HEALTHCHECK") && never.getCount() > 0) {
                    Thread.onSpinWait();
                }
                return Subject.super.dump(file);
            }
        }, Duration.ofSeconds(2));
        never.countDown();

        assertThat(finding.what()).isEqualTo("does not end in PT2S");
        assertThat(Fuzzer.input(finding.seed())).isEqualTo(finding.input());
    }
}
