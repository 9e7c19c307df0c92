package dev.kiln.layercache.layer;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.Map;

import org.junit.jupiter.api.Test;

import dev.kiln.layercache.layer.TarEntry.Kind;
import dev.kiln.layercache.posix.FileStat.Device;
import dev.kiln.layercache.posix.FileStat.Owner;
import dev.kiln.layercache.posix.RawPath;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

class TarWriterTest {

    @Test
    void header_plainFile_isOneBlock() throws IOException {
        byte[] tar = new TestTar().file("dir/name", "abc").unended();
        String header = new String(tar, 0, 512, ISO_8859_1);
        assertThat(tar).hasSize(1024);
        assertThat(header).startsWith("dir/name\0");
        assertThat(header.substring(100, 157)).isEqualTo(
                "0000644\0" + "0000000\0" + "0000000\0" + "00000000003\0" + "14524770400\0" + "010661\0 " + "0");
        assertThat(header.substring(257, 345)).isEqualTo("ustar\00000" + "\0".repeat(64) + "0000000\0" + "0000000\0");
    }

    @Test
    void header_directory_endsWithASlash() throws IOException {
        assertThat(new String(new TestTar().directory("d", 0755).unended(), ISO_8859_1)).startsWith("d/\0");
    }

    @Test
    void header_longName_isInAPaxHeaderNamedAsGoNamesIt() throws IOException {
        String name = "d/" + "n".repeat(120);
        byte[] tar = new TestTar().file(name, "").unended();
        assertThat(new String(tar, ISO_8859_1)).startsWith("d/PaxHeaders.0/" + "n".repeat(85) + "0000000\0");
        assertThat(new String(tar, 512, 512, ISO_8859_1)).startsWith("132 path=" + name + "\n");
        assertThat(new String(tar, 1024, 512, ISO_8859_1)).startsWith(name.substring(0, 100) + "0000644\0");
    }

    @Test
    void header_longNameWithASlashInTheRightPlace_isCutThere() throws IOException {
        String directory = "p".repeat(60) + "/" + "q".repeat(60);
        byte[] tar = new TestTar().directory(directory, 0755).unended();
        assertThat(tar).hasSize(512);
        assertThat(new String(tar, ISO_8859_1)).startsWith("q".repeat(60) + "/\0");
        assertThat(new String(tar, 345, 155, ISO_8859_1)).startsWith("p".repeat(60) + "\0");
        assertThat(first(tar, ExtractLimits.LAYER).name()).hasToString(directory);
    }

    @Test
    void header_namesOfAllLengths_comeBack() throws IOException {
        for (int length = 90; length < 300; length++) {
            for (int slash : new int[]{1, 80, 99, 100, 101, 154, 155, 156}) {
                if (slash < length - 1) {
                    String name = "a".repeat(slash) + "/" + "b".repeat(length - slash - 1);
                    assertThat(first(new TestTar().file(name, "").unended(), ExtractLimits.LAYER).name())
                        .hasToString(name);
                    assertThat(first(new TestTar().directory(name, 0700).unended(), ExtractLimits.LAYER).name())
                        .hasToString(name);
                }
            }
        }
    }

    @Test
    void pax_recordLength_countsItself() throws IOException {
        for (int length = 85; length < 105; length++) {
            Attributes attributes = TestTar.attributes(0, Map.of("user.x", new byte[length]));
            byte[] tar = new TestTar().file(RawPath.ofUtf8("f"), new byte[0], attributes).unended();
            String record = new String(tar, 512, 512, ISO_8859_1);
            int said = Integer.parseInt(record.substring(0, record.indexOf(' ')));
            assertThat(record.substring(0, said)).endsWith("\0\n");
            assertThat(record.substring(said)).containsOnlyOnce("\0".repeat(512 - said));
        }
    }

    @Test
    void header_whatDoesNotFit_comesBackFromPax() throws IOException {
        RawPath name = RawPath.ofBytes(new byte[]{'a', (byte) 0xff, (byte) 0xc3});
        Attributes attributes = new Attributes(07777, new Owner(4_294_967_294L, 3_000_000L), Instant.ofEpochSecond(-5),
                Map.of("security.capability", new byte[]{1, 0, 0, 2, (byte) 0xff, 0, '\n'}, "user.a=b%",
                        "x".getBytes(UTF_8)));
        TarEntry entry = new TarEntry(Kind.FILE, name, RawPath.ofUtf8(""), 1L << 40, attributes, Device.NONE);
        TarEntry read = first(new TestTar().entry(entry).unended(), ExtractLimits.LAYER.withBytes(1L << 50));
        assertThat(read).usingRecursiveComparison().isEqualTo(entry);
    }

    @Test
    void header_longLinkAndDevice_comeBack() throws IOException {
        TarEntry link = new TarEntry(Kind.SYMLINK, RawPath.ofUtf8("l"), RawPath.ofUtf8("t/".repeat(300)), 0,
                TestTar.attributes(0777, Map.of()), Device.NONE);
        assertThat(first(new TestTar().entry(link).unended(), ExtractLimits.LAYER)).isEqualTo(link);
        TarEntry device = new TarEntry(Kind.BLOCK_DEVICE, RawPath.ofUtf8("b"), RawPath.ofUtf8(""), 0,
                TestTar.attributes(0600, Map.of()), new Device(259, 1_000_000));
        assertThat(first(new TestTar().entry(device).unended(), ExtractLimits.LAYER)).isEqualTo(device);
    }

    private static TarEntry first(byte[] tar, ExtractLimits limits) throws IOException {
        try (ArchiveInput in = new ArchiveInput(new ByteArrayInputStream(tar), limits.bytes())) {
            return new TarReader(in, limits).next().orElseThrow();
        }
    }
}
