package dev.kiln.queue.job;

import java.util.HashSet;
import java.util.List;

import static dev.kiln.queue.job.Checks.check;

/**
 * What a build's secrets are called; nothing of what they hold.
 *
 * @param secrets ids that {@code RUN --mount=type=secret} may ask for
 * @param ssh ids that {@code RUN --mount=type=ssh} may ask for
 */
public record SecretNames(List<String> secrets, List<String> ssh) {
    /** Characters that an id has at most. */
    public static final int MAX_ID = 256;

    public static final SecretNames NONE = new SecretNames(List.of(), List.of());

    public SecretNames {
        secrets = List.copyOf(secrets);
        ssh = List.copyOf(ssh);
        secrets.forEach(SecretNames::checkId);
        ssh.forEach(SecretNames::checkId);
        check(new HashSet<>(secrets).size() == secrets.size(), "two secrets have the same id");
        check(new HashSet<>(ssh).size() == ssh.size(), "two ssh entries have the same id");
    }

    private static void checkId(String id) {
        check(!id.isBlank() && id.length() <= MAX_ID && !Checks.hasControl(id),
                "the id of a secret has 1 to " + MAX_ID + " characters");
    }

    public boolean isEmpty() {
        return secrets.isEmpty() && ssh.isEmpty();
    }
}
