package dev.kiln.executor.exporter;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

import dev.kiln.layercache.oci.ImageConfig.History;

/** Fills in when the lines of a history were made, from the times at which their layers were. */
final class HistoryTimes {

    private HistoryTimes() {}

    /**
     * @param history with one line that is not empty for each layer
     * @param layers when each layer was made, base first; empty where nobody knows
     */
    static List<History> fill(List<History> history, List<Optional<Instant>> layers) {
        List<History> timed = withLayerTimes(history, layers);
        Optional<Instant> time = firstNew(timed);
        boolean inNew = false;
        List<History> filled = new ArrayList<>(timed.size());
        for (History line : timed) {
            if (line.created().isEmpty()) {
                inNew = true;
            } else if (inNew) {
                time = line.created();
            }
            filled.add(line.created().isPresent() ? line : at(line, time));
        }
        return filled;
    }

    private static List<History> withLayerTimes(List<History> history, List<Optional<Instant>> layers) {
        Iterator<Optional<Instant>> times = layers.iterator();
        List<History> timed = new ArrayList<>(history.size());
        for (History line : history) {
            Optional<Instant> layer = line.emptyLayer() ? Optional.empty() : times.next();
            timed.add(line.created().isPresent() ? line : at(line, layer));
        }
        return timed;
    }

    /** The first time after a line that has none, or else the last there is: what the lines before it are given. */
    private static Optional<Instant> firstNew(List<History> history) {
        Optional<Instant> found = Optional.empty();
        boolean inNew = false;
        for (History line : history) {
            if (line.created().isEmpty()) {
                inNew = true;
            } else {
                found = line.created();
                if (inNew) {
                    break;
                }
            }
        }
        return found;
    }

    /** Milliseconds, so that a time is the same before and after it was stored with a layer. */
    private static History at(History line, Optional<Instant> time) {
        return new History(time.map(t -> t.truncatedTo(ChronoUnit.MILLIS)), line.createdBy(), line.comment(),
                line.emptyLayer(), line.author());
    }
}
