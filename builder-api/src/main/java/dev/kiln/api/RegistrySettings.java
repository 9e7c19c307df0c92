package dev.kiln.api;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

import dev.kiln.api.access.AccessRules;
import dev.kiln.api.distribution.Quota;
import dev.kiln.api.distribution.UploadSessions;

/**
 * How the registry of an API process is used.
 *
 * @param uploads how many pushes of blobs there may be at once, how long one may rest, and what all may take
 * @param untaggedKeep how long a manifest stays that no tag leads to, after its last use
 * @param quotas how much repositories may hold; none means as much as there is room for
 * @param access who may do what; without it whoever knows the farm's token may do everything
 * @param address where clients reach the registry, when that is not what they say themselves
 */
public record RegistrySettings(UploadSessions.Bounds uploads, Duration untaggedKeep, List<Quota> quotas,
        Optional<AccessRules> access, Optional<URI> address) {
    public static final RegistrySettings DEFAULT = new RegistrySettings(
            new UploadSessions.Bounds(1024, Duration.ofHours(1), 64L << 30), Duration.ofDays(14), List.of(),
            Optional.empty(), Optional.empty());

    public RegistrySettings {
        quotas = List.copyOf(quotas);
    }

    public RegistrySettings withUploads(UploadSessions.Bounds other) {
        return new RegistrySettings(other, untaggedKeep, quotas, access, address);
    }

    public RegistrySettings withQuotas(List<Quota> other) {
        return new RegistrySettings(uploads, untaggedKeep, other, access, address);
    }

    public RegistrySettings withAccess(Optional<AccessRules> other) {
        return new RegistrySettings(uploads, untaggedKeep, quotas, other, address);
    }
}
