package dev.kiln.executor.op;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

import dev.kiln.executor.graph.OpSpec;
import dev.kiln.executor.mount.Mounter.Mounted;
import dev.kiln.executor.snapshot.Snapshotter;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.posix.Posix;
import dev.kiln.layercache.posix.RawPath;

/**
 * Snapshots for tests of ops, without mounts and without root: every snapshot is a whole tree, and a view is a copy of
 * the topmost. A blob's text is what its only file, {@code unpacked}, holds.
 */
final class FakeSnapshots implements Snapshotter {
    final Map<String, String> unpacked = new ConcurrentHashMap<>();
    final AtomicInteger open = new AtomicInteger();
    private final AtomicInteger names = new AtomicInteger();
    private final Path home;

    FakeSnapshots(Path home) throws IOException {
        this.home = Files.createDirectories(home);
    }

    @Override
    public boolean exists(String name) {
        return Files.exists(home.resolve(name));
    }

    @Override
    public String unpack(Digest diffId, LayerSource layer) throws IOException {
        String name = Snapshotter.nameOf(diffId);
        try (InputStream in = layer.open()) {
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            new Tree(home.resolve(name)).file("unpacked", text);
            unpacked.put(name, text);
        }
        return name;
    }

    @Override
    public Active begin(List<String> stack) throws IOException {
        Path root = copyOfTop(stack, "active-" + names.incrementAndGet());
        open.incrementAndGet();
        return new Active() {
            private boolean ended;

            @Override
            public Path root() {
                return root;
            }

            @Override
            public Path written() {
                return root;
            }

            @Override
            public String commit() throws IOException {
                String name = "snapshot-" + names.incrementAndGet();
                Files.move(root, home.resolve(name));
                return name;
            }

            @Override
            public void close() throws IOException {
                if (!ended) {
                    ended = true;
                    open.decrementAndGet();
                    Posix.deleteTree(RawPath.of(root));
                }
            }
        };
    }

    private Path copyOfTop(List<String> stack, String name) throws IOException {
        Path root = Files.createDirectories(home.resolve(name));
        if (!stack.isEmpty()) {
            Path top = home.resolve(stack.getLast());
            try {
                new FileCopy(new OpSpec.Copy(List.of("."), "/", Optional.empty()), Root.of(root),
                        input -> Root.of(top), Optional.empty(), (stream, bytes, length) -> {
                            // nothing to say
                        })
                    .run();
            } catch (Exception e) {
                throw new IOException(e);
            }
        }
        return root;
    }

    @Override
    public Mounted view(List<String> stack) throws IOException {
        Path root = copyOfTop(stack, "view-" + names.incrementAndGet());
        open.incrementAndGet();
        return new Mounted() {
            @Override
            public Path target() {
                return root;
            }

            @Override
            public void close() {
                open.decrementAndGet();
            }
        };
    }

    @Override
    public Mounted scratch(Path directory) throws IOException {
        Path name = Files.createSymbolicLink(home.resolve("scratch-" + names.incrementAndGet()), directory);
        return view(List.of(name.getFileName().toString()));
    }

    @Override
    public Path directory(String name) {
        return home.resolve(name);
    }

    @Override
    public void remove(String name) throws IOException {
        Posix.deleteTree(RawPath.of(home.resolve(name)));
    }

    @Override
    public void sync(String name) {
        // tests do not survive power cuts
    }

    @Override
    public Optional<Long> usage(String name) {
        return Optional.empty();
    }
}
