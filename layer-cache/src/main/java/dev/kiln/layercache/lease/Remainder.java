package dev.kiln.layercache.lease;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

import dev.kiln.layercache.posix.DiskUsage;
import dev.kiln.layercache.posix.RawPath;

/** What the folders of a process hold beside the items of its stocks: directories, locks, work under way. Never goes. */
public final class Remainder implements Stock {
    private final List<Path> folders;
    private final List<Stock> stocks;

    /** @param stocks whose items are not counted here, because they count themselves */
    public Remainder(List<Path> folders, List<Stock> stocks) {
        this.folders = List.copyOf(folders);
        this.stocks = List.copyOf(stocks);
    }

    @Override
    public List<Stocked> list() throws IOException {
        Set<RawPath> counted = new HashSet<>();
        for (Stock stock : stocks) {
            stock.list().forEach(stocked -> counted.add(RawPath.of(stocked.place())));
        }
        List<Stocked> rest = new ArrayList<>();
        for (Path folder : folders) {
            long bytes = DiskUsage.of(RawPath.of(folder), path -> !counted.contains(path));
            rest.add(new Stocked(new Item(Kind.OTHER, String.valueOf(folder.getFileName())), folder, bytes,
                    new Stocked.Times(Instant.EPOCH, Instant.EPOCH), true, "directories, locks and work under way"));
        }
        return rest;
    }

    @Override
    public void used(String id, Instant when) {
        // These are never collected, so nobody asks when they were used.
    }

    @Override
    public Optional<Disposal> take(String id) {
        return Optional.empty();
    }
}
