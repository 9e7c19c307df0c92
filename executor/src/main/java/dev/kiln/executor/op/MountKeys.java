package dev.kiln.executor.op;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import dev.kiln.executor.graph.Sandbox;
import dev.kiln.executor.graph.StepMount;
import dev.kiln.executor.graph.StepMount.Permissions;
import dev.kiln.executor.solver.StepFailed;
import dev.kiln.layercache.posix.FileStat;
import dev.kiln.layercache.posix.Posix;
import dev.kiln.layercache.posix.RawPath;

/**
 * What the keys of a step know of its mounts and its sandbox: all that may change what the step makes. They know no value
 * of a secret, no address of a host, and of a cache neither its id nor how it is shared nor what becomes of it when the step
 * fails: what a cache holds must not change the result, or it would be no cache.
 */
record MountKeys(Sandbox sandbox, List<StepMount> mounts) {

    /** What is as usual has no part in the key. */
    void addTo(Map<String, String> preimage) {
        preimage.put("network", sandbox.network().name());
        if (sandbox.insecure()) {
            preimage.put("security", "insecure");
        }
        if (!sandbox.hostname().isEmpty()) {
            preimage.put("hostname", sandbox.hostname());
        }
        if (!sandbox.hosts().isEmpty()) {
            preimage.put("hosts", String.join(" ", sandbox.hosts()));
        }
        sandbox.platform().ifPresent(platform -> preimage.put("platform", platform.toString()));
        sandbox.sharedMemory().ifPresent(bytes -> preimage.put("shm", Long.toString(bytes)));
        for (int i = 0; i < sandbox.ulimits().size(); i++) {
            preimage.put("ulimit." + i, sandbox.ulimits().get(i).toString());
        }
        for (int i = 0; i < mounts.size(); i++) {
            add("mount." + i, mounts.get(i), preimage);
        }
    }

    private static void add(String name, StepMount mount, Map<String, String> preimage) {
        switch (mount) {
            case StepMount.Bind bind -> {
                preimage.put(name, (bind.writable() ? "writable bind of input " : "bind of input ") + bind.input());
                preimage.put(name + ".source", bind.source());
                preimage.put(name + ".target", bind.target());
            }
            case StepMount.Cache cache -> {
                preimage.put(name, (cache.readOnly() ? "read-only cache" : "cache")
                        + (cache.input().isPresent() ? " from input " + cache.input().getAsInt() : "")
                        + cache.root().map(root -> " " + text(root)).orElse(""));
                preimage.put(name + ".source", cache.source());
                preimage.put(name + ".target", cache.target());
            }
            case StepMount.Tmpfs tmpfs -> {
                preimage.put(name, "tmpfs" + (tmpfs.bytes().isPresent() ? " of " + tmpfs.bytes().getAsLong() : ""));
                preimage.put(name + ".target", tmpfs.target());
            }
            case StepMount.Secret secret -> {
                preimage.put(name, (secret.required() ? "required secret " : "secret ") + text(secret.file()));
                preimage.put(name + ".id", secret.id());
                secret.target().ifPresent(target -> preimage.put(name + ".target", target));
                secret.env().ifPresent(env -> preimage.put(name + ".env", env));
            }
            case StepMount.Ssh ssh -> {
                preimage.put(name, (ssh.required() ? "required ssh " : "ssh ") + text(ssh.file()));
                preimage.put(name + ".id", ssh.id());
                preimage.put(name + ".target", ssh.target());
            }
            case StepMount.Inline inline -> {
                preimage.put(name, "file");
                preimage.put(name + ".target", inline.target());
                preimage.put(name + ".content", inline.content());
            }
        }
    }

    private static String text(Permissions permissions) {
        return Integer.toOctalString(permissions.mode()) + " " + permissions.uid() + ":" + permissions.gid();
    }

    /** True for what a mount shows. */
    boolean hasContent(int input) {
        return mounts.stream().anyMatch(mount -> source(mount, input).isPresent());
    }

    /** All that mounts show of the input, in the order of the mounts. */
    ContentHasher content(int input, Root files) throws IOException, StepFailed, InterruptedException {
        ContentHasher hasher = new ContentHasher(false);
        for (StepMount mount : mounts) {
            Optional<String> source = source(mount, input);
            if (source.isPresent()) {
                RawPath file = find(files, source.get());
                hasher.whole(files, source.get(), file, Posix.lstat(file));
            }
        }
        return hasher;
    }

    /** A cache starts with all of its input, and shows a part. */
    private static Optional<String> source(StepMount mount, int input) {
        return switch (mount) {
            case StepMount.Bind bind when bind.input() == input -> Optional.of(bind.source());
            case StepMount.Cache cache when cache.input().isPresent() && cache.input().getAsInt() == input ->
                Optional.of(".");
            default -> Optional.empty();
        };
    }

    /**
     * Where the source of a mount is on this machine, links followed inside the root.
     *
     * @throws StepFailed when it is not there
     */
    static RawPath find(Root files, String source) throws IOException, StepFailed {
        RawPath file = files.follow(source);
        Optional<FileStat> stat = Posix.lstatIfExists(file);
        if (stat.isEmpty()) {
            throw new StepFailed("\"/" + source + "\": not found", Optional.empty());
        }
        return file;
    }
}
