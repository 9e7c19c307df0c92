package dev.kiln.executor.op;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

import dev.kiln.executor.graph.CopyItem;
import dev.kiln.executor.graph.OpSpec;
import dev.kiln.executor.solver.Op;
import dev.kiln.layercache.layer.ContextWriter;
import dev.kiln.layercache.posix.FileStat.Owner;

/** Copies between directories, and what they had to say. Sources are input 1 unless a test says otherwise. */
final class Copying {
    static final Instant OLD = Instant.parse("2001-02-03T04:05:06.789Z");

    final Tree from;
    final Tree to;
    final List<String> warnings = new ArrayList<>();
    private final List<Tree> inputs;

    Copying(Path temp) {
        from = new Tree(temp.resolve("from"));
        to = new Tree(temp.resolve("to"));
        inputs = List.of(to, from, new Tree(temp.resolve("second")));
    }

    Tree second() {
        return inputs.get(2);
    }

    SortedMap<String, String> run(OpSpec.Copy spec) throws Exception {
        return run(spec, Optional.empty());
    }

    SortedMap<String, String> run(OpSpec.Copy spec, Optional<Owner> owner) throws Exception {
        Op.StepLog log = new Op.StepLog() {
            @Override
            public void write(int stream, byte[] bytes, int length) throws IOException {
                throw new IOException("a copy prints nothing");
            }

            @Override
            public void warning(String rule, String message) {
                warnings.add(rule + ": " + message);
            }
        };
        new FileCopy(spec, Root.of(to.root()), input -> Root.of(inputs.get(input).root()), owner, log).run();
        return to.content();
    }

    static OpSpec.Copy of(String destination, CopyItem... items) {
        return new OpSpec.Copy(List.of(items), destination, Optional.empty(), Optional.empty(), List.of(), false);
    }

    static OpSpec.Copy excluding(List<String> patterns, String destination, CopyItem... items) {
        return new OpSpec.Copy(List.of(items), destination, Optional.empty(), Optional.empty(), patterns, false);
    }

    static OpSpec.Copy chmod(String mode, String destination, CopyItem... items) {
        return new OpSpec.Copy(List.of(items), destination, Optional.empty(), Optional.of(mode), List.of(), false);
    }

    static CopyItem.Paths path(String path) {
        return CopyItem.Paths.of(1, path);
    }

    static CopyItem.Paths parents(String path, String below) {
        return new CopyItem.Paths(1, path, true, Optional.of(below), false);
    }

    /** What git and HTTP gave. */
    static CopyItem.Paths asItIs(String path) {
        return new CopyItem.Paths(1, path, false, Optional.empty(), false);
    }

    static CopyItem.Paths archive(String path) {
        return new CopyItem.Paths(1, path, true, Optional.empty(), true);
    }

    /** Makes a tar of files among the sources. */
    void tar(String name, Map<String, String> files) throws IOException {
        try (OutputStream out = Files.newOutputStream(from.root().resolve(name))) {
            ContextWriter tar = new ContextWriter(out);
            for (Map.Entry<String, String> file : files.entrySet()) {
                byte[] content = file.getValue().getBytes(StandardCharsets.UTF_8);
                tar.file(file.getKey(), 0640, OLD, content.length, new ByteArrayInputStream(content));
            }
            tar.finish();
        }
    }
}
