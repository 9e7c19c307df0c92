package dev.kiln.api.dispatch;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;

import dev.kiln.queue.BacklogEntry;
import dev.kiln.queue.BacklogEntry.Standing;
import dev.kiln.queue.job.QueueOptions;

/**
 * Whose turn it is. The tenant that has the fewest builds running for its weight goes first; of equals, the one that has
 * had the fewest turns for its weight while it had builds. Of a tenant's builds those of the higher priority go first, then
 * the older ones; after half an hour a build counts as one of the next higher priority, so that none waits for ever.
 *
 * <p>Belongs to one thread.
 */
final class Lineup {
    /** After this time a build counts as one of the next higher priority. */
    static final Duration PROMOTION = Duration.ofMinutes(30);

    private final TenantRules rules;
    /** Turns that each tenant has had, divided by its weight. */
    private final Map<String, Double> served;

    Lineup(TenantRules rules) {
        this(rules, new HashMap<>());
    }

    private Lineup(TenantRules rules, Map<String, Double> served) {
        this.rules = rules;
        this.served = served;
    }

    /** A look at the backlog, from which builds are taken one by one. */
    Round round(List<BacklogEntry> entries, Instant now) {
        return new Round(entries, now);
    }

    /** Those that wait, in the order in which they would go if nothing else happened; counts no turn. */
    List<BacklogEntry> order(List<BacklogEntry> entries, Instant now) {
        Round round = new Lineup(new TenantRules(rules.named(), rules.usual()), new HashMap<>(served)).round(entries,
                now);
        List<BacklogEntry> order = new ArrayList<>();
        round.atOnce = false;
        for (Optional<BacklogEntry> next = round.next(); next.isPresent(); next = round.next()) {
            order.add(next.get());
        }
        return order;
    }

    private static QueueOptions options(BacklogEntry entry) {
        return entry.job().request().queueing();
    }

    private static long rank(BacklogEntry entry, Instant now) {
        long waited = Duration.between(entry.job().request().submitted(), now).toSeconds() / PROMOTION.toSeconds();
        return Math.max(0, options(entry).priority().ordinal() - Math.max(0, waited));
    }

    private static final class Line {
        final PriorityQueue<BacklogEntry> waiting;
        int running;

        Line(Instant now) {
            waiting = new PriorityQueue<>(Comparator.comparingLong((BacklogEntry entry) -> rank(entry, now))
                .thenComparing(entry -> entry.build().value()));
        }
    }

    /** Builds that wait, by tenant. */
    final class Round {
        private final Map<String, Line> lines = new HashMap<>();
        private boolean atOnce = true;

        private Round(List<BacklogEntry> entries, Instant now) {
            for (BacklogEntry entry : entries) {
                Line line = lines.computeIfAbsent(options(entry).tenant(), _ -> new Line(now));
                if (entry.standing() == Standing.WAITING) {
                    line.waiting.add(entry);
                } else if (entry.standing() == Standing.HANDED_OUT) {
                    line.running++;
                }
            }
            served.keySet().retainAll(lines.keySet());
            double least = served.values().stream().mapToDouble(turns -> turns).min().orElse(0);
            lines.keySet().forEach(tenant -> served.putIfAbsent(tenant, least));
        }

        /** Takes the build whose turn it is, and counts the turn; empty when none may go. */
        Optional<BacklogEntry> next() {
            return lines.entrySet()
                .stream()
                .filter(line -> !line.getValue().waiting.isEmpty())
                .filter(line -> !atOnce || line.getValue().running < rules.of(line.getKey()).atOnce())
                .min(Comparator.comparingDouble((Map.Entry<String, Line> line) -> share(line.getKey(), line.getValue()))
                    .thenComparingDouble(line -> turns(line.getKey()))
                    .thenComparing(Map.Entry::getKey))
                .map(line -> take(line.getKey(), line.getValue()));
        }

        private double share(String tenant, Line line) {
            return (double) line.running / rules.of(tenant).weight();
        }

        private double turns(String tenant) {
            return served.getOrDefault(tenant, 0.0);
        }

        private BacklogEntry take(String tenant, Line line) {
            line.running++;
            served.merge(tenant, 1.0 / rules.of(tenant).weight(), Double::sum);
            return line.waiting.remove();
        }
    }
}
