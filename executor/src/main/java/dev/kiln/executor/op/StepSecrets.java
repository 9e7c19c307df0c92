package dev.kiln.executor.op;

import java.util.List;
import java.util.Optional;

/**
 * The secrets and ssh keys of one build, in clear, in this process's memory alone. Nothing of them may reach a log, an
 * event, a key of the cache or an exception; what is returned must not be changed.
 */
public interface StepSecrets {
    StepSecrets NONE = new StepSecrets() {
        @Override
        public Optional<byte[]> secret(String id) {
            return Optional.empty();
        }

        @Override
        public List<byte[]> sshKeys(String id) {
            return List.of();
        }
    };

    Optional<byte[]> secret(String id);

    /** Private keys in a form that {@code ssh-add} reads, without passphrase; empty when the request has none of that id. */
    List<byte[]> sshKeys(String id);
}
