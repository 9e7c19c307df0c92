package dev.kiln.layercache.layer;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.kiln.layercache.posix.FileStat.Owner;
import dev.kiln.layercache.posix.Posix;
import dev.kiln.layercache.posix.PosixException;
import dev.kiln.layercache.posix.RawPath;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

/** Damaged archives by the thousand: they may be refused or not, but only as said, and never with a trace outside. */
class HostileArchiveTest {
    private static final ExtractLimits LIMITS = new ExtractLimits(200, 1 << 20, 1000, 1 << 16, 1 << 16);
    private static final String[] WORDS = {"../", "/", "\0", "d", ".wh.", "x", "0", "7", " ", "=", "\n", "9999999999"};

    @TempDir
    Path temp;

    @Test
    void extract_damagedTars_failOnlyAsSaid() throws IOException {
        byte[] good = archive();
        Random random = new Random(42);
        for (int i = 0; i < 1500; i++) {
            byte[] bad = damaged(good, random, true);
            read("round " + i, () -> {
                Path target = Files.createDirectory(temp.resolve("target"));
                new LayerExtractor(LIMITS, Owners.DROP).extract(new ByteArrayInputStream(bad), target, List.of());
            });
            read("round " + i, () -> new ContextArchive(LIMITS).check(new ByteArrayInputStream(bad)));
            Posix.deleteTree(RawPath.of(temp.resolve("target")));
            assertThat(temp).as("round %s", i).isEmptyDirectory();
        }
    }

    @Test
    void check_damagedCompression_failsOnlyAsSaid() throws IOException {
        Random random = new Random(43);
        for (byte[] good : List.of(TestTar.gzip(archive()), TestTar.zstd(archive()))) {
            for (int i = 0; i < 1000; i++) {
                byte[] bad = damaged(good, random, false);
                read("round " + i, () -> new ContextArchive(LIMITS).check(new ByteArrayInputStream(bad)));
            }
        }
    }

    private static byte[] archive() throws IOException {
        Attributes odd = new Attributes(0644, new Owner(3_000_000, 5), TestTar.TIME, Map.of("user.x", new byte[50]));
        return new TestTar().directory("d", 0755)
            .file(RawPath.ofUtf8("d/" + "long".repeat(40)), new byte[700], odd)
            .symlink("d/link", "../outside")
            .file("d/link/f", "x")
            .hardLink("d/hard", "d/link/f")
            .file("e/f", "content")
            .file("e/.wh.g", "")
            .bytes();
    }

    /** Some bytes changed, or a word written into a header, and mostly the checksum made right again. */
    private static byte[] damaged(byte[] good, Random random, boolean tar) {
        byte[] bad = good.clone();
        for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
            int at = random.nextInt(bad.length);
            if (random.nextInt(3) > 0) {
                bad[at] = (byte) random.nextInt(256);
            } else {
                byte[] word = WORDS[random.nextInt(WORDS.length)].getBytes(UTF_8);
                System.arraycopy(word, 0, bad, at, Math.min(word.length, bad.length - at));
            }
            if (tar && random.nextInt(5) > 0) {
                int block = at / 512 * 512;
                byte[] header = Arrays.copyOfRange(bad, block, block + 512);
                System.arraycopy(TarReaderTest.withChecksum(header), 0, bad, block, 512);
            }
        }
        return bad;
    }

    private interface Reading {
        void run() throws IOException;
    }

    private static void read(String what, Reading reading) {
        try {
            reading.run();
        } catch (LayerException | PosixException e) {
            assertThat(e.getMessage()).isNotBlank();
        } catch (IOException | RuntimeException e) {
            fail(what, e);
        }
    }
}
