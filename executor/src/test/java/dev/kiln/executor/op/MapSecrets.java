package dev.kiln.executor.op;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Secrets of a test. */
record MapSecrets(Map<String, byte[]> secrets, Map<String, List<byte[]>> keys) implements StepSecrets {

    @Override
    public Optional<byte[]> secret(String id) {
        return Optional.ofNullable(secrets.get(id));
    }

    @Override
    public List<byte[]> sshKeys(String id) {
        return keys.getOrDefault(id, List.of());
    }
}
