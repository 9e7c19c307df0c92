package dev.kiln.executor.source;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;

import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.io.TempDir;

import dev.kiln.layercache.content.InMemoryContentStore;
import dev.kiln.layercache.context.ContextEntry;
import dev.kiln.layercache.context.ContextLayout;
import dev.kiln.layercache.context.ContextListing;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.posix.RawPath;

import static org.assertj.core.api.Assertions.assertThat;

/** Makes one random tree of another, and compares with the tree made from nothing. */
class LaidOutTreeTest {
    private final InMemoryContentStore packs = new InMemoryContentStore();
    @TempDir
    Path folder;

    private static ContextListing random(Random random) {
        Map<String, ContextEntry> entries = new TreeMap<>((a, b) -> ContextListing.compare(RawPath.ofUtf8(a),
                RawPath.ofUtf8(b)));
        List<String> directories = new ArrayList<>(List.of(""));
        for (int i = 0; i < 40; i++) {
            String name = directories.get(random.nextInt(directories.size())) + (char) ('a' + random.nextInt(6))
                    + (random.nextBoolean() ? ".x" : "");
            if (entries.containsKey(name)) {
                continue;
            }
            Instant time = Instant.ofEpochSecond(1_600_000_000L + random.nextInt(3), random.nextInt(3));
            int mode = random.nextBoolean() ? 0755 : 0640;
            RawPath raw = RawPath.ofUtf8(name);
            entries.put(name, switch (random.nextInt(4)) {
                case 0 -> new ContextEntry.Link(raw, time, RawPath.ofUtf8("to" + random.nextInt(3)));
                case 1 -> {
                    directories.add(name + "/");
                    yield new ContextEntry.Directory(raw, mode, time);
                }
                default -> {
                    byte[] data = "x".repeat(random.nextInt(4)).getBytes(StandardCharsets.UTF_8);
                    yield new ContextEntry.File(raw, mode, time, data.length, Digest.sha256(data));
                }
            });
        }
        return ContextListing.of(List.copyOf(entries.values()));
    }

    private ContextLayout layout(ContextListing listing) throws Exception {
        ByteArrayOutputStream pack = new ByteArrayOutputStream();
        Map<Digest, Long> offsets = new HashMap<>();
        for (ContextEntry.File file : listing.files()) {
            if (file.size() > 0 && !offsets.containsKey(file.data())) {
                offsets.put(file.data(), (long) pack.size());
                pack.writeBytes("x".repeat((int) file.size()).getBytes(StandardCharsets.UTF_8));
            }
        }
        Digest digest = packs.ingest(pack.toByteArray());
        Map<Digest, ContextLayout.Place> places = new HashMap<>();
        listing.files()
            .stream()
            .filter(file -> file.size() > 0)
            .forEach(file -> places.put(file.data(),
                    new ContextLayout.Place(digest, offsets.getOrDefault(file.data(), 0L), file.size())));
        return new ContextLayout(listing, Map.of(digest, (long) pack.size()), places);
    }

    private static List<String> found(Path root) throws Exception {
        try (Stream<Path> all = Files.walk(root)) {
            List<String> found = new ArrayList<>();
            for (Path path : all.filter(path -> !path.equals(root)).sorted().toList()) {
                Map<String, Object> facts = new TreeMap<>(
                        Files.readAttributes(path, "unix:mode,lastModifiedTime", LinkOption.NOFOLLOW_LINKS));
                String body = Files.isSymbolicLink(path)
                        ? Files.readSymbolicLink(path).toString()
                        : Files.isRegularFile(path) ? Files.readString(path) : "/";
                found.add(root.relativize(path) + " " + facts + " " + body);
            }
            return found;
        }
    }

    @RepeatedTest(40)
    void apply_fromAnyTree_givesWhatTheListingSays(RepetitionInfo repetition) throws Exception {
        Random random = new Random(repetition.getCurrentRepetition());
        ContextLayout before = layout(random(random));
        ContextLayout after = layout(random(random));
        Path changed = Files.createDirectory(folder.resolve("changed"));
        Path fresh = Files.createDirectory(folder.resolve("fresh"));

        new LaidOutTree(RawPath.of(changed), before).apply(TreeChanges.toMake(before.listing()), packs);
        new LaidOutTree(RawPath.of(changed), after)
            .apply(TreeChanges.between(before.listing(), after.listing()), packs);
        new LaidOutTree(RawPath.of(fresh), after).apply(TreeChanges.toMake(after.listing()), packs);

        assertThat(found(fresh)).hasSameSizeAs(after.listing().entries());
        assertThat(found(changed)).isEqualTo(found(fresh));
        assertThat(TreeChanges.between(after.listing(), after.listing()).size()).isZero();
    }
}
