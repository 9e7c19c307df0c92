package dev.kiln.executor.history;

import java.util.Arrays;
import java.util.List;
import java.util.Random;

import org.junit.jupiter.api.Test;

import dev.kiln.layercache.posix.FileType;
import dev.kiln.layercache.posix.RawPath;
import dev.kiln.queue.event.CacheMiss.Changed;
import dev.kiln.queue.event.CacheMissText;

import static org.assertj.core.api.Assertions.assertThat;

class FileListTest {
    private static final byte[] NONE = new byte[0];
    private static final byte[] ONE = {1, 1, 1, 1, 1, 1, 1, 1};
    private static final byte[] TWO = {1, 1, 1, 1, 1, 1, 1, 2};

    private final FileList.Builder before = new FileList.Builder();
    private final FileList.Builder after = new FileList.Builder();

    private static void file(FileList.Builder list, String path, int mode, byte[] content) {
        list.add(RawPath.ofUtf8(path), FileType.REGULAR, mode, 0, 0, NONE, content);
    }

    private List<String> compare() {
        var found = FileComparison.of(before.build(), after.build(), "context");
        return found.isEmpty() ? List.of() : CacheMissText.lines(new Changed(java.time.Instant.EPOCH, found, 0));
    }

    @Test
    void lists_ofTheSame_differInNothing() {
        file(before, "a", 0644, ONE);
        file(after, "a", 0644, ONE);
        assertThat(compare()).isEmpty();
    }

    @Test
    void everyKindOfChange_isSaid() {
        file(before, "src/a.c", 0644, ONE);
        file(after, "src/a.c", 0644, TWO);
        file(before, "b", 0644, ONE);
        file(after, "b", 04755, ONE);
        file(after, "c", 0644, ONE);
        before.add(RawPath.ofUtf8("l"), FileType.SYMLINK, 0777, 0, 0, NONE, ONE);
        after.add(RawPath.ofUtf8("l"), FileType.SYMLINK, 0777, 0, 0, NONE, TWO);
        before.add(RawPath.ofUtf8("o"), FileType.DIRECTORY, 0755, 0, 0, NONE, NONE);
        after.add(RawPath.ofUtf8("o"), FileType.DIRECTORY, 0755, 7, 0xffff_fffeL, NONE, NONE);
        before.add(RawPath.ofUtf8("t"), FileType.DIRECTORY, 0755, 0, 0, NONE, NONE);
        file(after, "t", 0755, ONE);
        before.add(RawPath.ofUtf8("x"), FileType.REGULAR, 0755, 0, 0, NONE, ONE);
        after.add(RawPath.ofUtf8("x"), FileType.REGULAR, 0755, 0, 0, ONE, ONE);
        file(before, "gone", 0644, ONE);
        assertThat(compare()).containsExactly("src/a.c: content changed", "b: mode 0644 → 4755", "c: added",
                "l: target of the link changed", "o: owner 0:0 → 7:4294967294", "t: type directory → file",
                "x: extended attributes changed", "gone: removed");
    }

    @Test
    void list_writtenAndRead_isTheSame() {
        before.add(RawPath.ofBytes(new byte[]{'a', (byte) 0xff}), FileType.FIFO, 01777, 1, 2, ONE, TWO);
        file(before, "ü", 0644, ONE);
        FileList read = FileList.decode(before.build().encode()).orElseThrow();
        assertThat(read.byPath()).isEqualTo(before.build().byPath()).containsKey("a\\xff").containsKey("ü");
        assertThat(read.isWhole()).isTrue();
    }

    @Test
    void list_ofTooManyFiles_isNotWholeAndStaysSmall() {
        for (int i = 0; i <= FileList.MOST; i++) {
            file(before, "f" + i, 0644, ONE);
        }
        FileList list = before.build();
        assertThat(list.isWhole()).isFalse();
        assertThat(list.byPath()).hasSize(FileList.MOST);
        assertThat(FileList.decode(list.encode()).orElseThrow().isWhole()).isFalse();
    }

    @Test
    void otherBytes_areNoListOrOneThatCanBeRead() {
        for (int i = 0; i < 100; i++) {
            file(before, "directory/f" + i, 0644, ONE);
        }
        byte[] good = before.build().encode();
        Random random = new Random(4);
        for (int i = 0; i < 5_000; i++) {
            byte[] bad = good.clone();
            bad[random.nextInt(bad.length)] = (byte) random.nextInt(256);
            FileList.decode(bad).ifPresent(list -> assertThat(list.byPath()).isNotEmpty());
        }
        for (int length = 0; length < good.length; length += 7) {
            assertThat(FileList.decode(Arrays.copyOf(good, length))).isEmpty();
        }
        assertThat(FileList.decode(Arrays.copyOf(good, good.length + 1))).isEmpty();
    }
}
