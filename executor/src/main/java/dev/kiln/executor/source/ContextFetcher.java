package dev.kiln.executor.source;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

import dev.kiln.executor.op.ContextTrees;
import dev.kiln.executor.source.ContextException.Code;
import dev.kiln.executor.source.UnpackedContexts.Filled;
import dev.kiln.executor.source.UnpackedContexts.Ground;
import dev.kiln.executor.source.UnpackedContexts.Near;
import dev.kiln.layercache.content.ContentException;
import dev.kiln.layercache.content.ContentStore;
import dev.kiln.layercache.context.ContextEntry;
import dev.kiln.layercache.context.ContextLayout;
import dev.kiln.layercache.layer.ContextArchive;
import dev.kiln.layercache.layer.ExtractLimits;
import dev.kiln.layercache.layer.LayerException;
import dev.kiln.layercache.layer.Owners;
import dev.kiln.layercache.lease.Stock;
import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.posix.RawPath;
import dev.kiln.layercache.registry.RegistryException;
import dev.kiln.layercache.registry.Repository;
import dev.kiln.queue.job.ContextRef;

/**
 * Brings uploaded contexts in as directories: from the local content store when they are there, else by digest from the
 * farm's registry, which is asked again as the client's policy says when it is in trouble. Safe for many threads.
 *
 * <p>A context that was uploaded as a tar is taken as it is: {@code .dockerignore} is the business of who packed it, as it
 * is with BuildKit, which applies the file to folders that a client sends and not to archives.
 */
public final class ContextFetcher implements ContextTrees, AutoCloseable {
    private static final String MEDIA_TYPE = "application/vnd.kiln.context.v1.tar";
    private static final int BUFFER = 256 * 1024;

    private final ContentStore content;
    private final Repository farm;
    private final ContextArchive archives = new ContextArchive(ExtractLimits.CONTEXT);
    private final UnpackedContexts contexts;
    private final Owners owners;

    /**
     * @param farm the repository of the farm's registry that holds uploaded contexts
     * @param owners what becomes of those that a tar names; what {@code kiln build} makes of a folder names root alone
     * @param directory for unpacked contexts and nothing else; emptied now
     * @param maxIdle how many contexts that no build uses are kept
     * @param maxIdleBytes how many bytes those may take together, by the size of their tars
     */
    public ContextFetcher(ContentStore content, Repository farm, Owners owners, Path directory, int maxIdle,
            long maxIdleBytes) throws IOException {
        this.content = content;
        this.farm = farm;
        this.owners = owners;
        this.contexts = new UnpackedContexts(directory, maxIdle, maxIdleBytes);
    }

    /** Fetches and unpacks the context unless that has been done already. */
    public UnpackedContext fetch(ContextRef context) throws ContextException, InterruptedException {
        return switch (context) {
            case ContextRef.Uploaded(Digest digest, long size) -> fetch(digest, OptionalLong.of(size));
            case ContextRef.Git _,ContextRef.Http _,ContextRef.Empty _ -> throw new ContextException(Code.REFUSED,
                    "only uploaded contexts can be built");
        };
    }

    @Override
    public UnpackedContext open(Digest archive) throws ContextException, InterruptedException {
        return fetch(archive, OptionalLong.empty());
    }

    private UnpackedContext fetch(Digest archive, OptionalLong size) throws ContextException, InterruptedException {
        try {
            return new UnpackedContext(contexts.open(archive, ground -> {
                bringIn(archive, size, MEDIA_TYPE);
                return unpack(archive, ground);
            }));
        } catch (ContextException e) {
            throw e;
        } catch (IOException e) {
            throw new ContextException(Code.DISK, "unpacking the context " + archive + " failed: " + e.getMessage(),
                    true,
                    e);
        }
    }

    private void bringIn(Digest archive, OptionalLong expected, String type) throws IOException, InterruptedException {
        if (content.size(archive).isPresent()) {
            return;
        }
        String what = "fetching the context " + archive + " from the farm's registry failed: ";
        try {
            OptionalLong size = expected.isPresent() ? expected : farm.size(archive);
            if (size.isEmpty()) {
                throw new ContextException(Code.NOT_FOUND, what + farm + " does not have it; upload it again");
            }
            farm.pull(Descriptor.of(type, archive, size.getAsLong()), content);
        } catch (RegistryException e) {
            throw new ContextException(e.code() == RegistryException.Code.NOT_FOUND
                    ? Code.NOT_FOUND
                    : Code.UNAVAILABLE, what + e.getMessage(), e.retryable(), e);
        } catch (ContentException e) {
            throw new ContextException(code(e), what + e.getMessage(), e.retryable(), e);
        }
    }

    private static Code code(ContentException e) {
        return switch (e.code()) {
            case NOT_FOUND -> Code.NOT_FOUND;
            case DIGEST_MISMATCH, SIZE_MISMATCH, TOO_LARGE, INVALID -> Code.REFUSED;
            case UNAVAILABLE -> Code.UNAVAILABLE;
            case NO_SPACE -> Code.DISK;
        };
    }

    private Filled unpack(Digest archive, Ground ground) throws IOException, InterruptedException {
        try {
            try (InputStream in = content.open(archive)) {
                if (ContextLayout.packsOf(in).isPresent()) {
                    return layOut(archive, ground);
                }
            }
            try (InputStream in = new BufferedInputStream(new Interruptible(content.open(archive)), BUFFER)) {
                return new Filled(archives.extract(in, ground.fresh(), owners).tarSize(), Optional.empty());
            }
        } catch (LayerException e) {
            throw new ContextException(Code.REFUSED, "the context was refused: " + e.getMessage(), false, e);
        }
    }

    private Filled layOut(Digest archive, Ground ground) throws IOException, InterruptedException {
        byte[] blob;
        try (InputStream in = content.open(archive)) {
            blob = in.readAllBytes();
        }
        ContextLayout layout = ContextLayout.read(blob, ExtractLimits.CONTEXT);
        Optional<Near> found = ground.near(layout.listing());
        Near near = found.isPresent()
                ? found.get()
                : new Near(ground.fresh(), TreeChanges.toMake(layout.listing()));
        for (Map.Entry<Digest, Long> pack : packs(layout, near.changes()).entrySet()) {
            bringIn(pack.getKey(), OptionalLong.of(pack.getValue()), ContextLayout.PACK_MEDIA_TYPE);
        }
        new LaidOutTree(RawPath.of(near.directory()), layout).apply(near.changes(), content);
        return new Filled(layout.packs().values().stream().mapToLong(size -> size).sum(),
                Optional.of(layout.listing()));
    }

    /** Those that have data of what has to be made. */
    private static Map<Digest, Long> packs(ContextLayout layout, TreeChanges changes) {
        Map<Digest, Long> packs = new LinkedHashMap<>();
        for (ContextEntry made : changes.made()) {
            if (made instanceof ContextEntry.File file && file.size() > 0) {
                ContextLayout.Place place = layout.places().get(file.data());
                if (place != null) {
                    packs.put(place.pack(), layout.packs().getOrDefault(place.pack(), 0L));
                }
            }
        }
        return packs;
    }

    /** The unpacked contexts as what can be collected; to be asked for once. */
    public Stock stock() {
        return new ContextStock(contexts);
    }

    /** Ends all unpacking. */
    @Override
    public void close() {
        contexts.close();
    }

    /** Gives up when its thread is interrupted. */
    private static final class Interruptible extends InputStream {
        private final InputStream in;

        private Interruptible(InputStream in) {
            this.in = in;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            if (Thread.currentThread().isInterrupted()) {
                throw new InterruptedIOException("unpacking was interrupted");
            }
            return in.read(into, offset, length);
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }
}
