package dev.kiln.executor.worker;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

import dev.kiln.executor.op.StepSecrets;
import dev.kiln.layercache.content.BlobReader;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.registry.Credentials;
import dev.kiln.layercache.registry.Keychain;
import dev.kiln.layercache.registry.RegistryHost;
import dev.kiln.queue.event.BuildEvent;
import dev.kiln.queue.job.Job;
import dev.kiln.queue.job.SealedSecrets;
import dev.kiln.queue.secret.BuildSecrets;
import dev.kiln.queue.secret.FarmKey;
import dev.kiln.queue.secret.RegistryLogin;
import dev.kiln.queue.secret.UnsealException;

/** Opens the secrets of builds, into memory only: the sealed bytes are not kept here either. Safe for many threads. */
final class SecretOpener {
    private final BlobReader content;
    private final BlobReader farm;
    private final Optional<FarmKey> key;

    /**
     * @param content what is on this machine
     * @param farm where the farm keeps what clients sent
     */
    SecretOpener(BlobReader content, BlobReader farm, Optional<FarmKey> key) {
        this.content = content;
        this.farm = farm;
        this.key = key;
    }

    StepSecrets open(Job job) throws BuildFailed {
        return job.secrets().isEmpty() ? StepSecrets.NONE : new OpenedSecrets(opened(job));
    }

    /** What the build logs in to registries with. */
    Keychain logins(Job job) throws BuildFailed {
        BuildSecrets secrets = opened(job);
        return host -> secrets.registries()
            .entrySet()
            .stream()
            .filter(login -> RegistryHost.canonical(login.getKey()).equals(host))
            .map(login -> credentials(login.getValue()))
            .findFirst();
    }

    private static Credentials credentials(RegistryLogin login) {
        return Credentials.of(login.user(), new String(login.secret().bytes(), StandardCharsets.UTF_8));
    }

    private BuildSecrets opened(Job job) throws BuildFailed {
        if (job.secrets().isEmpty()) {
            return BuildSecrets.NONE;
        }
        FarmKey opening = key
            .orElseThrow(() -> failed("this executor has no key: set its KILN_SECRET_KEY to that of the"
                    + " API", new IllegalStateException("no key")));
        SealedSecrets sealed = job.secrets().get();
        try {
            return opening.open(job.request().id(), read(sealed));
        } catch (UnsealException e) {
            throw failed(String.valueOf(e.getMessage()), e);
        } catch (IOException e) {
            throw failed("they could not be fetched from the farm: " + e.getMessage(), e);
        }
    }

    private byte[] read(SealedSecrets sealed) throws IOException {
        if (sealed.size() > FarmKey.MAX_SEALED) {
            throw new IOException("they have more than " + FarmKey.MAX_SEALED + " bytes");
        }
        BlobReader from = content.size(sealed.digest()).isPresent() ? content : farm;
        try (InputStream in = from.open(sealed.digest())) {
            byte[] bytes = in.readNBytes((int) sealed.size() + 1);
            if (!Digest.sha256(bytes).equals(sealed.digest())) {
                throw new IOException("what came is not " + sealed.digest());
            }
            return bytes;
        }
    }

    private static BuildFailed failed(String why, Exception cause) {
        return new BuildFailed(BuildEvent.Reason.INTERNAL, "the secrets of the build cannot be opened: " + why, cause);
    }
}
