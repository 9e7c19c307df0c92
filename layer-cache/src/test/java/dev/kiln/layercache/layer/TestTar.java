package dev.kiln.layercache.layer;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.Map;
import java.util.zip.GZIPOutputStream;

import com.github.luben.zstd.Zstd;

import dev.kiln.layercache.layer.TarEntry.Kind;
import dev.kiln.layercache.posix.FileStat.Device;
import dev.kiln.layercache.posix.FileStat.Owner;
import dev.kiln.layercache.posix.RawPath;

import static java.nio.charset.StandardCharsets.UTF_8;

/** Writes tars entry by entry, the hostile ones too: nothing is checked. */
final class TestTar {
    static final Instant TIME = Instant.ofEpochSecond(1_700_000_000);
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final TarWriter writer = new TarWriter(bytes);

    static Attributes attributes(int mode, Map<String, byte[]> xattrs) {
        return new Attributes(mode, Owner.ROOT, TIME, xattrs);
    }

    TestTar file(String name, String content) throws IOException {
        return file(RawPath.ofUtf8(name), content.getBytes(UTF_8), attributes(0644, Map.of()));
    }

    TestTar file(RawPath name, byte[] content, Attributes attributes) throws IOException {
        entry(new TarEntry(Kind.FILE, name, RawPath.ofUtf8(""), content.length, attributes, Device.NONE));
        bytes.write(content);
        writer.pad(content.length);
        return this;
    }

    TestTar directory(String name, int mode) throws IOException {
        return entry(new TarEntry(Kind.DIRECTORY, RawPath.ofUtf8(name), RawPath.ofUtf8(""), 0,
                attributes(mode, Map.of()), Device.NONE));
    }

    TestTar symlink(String name, String target) throws IOException {
        return link(Kind.SYMLINK, name, target);
    }

    TestTar hardLink(String name, String target) throws IOException {
        return link(Kind.HARD_LINK, name, target);
    }

    private TestTar link(Kind kind, String name, String target) throws IOException {
        return entry(new TarEntry(kind, RawPath.ofUtf8(name), RawPath.ofUtf8(target), 0, attributes(0777, Map.of()),
                Device.NONE));
    }

    TestTar node(Kind kind, String name, int major, int minor) throws IOException {
        return entry(new TarEntry(kind, RawPath.ofUtf8(name), RawPath.ofUtf8(""), 0, attributes(0600, Map.of()),
                new Device(major, minor)));
    }

    TestTar entry(TarEntry entry) throws IOException {
        writer.writeHeader(entry);
        return this;
    }

    TestTar raw(byte[] block) throws IOException {
        bytes.write(block);
        return this;
    }

    byte[] unended() {
        return bytes.toByteArray();
    }

    byte[] bytes() throws IOException {
        writer.end();
        return bytes.toByteArray();
    }

    InputStream stream() throws IOException {
        return new ByteArrayInputStream(bytes());
    }

    static byte[] gzip(byte[] plain) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(plain);
        }
        return out.toByteArray();
    }

    static byte[] zstd(byte[] plain) {
        return Zstd.compress(plain);
    }
}
