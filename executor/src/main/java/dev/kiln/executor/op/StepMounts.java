package dev.kiln.executor.op;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

import dev.kiln.executor.cachemount.Lent;
import dev.kiln.executor.cachemount.Waiting;
import dev.kiln.executor.cachemount.Wanted;
import dev.kiln.executor.graph.StepMount;
import dev.kiln.executor.runtime.ContainerMount;
import dev.kiln.executor.solver.Result;
import dev.kiln.executor.solver.StepFailed;
import dev.kiln.executor.ssh.SshAgents;
import dev.kiln.executor.ssh.SshException;
import dev.kiln.executor.ssh.StepAgent;
import dev.kiln.layercache.posix.RawPath;

/** What one run of a step has mounted, brought in; closing it gives everything back. For one thread. */
final class StepMounts implements AutoCloseable {
    private static final int INLINE_MODE = 0755;

    private final List<Result> inputs;
    private final StepTools tools;
    private final StepSecrets secrets;
    private final CacheBeginnings beginnings;
    private final Deque<AutoCloseable> held = new ArrayDeque<>();
    private final InputRoots readable;
    private final List<ContainerMount> mounts = new ArrayList<>();
    private final StepEnvironment environment;
    private Optional<Lent> caches = Optional.empty();

    private StepMounts(List<Result> inputs, StepTools tools, RunSettings settings, StepEnvironment environment) {
        this.inputs = inputs;
        this.tools = tools;
        this.secrets = settings.secrets();
        this.beginnings = settings.caches();
        this.environment = environment;
        this.readable = new InputRoots(tools);
        held.push(readable);
    }

    /**
     * Waits for caches that others have, and says so.
     *
     * @param environment gets the variables that mounts bring
     * @param waiting hears of caches that have to be waited for
     * @throws StepFailed when something that a mount names is not there
     */
    static StepMounts open(List<StepMount> wanted, List<Result> inputs, StepTools tools, RunSettings settings,
            StepEnvironment environment, Waiting waiting) throws IOException, StepFailed, InterruptedException {
        StepMounts opened = new StepMounts(inputs, tools, settings, environment);
        try {
            for (StepMount mount : wanted) {
                opened.add(mount);
            }
            opened.addCaches(wanted, waiting);
            return opened;
        } catch (IOException | StepFailed | InterruptedException | RuntimeException e) {
            try {
                opened.close();
            } catch (IOException closing) {
                e.addSuppressed(closing);
            }
            throw e;
        }
    }

    List<ContainerMount> list() {
        return mounts;
    }

    /** The step ended well, and no process of it is left: what it wrote to caches stays whatever was asked for. */
    void succeeded() {
        caches.ifPresent(Lent::succeeded);
    }

    private void add(StepMount mount) throws IOException, StepFailed, InterruptedException {
        switch (mount) {
            case StepMount.Bind bind -> mounts.add(bind(bind));
            case StepMount.Tmpfs tmpfs -> mounts.add(new ContainerMount.Tmpfs(tmpfs.target(), tmpfs.bytes()));
            case StepMount.Secret secret -> addSecret(secret);
            case StepMount.Ssh ssh -> addAgent(ssh);
            case StepMount.Inline inline -> mounts.add(new ContainerMount.InMemory(inline.target(),
                    inline.content().getBytes(StandardCharsets.UTF_8), INLINE_MODE, 0, 0));
            case StepMount.Cache _ -> {
                // all at once, when the rest is there: see addCaches
            }
        }
    }

    private ContainerMount bind(StepMount.Bind bind) throws IOException, StepFailed, InterruptedException {
        Root files = bind.writable()
                ? scratch(bind.input())
                : readable.open(bind.input(), inputs.get(bind.input()));
        RawPath source = MountKeys.find(files, bind.source());
        return new ContainerMount.Bind(path(bind, source), bind.target(), !bind.writable());
    }

    /** A container's configuration is text; a link in the source may still lead to a name that is none. */
    private static Path path(StepMount.Bind bind, RawPath source) throws StepFailed {
        String text = source.toString();
        if (!RawPath.ofUtf8(text).equals(source)) {
            throw new StepFailed("\"/" + bind.source() + "\": it leads to a name that is not UTF-8, which cannot be"
                    + " mounted", Optional.empty());
        }
        return Path.of(text);
    }

    private Root scratch(int input) throws IOException, StepFailed, InterruptedException {
        ScratchFiles files = ScratchFiles.of(inputs.get(input), tools);
        held.push(files);
        return Root.of(files.directory());
    }

    private void addSecret(StepMount.Secret secret) throws StepFailed {
        Optional<byte[]> value = secrets.secret(secret.id());
        if (value.isEmpty() && secret.required()) {
            throw new StepFailed("secret " + secret.id() + ": not found; the build was given none of this id:"
                    + " --secret id=" + secret.id() + ",src=FILE gives it one", Optional.empty());
        }
        if (secret.env().isPresent()) {
            environment.addSecret(secret.env().get(), value.isPresent() ? text(secret.id(), value.get()) : "");
        }
        if (secret.target().isPresent() && value.isPresent()) {
            mounts.add(new ContainerMount.InMemory(secret.target().get(), value.get(), secret.file().mode(),
                    secret.file().uid(), secret.file().gid()));
        }
    }

    private static String text(String id, byte[] value) throws StepFailed {
        try {
            String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(value)).toString();
            if (text.indexOf('\0') < 0) {
                return text;
            }
        } catch (CharacterCodingException _) {
            // the same as with a NUL
        }
        throw new StepFailed("secret " + id + ": it is no text, and so cannot be in a variable; mount it as a file",
                Optional.empty());
    }

    /** As in BuildKit the variable is there also when the agent is not. */
    private void addAgent(StepMount.Ssh ssh) throws IOException, StepFailed, InterruptedException {
        environment.setSshSocket(ssh.target());
        List<byte[]> keys = secrets.sshKeys(ssh.id());
        if (!keys.isEmpty()) {
            StepAgent agent = start(ssh, keys);
            held.push(agent);
            mounts.add(new ContainerMount.Bind(agent.socket(), ssh.target(), false));
        } else if (ssh.required()) {
            throw new StepFailed("unset ssh forward key " + ssh.id() + ": the build was given no key of this id:"
                    + " --ssh " + ssh.id() + "=FILE gives it one", Optional.empty());
        }
    }

    private StepAgent start(StepMount.Ssh ssh, List<byte[]> keys)
            throws IOException, StepFailed, InterruptedException {
        try {
            return tools.keepers()
                .agents()
                .start(keys, new SshAgents.Access(ssh.file().mode(), ssh.file().uid(), ssh.file().gid()));
        } catch (SshException e) {
            throw new StepFailed("ssh key " + ssh.id() + ": " + e.getMessage(), Optional.empty());
        }
    }

    private void addCaches(List<StepMount> wanted, Waiting waiting)
            throws IOException, StepFailed, InterruptedException {
        List<StepMount.Cache> wantedCaches = wanted.stream()
            .filter(StepMount.Cache.class::isInstance)
            .map(StepMount.Cache.class::cast)
            .toList();
        if (wantedCaches.isEmpty()) {
            return;
        }
        List<Wanted> asked = new ArrayList<>();
        for (StepMount.Cache cache : wantedCaches) {
            asked.add(CacheBeginning.wanted(cache, inputs, tools, beginnings));
        }
        Lent lent = tools.keepers().caches().lend(asked, waiting);
        held.push(lent);
        caches = Optional.of(lent);
        for (int i = 0; i < wantedCaches.size(); i++) {
            StepMount.Cache cache = wantedCaches.get(i);
            mounts.add(new ContainerMount.Bind(part(lent, i, cache.source()), cache.target(), cache.readOnly()));
        }
    }

    private static Path part(Lent lent, int index, String source) throws IOException, StepFailed {
        return source.equals(".")
                ? lent.directory(index)
                : lent.part(index, source)
                    .orElseThrow(() -> new StepFailed("open /" + source + ": no such file or directory in the cache;"
                            + " a cache mount's source is a path that an earlier step made there", Optional.empty()));
    }

    /** Goes on to the end whatever fails. */
    @Override
    public void close() throws IOException {
        IOException first = null;
        while (!held.isEmpty()) {
            try {
                held.pop().close();
            } catch (Exception e) {
                if (first == null) {
                    first = e instanceof IOException io ? io : new IOException("giving a step's mounts back", e);
                } else {
                    first.addSuppressed(e);
                }
            }
        }
        if (first != null) {
            throw first;
        }
    }
}
