package dev.kiln.executor.cachemount;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import dev.kiln.executor.mount.LinuxMounter;
import dev.kiln.executor.mount.Mount;
import dev.kiln.executor.mount.Mounter.Mounted;
import dev.kiln.layercache.posix.FileStat;
import dev.kiln.layercache.posix.FileStat.FileId;
import dev.kiln.layercache.posix.FileStat.Owner;
import dev.kiln.layercache.posix.FileType;
import dev.kiln.layercache.posix.Posix;
import dev.kiln.layercache.posix.RawPath;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What an overlay of the kernel shows is what the merge makes, also in several goes. */
@Tag("privileged")
@Timeout(120)
class CacheMergeIT {
    private static final int NAMES = 5;

    @TempDir
    Path temp;
    private Path lower;
    private Path upper;

    @BeforeEach
    void directories() throws IOException {
        lower = Files.createDirectory(temp.resolve("lower"));
        upper = Files.createDirectory(temp.resolve("upper"));
        Files.createDirectory(temp.resolve("work"));
        Files.createDirectory(temp.resolve("root"));
    }

    /** One file as far as it counts; directories may differ in their times. */
    private record Seen(FileType type, int mode, Owner owner, String content, Map<String, String> xattrs,
            List<String> names, Instant modified) {}

    private static Map<String, Seen> listing(Path root, boolean timesOfDirectories) throws IOException {
        Map<FileId, List<String>> names = new HashMap<>();
        Map<String, Path> files = new TreeMap<>();
        try (Stream<Path> walk = Files.walk(root)) {
            walk.forEach(file -> files.put(root.relativize(file).toString(), file));
        }
        for (Map.Entry<String, Path> file : files.entrySet()) {
            names.computeIfAbsent(Posix.lstat(RawPath.of(file.getValue())).id(), _ -> new ArrayList<>())
                .add(file.getKey());
        }
        Map<String, Seen> listing = new TreeMap<>();
        for (Map.Entry<String, Path> file : files.entrySet()) {
            RawPath path = RawPath.of(file.getValue());
            FileStat stat = Posix.lstat(path);
            String content = switch (stat.type()) {
                case REGULAR -> Files.readString(file.getValue());
                case SYMLINK -> Posix.readlink(path).toString();
                default -> "";
            };
            Map<String, String> xattrs = new TreeMap<>();
            for (String name : Posix.listxattr(path).stream().filter(n -> !n.startsWith("trusted.")).toList()) {
                xattrs.put(name, HexFormat.of().formatHex(Posix.getxattr(path, name).orElseThrow()));
            }
            listing.put(file.getKey(), new Seen(stat.type(), stat.mode(), stat.owner(), content, xattrs,
                    names.get(stat.id()),
                    stat.isDirectory() && !timesOfDirectories ? Instant.EPOCH : stat.modified()));
        }
        return listing;
    }

    private interface Changes {
        void make(Path root) throws IOException;
    }

    /** Makes the changes on an overlay, and returns what it then shows. */
    private Map<String, Seen> written(Changes changes, boolean timesOfDirectories) throws IOException {
        CacheMerge.copyAttributes(RawPath.of(lower), Posix.lstat(RawPath.of(lower)), RawPath.of(upper));
        Mount.Overlay overlay = new Mount.Overlay(List.of(lower), upper, temp.resolve("work"));
        try (Mounted mounted = LinuxMounter.probe(temp).mount(overlay, temp.resolve("root"))) {
            changes.make(mounted.target());
            return listing(mounted.target(), timesOfDirectories);
        }
    }

    private static boolean isDirectory(Path path) {
        return Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS);
    }

    /** A name in a directory that is there. */
    private static Path any(Path root, Random random) {
        Path path = root.resolve("n" + random.nextInt(NAMES));
        while (isDirectory(path) && random.nextInt(4) > 0) {
            path = path.resolve("n" + random.nextInt(NAMES));
        }
        return path;
    }

    private static void change(Path root, Random random) throws IOException {
        Path path = any(root, random);
        RawPath raw = RawPath.of(path);
        boolean there = Posix.lstatIfExists(raw).isPresent();
        boolean regular = Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS);
        int what = random.nextInt(21);
        if (what < 6 && (!there || regular)) {
            Files.writeString(path, "content " + random.nextInt());
        } else if (what < 12 && !there) {
            Files.createDirectory(path);
        } else if (what < 14 && !there) {
            Files.createSymbolicLink(path, Path.of("n" + random.nextInt(NAMES)));
        } else if (what < 16 && there && !isDirectory(path)) {
            linkOrRename(raw, any(root, random), random);
        } else if (what < 18 && (regular || isDirectory(path))) {
            Posix.chmod(raw, 0700 | random.nextInt(0100));
            Posix.chown(raw, new Owner(random.nextInt(9), 7));
        } else if (what < 20 && (regular || isDirectory(path))) {
            Posix.setxattr(raw, "user.mark", new byte[]{(byte) random.nextInt(3)});
        } else if (what == 20) {
            Posix.deleteTree(raw);
        }
    }

    private static void linkOrRename(RawPath file, Path other, Random random) throws IOException {
        if (isDirectory(other)) {
            return;
        }
        if (random.nextBoolean()) {
            Posix.rename(file, RawPath.of(other));
        } else if (Posix.lstatIfExists(RawPath.of(other)).isEmpty()) {
            Posix.link(file, RawPath.of(other));
        }
    }

    private Map<String, Seen> random(long seed, boolean timesOfDirectories) throws IOException {
        Random random = new Random(seed);
        for (int i = 0; i < 120; i++) {
            change(lower, random);
        }
        return written(root -> {
            for (int i = 0; i < 200; i++) {
                change(root, random);
            }
        }, timesOfDirectories);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
    void merge_ofAnything_isWhatTheOverlayShowed(long seed) throws IOException {
        Map<String, Seen> shown = random(seed, true);
        new CacheMerge(() -> {}).apply(RawPath.of(upper), RawPath.of(lower));
        assertThat(listing(lower, true)).isEqualTo(withoutSplitLinks(shown));
        assertThat(upper).isEmptyDirectory();
    }

    /** An overlay without an index shows names of one lower file as files of their own, or not, as it likes. */
    private Map<String, Seen> withoutSplitLinks(Map<String, Seen> shown) throws IOException {
        Map<String, Seen> merged = listing(lower, true);
        Map<String, Seen> same = new TreeMap<>();
        shown.forEach((name, seen) -> same.put(name, new Seen(seen.type, seen.mode, seen.owner, seen.content,
                seen.xattrs, merged.containsKey(name) ? merged.get(name).names : seen.names, seen.modified)));
        return same;
    }

    @ParameterizedTest
    @ValueSource(longs = {31, 32, 33})
    void merge_killedAtAnyChange_goesOnToTheSameEnd(long seed) throws Exception {
        Map<String, Seen> shown = random(seed, false);
        for (int limit = 0;; limit++) {
            Path copy = Files.createDirectory(temp.resolve("copy" + limit));
            copy(upper, copy);
            copy(lower, copy);
            RawPath from = RawPath.of(copy.resolve("upper"));
            RawPath to = RawPath.of(copy.resolve("lower"));
            boolean done = tryMerge(from, to, limit);
            new CacheMerge(() -> {}).apply(from, to);
            assertSameFiles(listing(copy.resolve("lower"), false), shown, "after " + limit + " changes");
            Posix.deleteTree(RawPath.of(copy));
            if (done) {
                assertThat(limit).isGreaterThan(15);
                return;
            }
        }
    }

    private static void assertSameFiles(Map<String, Seen> merged, Map<String, Seen> shown, String when) {
        assertThat(merged.keySet()).as(when).isEqualTo(shown.keySet());
        merged.forEach((name, seen) -> assertThat(seen).as("%s %s", when, name)
            .usingRecursiveComparison()
            .ignoringFields("names")
            .isEqualTo(shown.get(name)));
    }

    private static boolean tryMerge(RawPath from, RawPath to, int limit) throws IOException {
        AtomicInteger changes = new AtomicInteger();
        try {
            new CacheMerge(() -> {
                if (changes.incrementAndGet() > limit) {
                    throw new UncheckedIOException(new IOException("killed"));
                }
            }).apply(from, to);
            return true;
        } catch (UncheckedIOException _) {
            return false;
        }
    }

    private static void copy(Path directory, Path into) throws Exception {
        Process cp = new ProcessBuilder("cp", "-a", directory.toString(), into.toString()).inheritIO().start();
        assertThat(cp.waitFor()).isZero();
    }

    @Test
    void merge_newLinksOfOneFile_stayLinks() throws IOException {
        Files.writeString(lower.resolve("old"), "x");
        Map<String, Seen> shown = written(root -> {
            Files.createDirectory(root.resolve("d"));
            Files.createLink(root.resolve("d/more"), root.resolve("old"));
            Files.writeString(root.resolve("new"), "y");
            Files.createLink(root.resolve("d/new"), root.resolve("new"));
        }, true);
        new CacheMerge(() -> {}).apply(RawPath.of(upper), RawPath.of(lower));
        assertThat(listing(lower, true)).isEqualTo(shown);
        assertThat(shown.get("old").names).containsExactly("d/more", "old");
    }

    @Test
    void merge_directoryInThePlaceOfAnother_hasNothingOfIt() throws IOException {
        Files.createDirectories(lower.resolve("d/sub"));
        Files.writeString(lower.resolve("d/old"), "x");
        Map<String, Seen> shown = written(root -> {
            Posix.deleteTree(RawPath.of(root.resolve("d")));
            Files.createDirectory(root.resolve("d"));
            Files.writeString(root.resolve("d/new"), "y");
        }, true);
        new CacheMerge(() -> {}).apply(RawPath.of(upper), RawPath.of(lower));
        assertThat(listing(lower, true)).isEqualTo(shown);
        assertThat(lower.resolve("d").toFile().list()).containsExactly("new");
    }

    @Test
    void view_ofADirectoryThatIsNotThere_leavesNoMount() throws IOException {
        assertThatThrownBy(() -> ScratchView.open("c", lower.resolve("none"), temp.resolve("view"),
                temp.resolve("place"), LinuxMounter.probe(temp)))
            .isInstanceOf(IOException.class);
        assertThat(LinuxMounter.mountsBelow(temp.toRealPath())).isEmpty();
    }
}
