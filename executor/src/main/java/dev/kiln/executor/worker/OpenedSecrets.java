package dev.kiln.executor.worker;

import java.util.List;
import java.util.Optional;

import dev.kiln.executor.op.StepSecrets;
import dev.kiln.queue.secret.BuildSecrets;
import dev.kiln.queue.secret.Secret;

/** A build's secrets as its steps ask for them. */
final class OpenedSecrets implements StepSecrets {
    private final BuildSecrets secrets;

    OpenedSecrets(BuildSecrets secrets) {
        this.secrets = secrets;
    }

    @Override
    public Optional<byte[]> secret(String id) {
        return Optional.ofNullable(secrets.secrets().get(id)).map(Secret::bytes);
    }

    @Override
    public List<byte[]> sshKeys(String id) {
        return secrets.ssh().getOrDefault(id, List.of()).stream().map(Secret::bytes).toList();
    }
}
