package dev.kiln.api.access;

import java.util.Optional;

import dev.kiln.api.http.Call;

/** Decides about calls to the registry. Must not block; safe for many threads. */
@FunctionalInterface
public interface RegistryAccess {
    /** No access list: whoever has come this far may do everything. */
    RegistryAccess OPEN = (_, _) -> Caller.FARM;

    /**
     * Who calls, when he may do this.
     *
     * @param need empty for what is about no repository
     * @throws AccessException when he may not
     */
    Caller admit(Call call, Optional<Need> need);

    /** What a call is about to do. */
    record Need(Right right, String repository) {}
}
