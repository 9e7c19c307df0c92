package dev.kiln.executor.op;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class MaskedLogTest {
    private final ByteArrayOutputStream seen = new ByteArrayOutputStream();

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private MaskedLog log(String... secrets) {
        return new MaskedLog((_, bytes, length) -> seen.write(bytes, 0, length),
                SecretMask.of(Stream.of(secrets).map(MaskedLogTest::bytes).toList()));
    }

    private String masked(String text, String... secrets) throws IOException {
        seen.reset();
        try (MaskedLog log = log(secrets)) {
            log.write(1, bytes(text), bytes(text).length);
        }
        return seen.toString(StandardCharsets.UTF_8);
    }

    @Test
    void secrets_areReplacedWhereverTheyStand() throws IOException {
        assertThat(masked("token=s3cret;\n", "s3cret")).isEqualTo("token=***;\n");
        assertThat(masked("s3cret", "s3cret")).isEqualTo("***");
        assertThat(masked("s3crets3cret x s3cret", "s3cret")).isEqualTo("*** x ***");
        assertThat(masked("nothing", "s3cret")).isEqualTo("nothing");
        assertThat(masked("grüße für größe", "größe")).isEqualTo("grüße für ***");
    }

    @Test
    void lineEndOfASecret_needNotBePrinted() throws IOException {
        assertThat(masked("a s3cret b", "s3cret\n")).isEqualTo("a *** b");
    }

    @Test
    void secretOfSeveralLines_isReplacedLineByLine() throws IOException {
        assertThat(masked("> first line\r\n> second line\n", "first line\r\nsecond line\nab\n"))
            .isEqualTo("> ***\r\n> ***\n");
    }

    @Test
    void secretsThatOverlap_areBothReplaced() throws IOException {
        assertThat(masked("abcdefgh", "abcdef", "defgh")).isEqualTo("***");
        assertThat(masked("abcdefg abcd abcde", "abcd", "abcdefg")).isEqualTo("*** *** ***e");
        assertThat(masked("xabcdy abcdx", "xabcdz", "abcd")).isEqualTo("x***y ***x");
    }

    @Test
    void shortLines_stay() throws IOException {
        assertThat(masked("a abc", "abc", "a")).isEqualTo("a abc");
    }

    @Test
    void beginningOfASecretAtTheEnd_isGivenInTheEnd() throws IOException {
        MaskedLog log = log("s3cret");
        log.write(1, bytes("so s3cr"), 7);
        assertThat(seen).hasToString("so ");
        log.close();
        assertThat(seen).hasToString("so s3cr");
    }

    @Test
    void streams_areLookedAtEachForItself() throws IOException {
        try (MaskedLog log = log("s3cret")) {
            log.write(1, bytes("s3c"), 3);
            log.write(2, bytes("ret\n"), 4);
            log.write(1, bytes("ret\n"), 4);
        }
        assertThat(seen).hasToString("ret\n***\n");
    }

    @Test
    void howOutputIsCut_changesNothing() throws IOException {
        Random random = new Random(5);
        String[] secrets = {"aabaab", "abaaba", "bbab", "aaaaaaa"};
        for (int round = 0; round < 300; round++) {
            StringBuilder text = new StringBuilder();
            random.ints(200, 0, 2).forEach(i -> text.append(i == 0 ? 'a' : 'b'));
            byte[] all = bytes(text.toString());
            String whole = masked(text.toString(), secrets);
            seen.reset();
            try (MaskedLog log = log(secrets)) {
                for (int at = 0; at < all.length;) {
                    int length = Math.min(all.length - at, 1 + random.nextInt(5));
                    log.write(1, java.util.Arrays.copyOfRange(all, at, at + length), length);
                    at += length;
                }
            }
            assertThat(seen.toString(StandardCharsets.UTF_8)).isEqualTo(whole)
                .isEqualTo(plainly(text.toString(), secrets));
        }
    }

    /** The same, found out in the plainest way. */
    private static String plainly(String text, String... secrets) {
        boolean[] hidden = new boolean[text.length()];
        for (String secret : secrets) {
            for (int at = text.indexOf(secret); at >= 0; at = text.indexOf(secret, at + 1)) {
                java.util.Arrays.fill(hidden, at, at + secret.length(), true);
            }
        }
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < hidden.length; i++) {
            if (!hidden[i]) {
                out.append(text.charAt(i));
            } else if (i == 0 || !hidden[i - 1]) {
                out.append("***");
            }
        }
        return out.toString();
    }

    @Test
    void moreThanIsLookedFor_isLeftOut() {
        byte[] large = new byte[SecretMask.MAX_BYTES + 1];
        java.util.Arrays.fill(large, (byte) 'x');
        assertThat(SecretMask.of(List.of(large)).isEmpty()).isTrue();
        assertThat(SecretMask.of(List.of(large, bytes("s3cret"))).isEmpty()).isFalse();
    }
}
