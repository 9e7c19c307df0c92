package dev.kiln.executor.worker;

import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;

import dev.kiln.executor.frontend.FrontendOptions;
import dev.kiln.queue.event.BuildEvent;
import dev.kiln.queue.job.Entitlement;
import dev.kiln.queue.job.NetworkMode;
import dev.kiln.queue.job.StepOptions;

/**
 * What this executor grants beyond the usual sandbox. Where steps that do not say get the host's network anyway, everybody
 * may have it.
 */
final class Entitlements {
    private final Set<Entitlement> granted;

    /** @param hostIsUsual whether steps that do not say get the host's network on this executor */
    Entitlements(Set<Entitlement> configured, boolean hostIsUsual) {
        granted = EnumSet.noneOf(Entitlement.class);
        granted.addAll(configured);
        if (hostIsUsual) {
            granted.add(Entitlement.NETWORK_HOST);
        }
    }

    /**
     * What the steps of a build may have: what its request asks for, where the host's network for all steps is asking for
     * it; and what is usual here.
     *
     * @param hostIsUsual whether steps of this build that do not say get the host's network
     */
    Set<FrontendOptions.Entitlement> of(StepOptions steps, boolean hostIsUsual) throws BuildFailed {
        EnumSet<Entitlement> asked = EnumSet.noneOf(Entitlement.class);
        asked.addAll(steps.entitlements());
        if (steps.network().filter(NetworkMode.HOST::equals).isPresent()) {
            asked.add(Entitlement.NETWORK_HOST);
        }
        for (Entitlement entitlement : asked) {
            if (!granted.contains(entitlement)) {
                throw new BuildFailed(BuildEvent.Reason.INVALID, "granting entitlement " + entitlement.word()
                        + " is not allowed by build daemon configuration: add it to \"entitlements\" of the executor's"
                        + " configuration, or build without it", new IllegalStateException("not granted"));
            }
        }
        if (hostIsUsual) {
            asked.add(Entitlement.NETWORK_HOST);
        }
        return asked.stream().map(Entitlements::inTheFrontendsWords).collect(Collectors.toUnmodifiableSet());
    }

    private static FrontendOptions.Entitlement inTheFrontendsWords(Entitlement entitlement) {
        return switch (entitlement) {
            case NETWORK_HOST -> FrontendOptions.Entitlement.NETWORK_HOST;
            case SECURITY_INSECURE -> FrontendOptions.Entitlement.SECURITY_INSECURE;
        };
    }
}
