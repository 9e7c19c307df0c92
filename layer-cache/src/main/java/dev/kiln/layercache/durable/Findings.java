package dev.kiln.layercache.durable;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What a check of a data folder found. For one thread. */
public final class Findings {
    private final boolean repair;
    private final List<Finding> damaged = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();

    /**
     * Something that should not be.
     *
     * @param what in words
     * @param repaired that it was removed
     */
    public record Finding(Path place, String what, boolean repaired) {}

    /** Takes what is damaged away, so that it counts as missing. */
    @FunctionalInterface
    public interface Repair {
        void run() throws IOException;
    }

    /** @param repair whether what is damaged is taken away */
    public Findings(boolean repair) {
        this.repair = repair;
    }

    /** Something is damaged; takes it away when repairs are wanted. */
    public void damaged(Path place, String what, Repair removal) throws IOException {
        if (repair) {
            removal.run();
        }
        damaged.add(new Finding(place, what, repair));
    }

    /** Something worth a line, and no damage. */
    public void note(String what) {
        notes.add(what);
    }

    public List<Finding> damaged() {
        return List.copyOf(damaged);
    }

    public List<String> notes() {
        return List.copyOf(notes);
    }
}
