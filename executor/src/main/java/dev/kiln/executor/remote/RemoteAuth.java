package dev.kiln.executor.remote;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Optional;

/**
 * What a build shows to remotes. Nothing is looked up before a remote is talked to.
 *
 * @param agent the socket of an agent that holds the build's ssh keys, and nothing else
 */
public record RemoteAuth(Secrets secrets, Agent agent) {
    public static final RemoteAuth NONE = new RemoteAuth(id -> Optional.empty(), Optional::empty);

    /** The secrets of one build. */
    public interface Secrets {
        Optional<byte[]> get(String id) throws IOException;
    }

    /** The ssh keys of one build. */
    public interface Agent {
        Optional<Path> socket() throws IOException, InterruptedException;
    }

    /** Never shows what it holds. */
    @Override
    public String toString() {
        return "RemoteAuth";
    }

    /** The secret as the value of a header, empty when there is none of that id. */
    Optional<String> header(String id) throws IOException {
        Optional<byte[]> secret = secrets.get(id);
        if (secret.isEmpty()) {
            return Optional.empty();
        }
        String text = new String(secret.get(), StandardCharsets.UTF_8).strip();
        if (text.chars().anyMatch(c -> c < ' ' || c == 0x7F)) {
            throw new FetchException(FetchException.Code.REFUSED, "the secret " + id
                    + " has more than one line, so it cannot be sent in a header");
        }
        return Optional.of(text);
    }

    static String basic(String userAndPassword) {
        return "Basic " + Base64.getEncoder().encodeToString(userAndPassword.getBytes(StandardCharsets.UTF_8));
    }
}
