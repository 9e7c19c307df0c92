package dev.kiln.api.dispatch;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How tenants share the farm.
 *
 * @param named those of whom something is said
 * @param usual what holds for all others
 */
public record TenantRules(Map<String, Tenant> named, Tenant usual) {
    public static final TenantRules EQUAL = new TenantRules(Map.of(), new Tenant(1, Integer.MAX_VALUE));
    /** The name under which a configuration says what holds for all who are not named. */
    static final String OTHERS = "*";

    /**
     * @param weight a tenant of weight 2 gets twice the slots of one of weight 1 while both have builds that wait
     * @param atOnce builds that may run at the same time
     */
    public record Tenant(int weight, int atOnce) {
        public Tenant {
            if (weight < 1 || weight > 1000 || atOnce < 1) {
                throw new IllegalArgumentException("a weight is 1 to 1000, and builds at a time are 1 or more");
            }
        }
    }

    public TenantRules {
        named = Map.copyOf(named);
    }

    Tenant of(String tenant) {
        return named.getOrDefault(tenant, usual);
    }

    /**
     * Reads {@code team-a=3, team-b=1:2, *=1:10}: the weight of each tenant and, after a colon, how many of its builds may
     * run at a time; {@code *} stands for all who are not named.
     */
    public static TenantRules parse(String text) {
        Map<String, Tenant> named = new LinkedHashMap<>();
        for (String word : text.split(",", -1)) {
            int equals = word.indexOf('=');
            String name = word.substring(0, Math.max(0, equals)).strip();
            if (!name.equals(OTHERS) && !name.matches("[a-z0-9][a-z0-9._-]{0,62}")
                    || named.put(name, tenant(word.substring(equals + 1).strip())) != null) {
                throw new IllegalArgumentException(
                        "expected tenants with their weights, and after a colon how many of their"
                                + " builds may run at a time, such as team-a=3, team-b=1:2, *=1:10, each once");
            }
        }
        Tenant usual = named.containsKey(OTHERS) ? named.remove(OTHERS) : EQUAL.usual();
        return new TenantRules(named, usual);
    }

    private static Tenant tenant(String text) {
        if (!text.matches("[0-9]{1,4}(:[0-9]{1,6})?")) {
            throw new IllegalArgumentException("expected a weight such as 3, or a weight and a limit such as 1:2");
        }
        int colon = text.indexOf(':');
        return colon < 0
                ? new Tenant(Integer.parseInt(text), EQUAL.usual().atOnce())
                : new Tenant(Integer.parseInt(text.substring(0, colon)), Integer.parseInt(text.substring(colon + 1)));
    }
}
