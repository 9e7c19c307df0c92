package dev.kiln.executor.source;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

import dev.kiln.layercache.lease.Item;
import dev.kiln.layercache.lease.Kind;
import dev.kiln.layercache.lease.Sizes;
import dev.kiln.layercache.lease.Stock;
import dev.kiln.layercache.lease.Stocked;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.posix.FileStat;
import dev.kiln.layercache.posix.Posix;
import dev.kiln.layercache.posix.RawPath;

/** Unpacked contexts as what can be collected. */
final class ContextStock implements Stock {
    private final UnpackedContexts contexts;
    private final Sizes sizes = new Sizes();

    ContextStock(UnpackedContexts contexts) {
        this.contexts = contexts;
    }

    @Override
    public List<Stocked> list() throws IOException {
        List<UnpackedContexts.Kept> kept = contexts.kept();
        List<Stocked> all = new ArrayList<>();
        for (UnpackedContexts.Kept context : kept) {
            Optional<FileStat> stat = Posix.lstatIfExists(RawPath.of(context.directory()));
            if (stat.isPresent()) {
                String id = context.archive().toString();
                all.add(new Stocked(new Item(Kind.CONTEXT, id), context.directory(),
                        sizes.of(id, context.directory(), context.directory()),
                        new Stocked.Times(stat.get().times().born().orElse(context.lastUsed()), context.lastUsed()),
                        context.inUse(),
                        "unpacked build context"));
            }
        }
        sizes.retain(kept.stream().map(context -> context.archive().toString()).collect(Collectors.toSet()));
        return all;
    }

    @Override
    public void used(String id, Instant when) {
        // Nothing survives a restart, and the directory's own time is the sender's.
    }

    @Override
    public Optional<Disposal> take(String id) {
        return contexts.discard(Digest.parse(id)).map(left -> () -> Posix.deleteTree(RawPath.of(left)));
    }
}
