package dev.kiln.layercache.lease;

import java.util.List;

/**
 * What is on the disk, or what was there and went.
 *
 * @param problems what could not be read or removed, in words
 */
public record Usage(List<Stocked> items, List<String> problems) {

    public Usage {
        items = List.copyOf(items);
        problems = List.copyOf(problems);
    }

    public long bytes() {
        return items.stream().mapToLong(Stocked::bytes).sum();
    }
}
