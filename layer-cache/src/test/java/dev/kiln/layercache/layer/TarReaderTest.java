package dev.kiln.layercache.layer;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import dev.kiln.layercache.layer.LayerException.Code;
import dev.kiln.layercache.layer.TarEntry.Kind;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.posix.Posix;
import dev.kiln.layercache.posix.RawPath;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class TarReaderTest {
    private static final ExtractLimits LIMITS = ExtractLimits.LAYER;

    @TempDir
    Path temp;

    private record Read(TarEntry entry, byte[] content) {}

    @ParameterizedTest
    @ValueSource(strings = {"v7", "oldgnu", "gnu", "ustar", "posix"})
    void read_formatsOfGnuTar_allUnderstood(String format) throws Exception {
        Files.createDirectories(temp.resolve("in/d"));
        Files.writeString(temp.resolve("in/d/file"), "content");
        Files.createSymbolicLink(temp.resolve("in/link"), Path.of("d/file"));
        Files.createLink(temp.resolve("in/d/second"), temp.resolve("in/d/file"));
        byte[] tar = Commands.run(temp, new byte[0], "tar", "--format=" + format, "--sort=name", "-cf-", "-C", "in",
                ".");
        List<Read> all = readAll(tar);
        assertThat(all).extracting(r -> r.entry.kind() + " " + r.entry.name() + " " + r.entry.link())
            .containsExactly("DIRECTORY . ", "DIRECTORY ./d ", "FILE ./d/file ", "HARD_LINK ./d/second ./d/file",
                    "SYMLINK ./link d/file");
        assertThat(all.get(2).content).isEqualTo("content".getBytes(UTF_8));
    }

    @ParameterizedTest
    @ValueSource(strings = {"gnu", "posix"})
    void read_longNamesOfGnuTar_whole(String format) throws Exception {
        String name = "d".repeat(90) + "/" + "f".repeat(200);
        Files.createDirectories(temp.resolve("in").resolve(name).getParent());
        Files.createFile(temp.resolve("in").resolve(name));
        Files.createSymbolicLink(temp.resolve("in/link"), Path.of(name));
        byte[] tar = Commands.run(temp, new byte[0], "tar", "--format=" + format, "--sort=name", "-cf-", "-C", "in",
                name, "link");
        assertThat(readAll(tar)).extracting(r -> r.entry.name() + " " + r.entry.link())
            .containsExactly(name + " ", "link " + name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"--format=gnu", "--format=posix --sparse-version=0.0",
        "--format=posix --sparse-version=0.1",
        "--format=posix --sparse-version=1.0"})
    void read_sparseFiles_haveTheirHolesBack(String format) throws Exception {
        Path file = temp.resolve("sparse");
        try (RandomAccessFile raw = new RandomAccessFile(file.toFile(), "rw")) {
            raw.setLength(4 << 20);
            for (int at = 0; at < 4 << 20; at += 128 * 1024) {
                raw.seek(at + 64 * 1024);
                raw.write(("piece at " + at).getBytes(UTF_8));
            }
        }
        List<String> command = new ArrayList<>(List.of("tar", "--sparse"));
        command.addAll(List.of(format.split(" ")));
        command.addAll(List.of("-cf-", "sparse"));
        byte[] tar = Commands.run(temp, new byte[0], command.toArray(String[]::new));
        assertThat(tar.length).isLessThan(1 << 20);
        Read read = readAll(tar).getFirst();
        assertThat(read.entry.name()).hasToString("sparse");
        assertThat(read.content).isEqualTo(Files.readAllBytes(file));
    }

    @Test
    void read_timesWithNanoseconds_areExact() throws Exception {
        Files.createFile(temp.resolve("f"));
        Posix.setModified(RawPath.of(temp.resolve("f")), Instant.ofEpochSecond(-3, 987_654_321));
        byte[] tar = Commands.run(temp, new byte[0], "tar", "--format=posix", "-cf-", "f");
        assertThat(readAll(tar).getFirst().entry.attributes().modified())
            .isEqualTo(Instant.ofEpochSecond(-3, 987_654_321));
    }

    @Test
    void read_largeNumbersInGnuForm_understood() throws Exception {
        byte[] block = header();
        // uid 3,000,000 and the time -1, as base 256
        System.arraycopy(new byte[]{(byte) 0x80, 0, 0, 0, 0, 0x2d, (byte) 0xc6, (byte) 0xc0}, 0, block, 108, 8);
        Arrays.fill(block, 136, 148, (byte) 0xff);
        TarEntry entry = readAll(withChecksum(block)).getFirst().entry;
        assertThat(entry.attributes().owner().uid()).isEqualTo(3_000_000);
        assertThat(entry.attributes().modified()).isEqualTo(Instant.ofEpochSecond(-1));
    }

    @Test
    void read_globalHeader_isPassedOver() throws IOException {
        byte[] block = header();
        block[156] = 'g';
        byte[] tar = GzipInputTest.concat(withChecksum(block), new TestTar().file("f", "x").bytes());
        assertThat(readAll(tar)).extracting(r -> r.entry.name().toString()).containsExactly("f");
    }

    @Test
    void read_unreadContent_isPassedOver() throws IOException {
        byte[] tar = new TestTar().file("a", "x".repeat(300_000)).file("b", "").bytes();
        try (ArchiveInput in = input(tar)) {
            TarReader reader = new TarReader(in, LIMITS);
            assertThat(reader.next()).isPresent();
            assertThat(reader.next().orElseThrow().name()).hasToString("b");
            assertThat(reader.next()).isEmpty();
            assertThat(reader.endMarked()).isTrue();
            assertThat(in.finish()).isEqualTo(Digest.sha256(tar));
        }
    }

    @Test
    void read_whatIsNoTar_isRefusedAsSuch() {
        assertRefused("just some text".getBytes(UTF_8), Code.NOT_AN_ARCHIVE);
        assertRefused("x".repeat(2000).getBytes(UTF_8), Code.NOT_AN_ARCHIVE);
        assertRefused(new byte[0], Code.NOT_AN_ARCHIVE);
        assertRefused(new byte[]{0x1f, (byte) 0x8b, 1}, Code.CORRUPT);
    }

    @Test
    void read_anyTruncation_isRefusedOrSeen() throws IOException {
        byte[] tar = new TestTar().file("n".repeat(150), "content").file("g", "x".repeat(700)).unended();
        for (int length = 1; length < tar.length; length += 37) {
            byte[] part = Arrays.copyOf(tar, length);
            assertThatExceptionOfType(LayerException.class).as("length %s", length).isThrownBy(() -> readAll(part));
        }
        try (ArchiveInput in = input(tar)) {
            TarReader reader = new TarReader(in, LIMITS);
            while (reader.next().isPresent()) {
                assertThat(reader.endMarked()).isFalse();
            }
            assertThat(reader.endMarked()).isFalse();
        }
    }

    @Test
    void read_zstdCutOff_isRefused() throws IOException {
        byte[] zstd = TestTar.zstd(new TestTar().file("a", "x".repeat(5000)).bytes());
        assertThat(readAll(zstd)).hasSize(1);
        assertRefused(Arrays.copyOf(zstd, zstd.length - 5), Code.CORRUPT);
    }

    @ParameterizedTest
    @ValueSource(strings = {"5 a=b\n", "99 path=x\n", "x path=y\n", "7 path\n", "8 path=x\n",
        "18446744073709551617 a=b\n",
        "11 mtime=x\n", "17 mtime=1e99999\n", "10 uid=-1\n", "18 uid=4294967295\n", "11 size=-5\n", "11 path=\0x\n"})
    void read_wrongPaxRecord_isRefused(String record) throws IOException {
        byte[] block = header();
        block[156] = 'x';
        octal(block, 124, 12, record.length());
        byte[] tar = GzipInputTest.concat(withChecksum(block), Arrays.copyOf(record.getBytes(ISO_8859_1), 512),
                new TestTar().file("f", "").bytes());
        assertRefused(tar, Code.CORRUPT);
    }

    @Test
    void read_sizesBeyondAnyDisk_areRefused() throws IOException {
        byte[] block = header();
        System.arraycopy(new byte[]{(byte) 0x80, 0, 0, 0, 0x7f, 0, 0, 0, 0, 0, 0, 0}, 0, block, 124, 12);
        assertRefused(withChecksum(block), Code.TOO_LARGE);
        byte[] negative = header();
        Arrays.fill(negative, 124, 136, (byte) 0xff);
        assertRefused(withChecksum(negative), Code.CORRUPT);
    }

    @Test
    void read_nameOrAttributesBeyondTheLimit_areRefused() throws IOException {
        assertRefused(new TestTar().file("n".repeat(5000), "").bytes(), Code.TOO_LARGE);
        Attributes attributes = TestTar.attributes(0, Map.of("user.x", new byte[2 << 20]));
        assertRefused(new TestTar().file(RawPath.ofUtf8("f"), new byte[0], attributes).bytes(), Code.TOO_LARGE);
    }

    @Test
    void read_unknownType_isRefused() throws IOException {
        byte[] block = header();
        block[156] = 'V';
        assertRefused(withChecksum(block), Code.UNSUPPORTED_ENTRY);
    }

    @Test
    void read_sparseMapOutsideTheFile_isRefused() throws IOException {
        byte[] block = header();
        block[156] = 'S';
        octal(block, 124, 12, 512);
        octal(block, 386, 12, 1000);
        octal(block, 398, 12, 512);
        octal(block, 483, 12, 1200);
        assertRefused(GzipInputTest.concat(withChecksum(block), new byte[512]), Code.CORRUPT);
    }

    private static byte[] header() throws IOException {
        return Arrays.copyOf(new TestTar().file("f", "").unended(), 512);
    }

    private static void octal(byte[] block, int at, int width, long value) {
        byte[] digits = String.format("%0" + (width - 1) + "o", value).getBytes(ISO_8859_1);
        System.arraycopy(digits, 0, block, at, width - 1);
    }

    static byte[] withChecksum(byte[] block) {
        Arrays.fill(block, 148, 156, (byte) ' ');
        int sum = 0;
        for (byte b : block) {
            sum += Byte.toUnsignedInt(b);
        }
        octal(block, 148, 8, sum);
        return block;
    }

    private static void assertRefused(byte[] tar, Code code) {
        assertThatExceptionOfType(LayerException.class).isThrownBy(() -> readAll(tar))
            .satisfies(e -> assertThat(e.code()).as(e.getMessage()).isEqualTo(code));
    }

    private static ArchiveInput input(byte[] tar) throws IOException {
        return new ArchiveInput(new ByteArrayInputStream(tar), LIMITS.bytes());
    }

    private static List<Read> readAll(byte[] tar) throws IOException {
        List<Read> all = new ArrayList<>();
        try (ArchiveInput in = input(tar)) {
            TarReader reader = new TarReader(in, LIMITS);
            for (Optional<TarEntry> next = reader.next(); next.isPresent(); next = reader.next()) {
                all.add(new Read(next.get(), content(next.get(), reader)));
            }
        }
        return all;
    }

    private static byte[] content(TarEntry entry, TarReader reader) throws IOException {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        if (entry.kind() == Kind.FILE) {
            reader.copyContent(new TarReader.ContentSink() {
                @Override
                public void data(byte[] bytes, int offset, int length) {
                    content.write(bytes, offset, length);
                }

                @Override
                public void hole(long length) {
                    content.writeBytes(new byte[(int) length]);
                }
            });
        }
        return content.toByteArray();
    }
}
