package dev.kiln.queue.secret;

/**
 * What a registry wants from one build.
 *
 * @param user {@code <token>} where the secret is an identity token, as Docker's credential helpers have it
 * @param secret the password or the token
 */
public record RegistryLogin(String user, Secret secret) {
    /** What a user's name has at most. */
    public static final int MAX_USER = 1024;

    public RegistryLogin {
        if (user.length() > MAX_USER || user.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException(
                    "the user of a registry has at most " + MAX_USER + " characters, and none that controls");
        }
    }

    /** Prints itself without the secret. */
    @Override
    public String toString() {
        return "RegistryLogin[user=" + user + "]";
    }
}
