package dev.kiln.executor.buildkit;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

import dev.kiln.executor.graph.OpSpec;
import dev.kiln.executor.graph.Sandbox;
import dev.kiln.executor.graph.StepMount;
import dev.kiln.executor.graph.Vertex;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.Platform;

/**
 * The digest of a RUN, and what it takes of its inputs.
 *
 * @param digest of the command and all that surrounds it
 * @param inputs each once, in BuildKit's order
 */
record RunKey(Digest digest, List<CacheNode.Input> inputs) {
    private static final String ROOT = "/";
    private static final String SHARED_MEMORY = "/dev/shm";
    private static final String SCRIPTS = "/dev/pipes/";
    private static final String AGENT = "SSH_AUTH_SOCK";

    /**
     * A mount as BuildKit sees it.
     *
     * @param from absent for nothing
     * @param files Kiln's vertex, where there is one
     * @param source absolute path in it
     * @param output whether what is written there becomes a result
     * @param options the fields that only some kinds of mounts have
     */
    private record Mount(String target, Optional<CacheNode> from, Optional<Vertex> files, String source, boolean output,
            boolean readOnly, int type, Options options) {}

    private record Options(String name, Optional<GoJson> value) {
        private static final Options NONE = new Options("", Optional.empty());
    }

    private static final int BIND = 0;
    private static final int SECRET = 1;
    private static final int SSH = 2;
    private static final int CACHE = 3;
    private static final int TMPFS = 4;

    /** Finds the nodes of inputs, and makes further ones. */
    interface Nodes {
        /** An input of Kiln's vertex. */
        Vertex vertex(int index);

        /** Empty for one without files. */
        Optional<CacheNode> of(Vertex vertex);

        CacheNode step(Digest digest, List<CacheNode.Input> inputs);
    }

    static RunKey of(OpSpec.Run run, Platform platform, Nodes nodes) {
        List<Mount> mounts = mounts(run, nodes);
        List<CacheNode> inputs = new ArrayList<>();
        List<GoJson> written = new ArrayList<>();
        for (Mount mount : mounts) {
            mount.from().filter(node -> indexOf(inputs, node) < 0).ifPresent(inputs::add);
            written.add(json(mount, mount.from().map(node -> indexOf(inputs, node)).orElse(FileActions.NONE)));
        }
        List<GoJson> variables = new ArrayList<>();
        for (StepMount mount : run.mounts()) {
            switch (mount) {
                case StepMount.Secret secret -> {
                    secret.env()
                        .ifPresent(name -> variables.add(GoJson.object()
                            .nonEmpty("ID", secret.id())
                            .nonEmpty("name", name)
                            .flag("optional", !secret.required())));
                    secret.target().ifPresent(target -> written.add(secret(secret, target)));
                }
                case StepMount.Bind _,StepMount.Cache _,StepMount.Tmpfs _,StepMount.Ssh _,StepMount.Inline _ -> {
                    // stand before secrets, or after them
                }
            }
        }
        run.mounts()
            .stream()
            .filter(StepMount.Ssh.class::isInstance)
            .forEach(ssh -> written.add(ssh(
                    (StepMount.Ssh) ssh)));
        boolean usual = written.size() == 1 && mounts.getFirst().from().isPresent();
        GoJson exec = GoJson.object()
            .object("meta", meta(run))
            .objects("mounts", usual ? List.of() : written)
            .nonZero("network", switch (run.sandbox().network()) {
                case DEFAULT, PRIVATE -> 0;
                case HOST -> 1;
                case NONE -> 2;
            })
            .nonZero("security", run.sandbox().insecure() ? 1 : 0)
            .objects("secretenv", variables);
        String whole = GoJson.object()
            .string("Type", "buildkit.exec.v0")
            .object("Exec", exec)
            .string("OS", platform.os())
            .string("Arch", platform.architecture())
            .nonEmpty("Variant", platform.variant().orElse(""))
            .toString();
        return new RunKey(CacheKeys.digest(whole), inputs.stream().map(node -> input(node, mounts)).toList());
    }

    private static GoJson meta(OpSpec.Run run) {
        Sandbox sandbox = run.sandbox();
        List<String> env = new ArrayList<>(run.env());
        if (env.stream().noneMatch(entry -> entry.startsWith(AGENT + "="))) {
            run.mounts()
                .stream()
                .flatMap(mount -> mount instanceof StepMount.Ssh ssh
                        ? Stream.of(ssh)
                        : Stream.empty())
                .findFirst()
                .ifPresent(ssh -> env.add(AGENT + "=" + ssh.target()));
        }
        return GoJson.object()
            .nonEmpty("args", run.args())
            .nonEmpty("env", env)
            .nonEmpty("cwd", run.cwd())
            .nonEmpty("user", run.user())
            .objects("extraHosts", sandbox.hosts()
                .stream()
                .map(host -> GoJson.object().nonEmpty("Host", host))
                .toList())
            .nonEmpty("hostname", sandbox.hostname())
            .objects("ulimit", sandbox.ulimits()
                .stream()
                .map(limit -> GoJson.object()
                    .nonEmpty("Name", limit.name())
                    .nonZero("Soft", limit.soft())
                    .nonZero("Hard", limit.hard()))
                .toList())
            .flag("removeMountStubsRecursive", true);
    }

    /** Those with files, sorted by target; the root comes first. */
    private static List<Mount> mounts(OpSpec.Run run, Nodes nodes) {
        List<Mount> mounts = new ArrayList<>();
        mounts.add(new Mount(ROOT, nodes.of(nodes.vertex(0)), Optional.empty(), ROOT, true, false, BIND, Options.NONE));
        run.sandbox().sharedMemory().ifPresent(bytes -> mounts.add(tmpfs(SHARED_MEMORY, bytes)));
        for (StepMount mount : run.mounts()) {
            switch (mount) {
                case StepMount.Bind bind -> mounts.add(new Mount(bind.target(), nodes.of(nodes.vertex(bind.input())),
                        Optional.of(nodes.vertex(bind.input())), absolute(bind.source()), false, !bind.writable(), BIND,
                        Options.NONE));
                case StepMount.Cache cache -> mounts.add(cache(cache, nodes));
                case StepMount.Tmpfs tmpfs -> mounts.add(tmpfs(tmpfs.target(), tmpfs.bytes().orElse(0)));
                case StepMount.Inline inline -> mounts.add(script(inline, nodes));
                case StepMount.Secret _,StepMount.Ssh _ -> {
                    // have no files
                }
            }
        }
        mounts.sort(Comparator.comparing(Mount::target, CacheKeys.BY_BYTES));
        return mounts;
    }

    private static Mount tmpfs(String target, long bytes) {
        return new Mount(target, Optional.empty(), Optional.empty(), ROOT, false, false, TMPFS,
                new Options("TmpfsOpt", Optional.of(GoJson.object().nonZero("size", bytes))));
    }

    private static Mount script(StepMount.Inline script, Nodes nodes) {
        String name = script.target().substring(script.target().lastIndexOf('/') + 1);
        CacheNode file = nodes.step(FileActions.file("/" + name, 0755, script.content()), List.of());
        return new Mount(SCRIPTS, Optional.of(file), Optional.empty(), ROOT, false, true, BIND, Options.NONE);
    }

    private static Mount cache(StepMount.Cache cache, Nodes nodes) {
        Optional<Vertex> files = cache.input().isPresent()
                ? Optional.of(nodes.vertex(cache.input().getAsInt()))
                : Optional.empty();
        Optional<CacheNode> from = files.flatMap(nodes::of);
        String source = absolute(cache.source());
        if (cache.root().isPresent()) {
            Digest owned = FileActions.cacheRoot(cache.root().get(), from.isPresent() ? 0 : FileActions.NONE);
            from = Optional.of(nodes.step(owned, from.map(node -> new CacheNode.Input(node, Optional.empty(),
                    Optional.empty()))
                .stream()
                .toList()));
            source = "/cache";
            files = Optional.empty();
        }
        return new Mount(cache.target(), from, files, source, false, cache.readOnly(), CACHE,
                new Options("cacheOpt", Optional.of(identity(cache))));
    }

    /** An id that is the usual one stays in the key; any other does not, nor how the cache is shared. */
    private static GoJson identity(StepMount.Cache cache) {
        int slash = cache.id().indexOf('/');
        boolean usual = cache.sharing() == StepMount.Sharing.SHARED
                && (cache.id().equals(cache.target()) || slash >= 0 && cache.id()
                    .substring(slash + 1)
                    .equals(cache.target()));
        return GoJson.object().nonEmpty("ID", usual ? cache.id() : "");
    }

    private static GoJson json(Mount mount, int input) {
        GoJson json = GoJson.object()
            .nonZero("input", input)
            .nonEmpty("dest", mount.target())
            .nonZero("output", mount.output() ? 0 : FileActions.NONE)
            .flag("readonly", mount.readOnly())
            .nonZero("mountType", mount.type());
        mount.options().value().ifPresent(options -> json.object(mount.options().name(), options));
        return json;
    }

    private static GoJson secret(StepMount.Secret secret, String target) {
        return GoJson.object()
            .number("input", FileActions.NONE)
            .nonEmpty("dest", target)
            .number("mountType", SECRET)
            .object("secretOpt", permissions(secret.id(), secret.file()).flag("optional", !secret.required()));
    }

    /** The usual id is not written. */
    private static GoJson ssh(StepMount.Ssh ssh) {
        return GoJson.object()
            .number("input", FileActions.NONE)
            .nonEmpty("dest", ssh.target())
            .number("mountType", SSH)
            .object("SSHOpt", permissions(ssh.id().equals("default") ? "" : ssh.id(), ssh.file())
                .flag("optional", !ssh.required()));
    }

    private static GoJson permissions(String id, StepMount.Permissions file) {
        return GoJson.object()
            .nonEmpty("ID", id)
            .nonZero("uid", file.uid())
            .nonZero("gid", file.gid())
            .nonZero("mode", file.mode());
    }

    /** What all mounts of one input show together; the last of them says whether files count, or the whole input. */
    private static CacheNode.Input input(CacheNode node, List<Mount> mounts) {
        List<Mount> own = mounts.stream()
            .filter(mount -> mount.from().filter(from -> from == node).isPresent())
            .toList();
        List<String> sources = own.stream().map(Mount::source).toList();
        Digest selector = CacheKeys.digest(String.join("\0", sources));
        Mount last = own.getLast();
        if (last.target().equals(ROOT) || last.files().isEmpty()) {
            return new CacheNode.Input(node, Optional.of(selector), Optional.empty());
        }
        List<String> paths = CacheKeys.topmost(sources);
        List<FileSelector> selectors = paths.contains(ROOT)
                ? List.of(FileSelector.whole(ROOT, false))
                : paths.stream().map(path -> FileSelector.whole(path, true)).toList();
        return new CacheNode.Input(node, Optional.of(selector), Optional.of(new CacheNode.Content(last.files().get(),
                selectors)));
    }

    private static int indexOf(List<CacheNode> nodes, CacheNode node) {
        for (int i = 0; i < nodes.size(); i++) {
            if (nodes.get(i) == node) {
                return i;
            }
        }
        return FileActions.NONE;
    }

    private static String absolute(String source) {
        return source.equals(".") ? ROOT : "/" + source;
    }
}
