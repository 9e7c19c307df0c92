package dev.kiln.layercache.posix;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class PosixTest {
    private static final RawPath NOT_UTF8 = RawPath.ofBytes(new byte[]{'n', (byte) 0xff, (byte) 0xc3, '\n'});

    @TempDir
    Path temp;

    private RawPath root;

    @BeforeEach
    void root() {
        root = RawPath.of(temp);
    }

    @Test
    void lstat_regularFile_saysWhatItIs() throws IOException {
        Files.writeString(temp.resolve("f"), "hello");
        RawPath file = root.resolve("f");
        Posix.chmod(file, 04751);
        Posix.setModified(file, Instant.ofEpochSecond(-7, 123_456_789));
        Posix.link(file, root.resolve("g"));

        FileStat stat = Posix.lstat(file);

        assertThat(stat.type()).isEqualTo(FileType.REGULAR);
        assertThat(stat.mode()).isEqualTo(04751);
        assertThat(stat.size()).isEqualTo(5);
        assertThat(stat.links()).isEqualTo(2);
        assertThat(stat.modified()).isEqualTo(Instant.ofEpochSecond(-7, 123_456_789));
        assertThat(stat.id()).isEqualTo(Posix.lstat(root.resolve("g")).id());
        assertThat(stat.id().inode()).isEqualTo(Files.getAttribute(temp.resolve("f"), "unix:ino"));
        assertThat(stat.id().filesystem() >>> 32 << 8 | stat.id().filesystem() & 0xff)
            .isEqualTo(Files.getAttribute(temp.resolve("f"), "unix:dev"));
        assertThat(stat.owner().uid()).isEqualTo(((Integer) Files.getAttribute(temp.resolve("f"), "unix:uid"))
            .longValue());
    }

    @Test
    void lstatIfExists_missingFile_isEmpty() throws IOException {
        Files.createFile(temp.resolve("f"));
        assertThat(Posix.lstatIfExists(root.resolve("gone"))).isEmpty();
        assertThat(Posix.lstatIfExists(root.resolve("f/below"))).isEmpty();
    }

    @Test
    void lstat_missingFile_saysWhatWasDoneAndToWhat() {
        assertThatExceptionOfType(PosixException.class).isThrownBy(() -> Posix.lstat(root.resolve("gone")))
            .withMessage("looking at " + root + "/gone: ENOENT (No such file or directory)")
            .satisfies(e -> assertThat(e.isMissing()).isTrue());
    }

    @Test
    void names_notUtf8_areKeptToTheByte() throws IOException {
        RawPath file = root.resolve(NOT_UTF8);
        try (FileHandle handle = FileHandle.create(file, 0644)) {
            handle.write(ByteBuffer.wrap(new byte[]{1, 2, 3}));
        }
        Posix.symlink(NOT_UTF8, root.resolve("link"));

        assertThat(Posix.list(root)).containsExactlyInAnyOrder(new DirEntry(NOT_UTF8, FileType.REGULAR),
                new DirEntry(RawPath.ofUtf8("link"), FileType.SYMLINK));
        assertThat(Posix.lstat(file).size()).isEqualTo(3);
        assertThat(Posix.readlink(root.resolve("link"))).isEqualTo(NOT_UTF8);
        try (var files = Files.list(temp)) {
            assertThat(files.map(RawPath::of)).contains(file);
        }
        Posix.unlink(root.resolve("link"));
        Posix.unlink(file);
        assertThat(Posix.list(root)).isEmpty();
    }

    @Test
    void list_manyLongNames_hasThemAll() throws IOException {
        List<String> names = IntStream.range(0, 3000).mapToObj(i -> "n".repeat(200) + i).toList();
        for (String name : names) {
            Posix.mknod(root.resolve(name), FileType.REGULAR, 0600, FileStat.Device.NONE);
        }
        assertThat(Posix.list(root)).extracting(e -> e.name().toString()).containsExactlyInAnyOrderElementsOf(names);
    }

    @Test
    void xattr_largeValueAndManyNames_comeBack() throws IOException {
        Files.createFile(temp.resolve("f"));
        RawPath file = root.resolve("f");
        byte[] large = new byte[2000];
        large[1999] = 7;
        Posix.setxattr(file, "user.large", large);
        for (int i = 0; i < 30; i++) {
            Posix.setxattr(file, "user.some-rather-long-name-" + i, new byte[]{(byte) i});
        }
        assertThat(Posix.getxattr(file, "user.large")).hasValue(large);
        assertThat(Posix.getxattr(file, "user.none")).isEmpty();
        assertThat(Posix.listxattr(file)).hasSize(31).contains("user.large", "user.some-rather-long-name-29");
        Posix.removexattr(file, "user.large");
        assertThat(Posix.getxattr(file, "user.large")).isEmpty();
    }

    @Test
    void setModified_link_leavesItsTarget() throws IOException {
        Files.createFile(temp.resolve("f"));
        Instant before = Posix.lstat(root.resolve("f")).modified();
        Posix.symlink(RawPath.ofUtf8("f"), root.resolve("link"));
        Posix.setModified(root.resolve("link"), Instant.EPOCH);
        assertThat(Posix.lstat(root.resolve("link")).modified()).isEqualTo(Instant.EPOCH);
        assertThat(Posix.lstat(root.resolve("f")).modified()).isEqualTo(before);
    }

    @Test
    void readlink_longTarget_isWhole() throws IOException {
        RawPath target = RawPath.ofUtf8("t/".repeat(1500));
        Posix.symlink(target, root.resolve("link"));
        assertThat(Posix.readlink(root.resolve("link"))).isEqualTo(target);
    }

    @Test
    void rename_variants_replaceRefuseOrSwap() throws IOException {
        Files.writeString(temp.resolve("a"), "a");
        Files.writeString(temp.resolve("b"), "b");
        RawPath a = root.resolve("a");
        RawPath b = root.resolve("b");
        assertThatExceptionOfType(PosixException.class).isThrownBy(() -> Posix.renameNoReplace(a, b))
            .satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.EEXIST));
        Posix.exchange(a, b);
        assertThat(temp.resolve("a")).hasContent("b");
        Posix.rename(a, b);
        assertThat(temp.resolve("b")).hasContent("b");
        assertThat(temp.resolve("a")).doesNotExist();
    }

    @Test
    void mkfifo_isNotOpenedByReaders() throws IOException {
        Posix.mknod(root.resolve("pipe"), FileType.FIFO, 0600, FileStat.Device.NONE);
        assertThat(Posix.lstat(root.resolve("pipe")).type()).isEqualTo(FileType.FIFO);
        FileHandle.openForReading(root.resolve("pipe")).close();
    }

    @Test
    void handle_copiesReadsAndLeavesHoles() throws IOException {
        try (FileHandle out = FileHandle.create(root.resolve("a"), 0600)) {
            out.write(ByteBuffer.wrap(new byte[]{0, 1, 2, 3}, 1, 3));
            out.skip(5);
            out.truncate(8);
            out.chmod(0640);
        }
        try (FileHandle in = FileHandle.openForReading(root.resolve("a"));
                FileHandle out = FileHandle.create(root.resolve("b"), 0600)) {
            assertThat(in.copyTo(out, 100)).isEqualTo(8);
            assertThat(in.copyTo(out, 100)).isZero();
            out.sync();
        }
        try (FileHandle in = FileHandle.openForReading(root.resolve("b"))) {
            ByteBuffer heap = ByteBuffer.allocate(10).position(1);
            assertThat(in.read(heap)).isEqualTo(8);
            assertThat(in.read(heap)).isEqualTo(-1);
            assertThat(heap.array()).containsExactly(0, 1, 2, 3, 0, 0, 0, 0, 0, 0);
        }
        Posix.sync(root);
        assertThat(Posix.lstat(root.resolve("a")).mode()).isEqualTo(0640);
    }

    @Test
    void open_symlink_isRefused() throws IOException {
        Files.createFile(temp.resolve("f"));
        Posix.symlink(RawPath.ofUtf8("f"), root.resolve("link"));
        assertThatExceptionOfType(PosixException.class)
            .isThrownBy(() -> FileHandle.openForReading(root.resolve("link")))
            .satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.ELOOP));
    }

    @Test
    void device_packedNumber_isMakedevs() {
        assertThat(new FileStat.Device(0x12345, 0x6789a).packed()).isEqualTo(0x0001_2000_6783_459aL);
    }

    @Test
    void deleteTree_missing_isNoError() throws IOException {
        Posix.deleteTree(root.resolve("gone"));
        Posix.deleteTree(root.resolve("gone/below"));
        assertThatIllegalArgumentException().isThrownBy(() -> Posix.deleteTree(root.resolve("..")));
    }

    @Test
    void deleteTree_linksAndClosedDirectories_leavesWhatLinksPointTo() throws IOException {
        Path outside = Files.createDirectory(temp.resolve("outside"));
        Files.createFile(outside.resolve("kept"));
        Path tree = Files.createDirectories(temp.resolve("tree/closed/inner")).getParent().getParent();
        Files.createFile(tree.resolve("closed/inner/f"));
        Posix.symlink(RawPath.of(outside), RawPath.of(tree).resolve("link"));
        Posix.chmod(RawPath.of(tree).resolve("closed/inner"), 0);
        Posix.chmod(RawPath.of(tree).resolve("closed"), 0);

        Posix.deleteTree(RawPath.of(tree));

        assertThat(tree).doesNotExist();
        assertThat(outside.resolve("kept")).exists();
    }

    @Test
    void deleteTree_fileOrLink_removesIt() throws IOException {
        Files.createFile(temp.resolve("f"));
        Posix.symlink(RawPath.of(temp), root.resolve("link"));
        Posix.deleteTree(root.resolve("f"));
        Posix.deleteTree(root.resolve("link"));
        assertThat(temp).isEmptyDirectory();
    }

    @Test
    void deleteTree_deeperThanAPath_removesIt() throws IOException {
        String name = "d".repeat(250);
        RawPath tree = root.resolve("tree");
        Posix.mkdir(tree, 0700);
        Posix.mkdir(tree.resolve(".moved-0"), 0700);
        // Each round puts the tree so far below fourteen new directories, which a path can still name.
        for (int round = 0; round < 10; round++) {
            RawPath top = root.resolve("top" + round);
            Posix.mkdir(top, 0700);
            RawPath bottom = top;
            for (int i = 0; i < 14; i++) {
                bottom = bottom.resolve(name);
                Posix.mkdir(bottom, 0700);
            }
            Posix.rename(tree, bottom.resolve("tree"));
            Posix.rename(top, tree);
        }
        Posix.deleteTree(tree);
        assertThat(temp).isEmptyDirectory();
    }
}
