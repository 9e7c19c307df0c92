package dev.kiln.executor.buildkit;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

import dev.kiln.executor.buildkit.CacheNode.Content;
import dev.kiln.executor.buildkit.CacheNode.Input;
import dev.kiln.executor.graph.CopyItem;
import dev.kiln.executor.graph.OpSpec;
import dev.kiln.executor.graph.Vertex;
import dev.kiln.layercache.oci.ChainId;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.Platform;

/** Says what a vertex of Kiln is in BuildKit's graph. For one graph and one thread; inputs are translated first. */
final class NodeTranslator {
    private static final DateTimeFormatter HTTP_TIME = DateTimeFormatter
        .ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT)
        .withZone(ZoneOffset.UTC);

    private final Platform platform;
    private final Function<Digest, Optional<Digest>> indexOf;
    private final List<CacheNode> nodes;
    private final Map<Vertex, CacheNode> byVertex;

    NodeTranslator(Platform platform, Function<Digest, Optional<Digest>> indexOf, List<CacheNode> nodes,
            Map<Vertex, CacheNode> byVertex) {
        this.platform = platform;
        this.indexOf = indexOf;
        this.nodes = nodes;
        this.byVertex = byVertex;
    }

    /** The vertex's node; empty for what has no files. */
    Optional<CacheNode> translate(Vertex vertex) {
        return switch (vertex.op()) {
            case OpSpec.Scratch() -> Optional.empty();
            case OpSpec.Image image -> Optional.of(source(image(image)));
            case OpSpec.Context _ -> Optional.of(add(new CacheNode.Unnamed(nodes.size())));
            case OpSpec.Git git -> Optional.of(source(List.of(CacheKeys.source(git(git)))));
            case OpSpec.Http http -> Optional.of(source(List.of(CacheKeys.source(http(http)))));
            case OpSpec.Run run -> Optional.of(run(run, vertex));
            case OpSpec.Copy copy -> Optional.of(copy(copy, vertex));
            case OpSpec.Merge() -> merge(vertex);
            case OpSpec.MakeDirectory directory -> Optional.of(directory(directory, vertex));
        };
    }

    private <N extends CacheNode> N add(N node) {
        nodes.add(node);
        return node;
    }

    private CacheNode source(List<Digest> keys) {
        return add(new CacheNode.Source(nodes.size(), keys));
    }

    private CacheNode step(Digest digest, List<Input> inputs) {
        return add(new CacheNode.Step(nodes.size(), digest, inputs));
    }

    /**
     * What the files are, which is the same under every name, and what the name led to, which BuildKit needs to have as
     * well: it looks no further when it does not find that.
     */
    private List<Digest> image(OpSpec.Image image) {
        Digest manifest = image.reference().digest().orElseThrow();
        List<Digest> keys = new ArrayList<>();
        if (!image.layers().isEmpty()) {
            keys.add(CacheKeys.source(ChainId.of(image.layers()).toString()));
        }
        keys.add(named(manifest));
        indexOf.apply(manifest).ifPresent(index -> keys.add(named(index)));
        return keys;
    }

    private Digest named(Digest document) {
        GoJson key = GoJson.object()
            .string("Digest", document.toString())
            .string("OS", platform.os())
            .string("Arch", platform.architecture())
            .nonEmpty("Variant", platform.variant().orElse(""));
        return CacheKeys.source(CacheKeys.digest(key.toString()).toString());
    }

    private static String git(OpSpec.Git git) {
        StringBuilder key = new StringBuilder(git.commit());
        if (git.keepGitDirectory()) {
            key.append(".git").append(git.ref().isEmpty() ? "" : "#" + git.ref());
        }
        if (!git.subdirectory().isEmpty()) {
            key.append(':').append(git.subdirectory());
        }
        return key.append(git.submodules() ? "" : "(skip-submodules)")
            .append(git.commitTimes() ? "(mtime=commit)" : "")
            .toString();
    }

    private static String http(OpSpec.Http http) {
        GoJson key = GoJson.object()
            .string("Filename", http.name())
            .number("Perm", 0)
            .number("UID", 0)
            .number("GID", 0)
            .string("Checksum", http.content().toString());
        key.nonEmpty("LastModTime", http.modified().map(NodeTranslator::httpTime).orElse(""));
        return CacheKeys.digest(key.toString()).toString();
    }

    private static String httpTime(Instant time) {
        return HTTP_TIME.format(time);
    }

    private Optional<CacheNode> node(Vertex vertex) {
        return Optional.ofNullable(byVertex.get(vertex));
    }

    private CacheNode run(OpSpec.Run run, Vertex vertex) {
        RunKey key = RunKey.of(run, run.sandbox().platform().orElse(platform), new RunKey.Nodes() {
            @Override
            public Vertex vertex(int index) {
                return vertex.inputs().get(index);
            }

            @Override
            public Optional<CacheNode> of(Vertex input) {
                return node(input);
            }

            @Override
            public CacheNode step(Digest digest, List<Input> inputs) {
                return NodeTranslator.this.step(digest, inputs);
            }
        });
        return step(key.digest(), key.inputs());
    }

    private CacheNode directory(OpSpec.MakeDirectory made, Vertex vertex) {
        Optional<CacheNode> base = node(vertex.inputs().getFirst());
        return step(FileActions.directory(made, base.isPresent() ? 0 : FileActions.NONE),
                base.map(NodeTranslator::plain).stream().toList());
    }

    private static Input plain(CacheNode node) {
        return new Input(node, Optional.empty(), Optional.empty());
    }

    private CacheNode copy(OpSpec.Copy copy, Vertex vertex) {
        boolean strangeOwner = copy.ownersFromLast();
        return strangeOwner
                ? add(new CacheNode.Unnamed(nodes.size()))
                : copy(copy, node(vertex.inputs().getFirst()), vertex);
    }

    /** All items of a copy onto {@code base}; one input may serve several of them. */
    private CacheNode copy(OpSpec.Copy copy, Optional<CacheNode> base, Vertex vertex) {
        List<CacheNode> inputs = new ArrayList<>(base.stream().toList());
        FileActions actions = new FileActions();
        Map<Integer, List<CopyItem.Paths>> taken = new TreeMap<>();
        Map<Integer, Vertex> vertexOf = new TreeMap<>();
        for (CopyItem item : copy.items()) {
            Optional<CacheNode> from = switch (item) {
                case CopyItem.Paths paths -> node(vertex.inputs().get(paths.input()));
                case CopyItem.Inline(var name, var content) ->
                    Optional.of(step(FileActions.file("/" + name, 0644, content), List.of()));
            };
            int at = from.map(node -> indexOf(inputs, node)).orElse(FileActions.NONE);
            if (item instanceof CopyItem.Paths paths && at >= 0) {
                taken.computeIfAbsent(at, unused -> new ArrayList<>()).add(paths);
                vertexOf.put(at, vertex.inputs().get(paths.input()));
            } else if (at >= 0) {
                taken.computeIfAbsent(at, unused -> new ArrayList<>())
                    .add(new CopyItem.Paths(at, FileActions.path(item).substring(1), false, Optional.empty(), false));
            }
            actions.copy(item, copy, base.isPresent() ? 0 : FileActions.NONE, at);
        }
        List<Input> all = new ArrayList<>();
        for (int i = 0; i < inputs.size(); i++) {
            boolean isBase = i == 0 && base.isPresent();
            all.add(isBase
                    ? plain(inputs.get(i))
                    : taken(inputs.get(i), Optional.ofNullable(vertexOf.get(i)), taken.getOrDefault(i, List.of()),
                            copy.excludes()));
        }
        return step(actions.digest(inputs.size()), all);
    }

    private static int indexOf(List<CacheNode> inputs, CacheNode node) {
        for (int i = 0; i < inputs.size(); i++) {
            if (inputs.get(i) == node) {
                return i;
            }
        }
        inputs.add(node);
        return inputs.size() - 1;
    }

    /** @param from absent for a file that the Dockerfile holds */
    private static Input taken(CacheNode node, Optional<Vertex> from, List<CopyItem.Paths> items,
            List<String> excludes) {
        List<String> sources = items.stream()
            .map(FileActions::path)
            .sorted(CacheKeys.BY_BYTES.reversed())
            .toList();
        Digest selector = CacheKeys.digest(String.join("\0", sources));
        return new Input(node, Optional.of(selector),
                from.map(vertex -> new Content(vertex, selectors(items, excludes))));
    }

    private static List<FileSelector> selectors(List<CopyItem.Paths> items, List<String> excludes) {
        List<FileSelector> selectors = new ArrayList<>();
        List<String> plain = new ArrayList<>();
        List<String> followed = new ArrayList<>();
        for (CopyItem.Paths item : items) {
            String path = FileActions.path(item);
            FileSelector selector = new FileSelector(path, item.wildcards() && FileActions.isPattern(path),
                    item.wildcards(), item.below(), excludes);
            if (selector.picks()) {
                selectors.add(selector);
            } else {
                List<String> _ = item.wildcards() ? added(followed, path) : added(plain, path);
            }
        }
        List<FileSelector> all = new ArrayList<>();
        CacheKeys.topmost(plain).forEach(path -> all.add(FileSelector.whole(path, false)));
        CacheKeys.topmost(followed).forEach(path -> all.add(FileSelector.whole(path, true)));
        all.addAll(selectors);
        all.sort((a, b) -> CacheKeys.BY_BYTES.compare(a.path(), b.path()));
        return all;
    }

    private static List<String> added(List<String> list, String path) {
        list.add(path);
        return list;
    }

    /**
     * A merge with nothing below is what lies on top. BuildKit does not merge a copy that has a mode, but makes it in
     * place.
     */
    private Optional<CacheNode> merge(Vertex vertex) {
        Vertex top = vertex.inputs().get(1);
        Optional<CacheNode> base = node(vertex.inputs().getFirst());
        if (base.isEmpty()) {
            return node(top);
        }
        if (top.op() instanceof OpSpec.Copy copy && (copy.mode().isPresent() || copy.ownersFromLast())) {
            return Optional.of(copy.ownersFromLast()
                    ? add(new CacheNode.Unnamed(nodes.size()))
                    : copy(copy, base, top));
        }
        GoJson inputs = GoJson.object()
            .objects("inputs", List.of(GoJson.object(), GoJson.object().number("input", 1)));
        Digest digest = CacheKeys
            .digest(GoJson.object().string("Type", "buildkit.merge.v0").object("Merge", inputs).toString());
        return Optional.of(step(digest, List.of(plain(base.get()), plain(node(top).orElseThrow()))));
    }
}
