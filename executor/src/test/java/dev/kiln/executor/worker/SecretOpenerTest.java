package dev.kiln.executor.worker;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import dev.kiln.executor.op.StepSecrets;
import dev.kiln.layercache.content.InMemoryContentStore;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.registry.Credentials;
import dev.kiln.layercache.registry.Keychain;
import dev.kiln.queue.job.BuildId;
import dev.kiln.queue.job.BuildRequest;
import dev.kiln.queue.job.ContextRef;
import dev.kiln.queue.job.Job;
import dev.kiln.queue.job.SealedSecrets;
import dev.kiln.queue.job.SecretNames;
import dev.kiln.queue.secret.BuildSecrets;
import dev.kiln.queue.secret.FarmKey;
import dev.kiln.queue.secret.RegistryLogin;
import dev.kiln.queue.secret.Secret;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class SecretOpenerTest {
    private static final BuildSecrets SECRETS = new BuildSecrets(Map.of("token", secret("hunter2")),
            Map.of("default", List.of(secret("key"))),
            Map.of("docker.io", new RegistryLogin("me", secret("pw")), "r.example:5000",
                    new RegistryLogin("<token>", secret("identity"))));
    private final InMemoryContentStore here = new InMemoryContentStore();
    private final InMemoryContentStore farm = new InMemoryContentStore();
    private final FarmKey key = FarmKey.parse(FarmKey.generate(new SecureRandom()));
    private final BuildRequest request = BuildRequest.of(BuildId.create(Instant.EPOCH, new Random(5)), Instant.EPOCH,
            new ContextRef.Uploaded(Digest.sha256(new byte[]{7}), 1))
        .withSecrets(SECRETS.names());
    private SealedSecrets sealed;

    private static Secret secret(String text) {
        return new Secret(text.getBytes(StandardCharsets.UTF_8));
    }

    @BeforeEach
    void seal() throws Exception {
        byte[] bytes = key.seal(request.id(), SECRETS);
        sealed = new SealedSecrets(farm.ingest(bytes), bytes.length);
    }

    private SecretOpener opener(Optional<FarmKey> with) {
        return new SecretOpener(here, farm, with);
    }

    private Job job() {
        return new Job(request, Optional.of(sealed));
    }

    @Test
    void open_sealedInTheFarm_givesStepsWhatTheyAskForAndKeepsNothing() throws Exception {
        StepSecrets opened = opener(Optional.of(key)).open(job());
        assertThat(opened.secret("token").orElseThrow()).asString(StandardCharsets.UTF_8).isEqualTo("hunter2");
        assertThat(opened.secret("other")).isEmpty();
        assertThat(opened.sshKeys("default")).hasSize(1);
        assertThat(opened.sshKeys("other")).isEmpty();
        assertThat(here.size(sealed.digest())).isEmpty();
    }

    @Test
    void logins_ofTheBuild_areForTheirHostsOnly() throws Exception {
        Keychain logins = opener(Optional.of(key)).logins(job());
        assertThat(logins.forHost("registry-1.docker.io")).contains(new Credentials("me", "pw"));
        assertThat(logins.forHost("r.example:5000")).contains(Credentials.ofIdentityToken("identity"));
        assertThat(logins.forHost("r.example")).isEmpty();
        assertThat(opener(Optional.empty()).logins(Job.of(request.withSecrets(SecretNames.NONE))).forHost("docker.io"))
            .isEmpty();
    }

    @Test
    void open_jobWithoutSecrets_needsNoKey() throws Exception {
        assertThat(opener(Optional.empty()).open(Job.of(request.withSecrets(SecretNames.NONE))))
            .isSameAs(StepSecrets.NONE);
    }

    @Test
    void open_withoutTheKeyOrTheBlob_failsTheBuildAndSaysWhy() {
        assertThatThrownBy(() -> opener(Optional.empty()).open(job())).isInstanceOf(BuildFailed.class)
            .hasMessageContaining("KILN_SECRET_KEY");
        FarmKey other = FarmKey.parse(FarmKey.generate(new SecureRandom()));
        assertThatThrownBy(() -> opener(Optional.of(other)).open(job())).isInstanceOf(BuildFailed.class)
            .hasMessageContaining("key that this process does not have");
        sealed = new SealedSecrets(Digest.sha256(new byte[]{9}), 10);
        assertThatThrownBy(() -> opener(Optional.of(key)).open(job())).isInstanceOf(BuildFailed.class)
            .hasMessageContaining("could not be fetched");
    }

    @Test
    void open_largerThanItsSizeSays_isRefused() throws Exception {
        sealed = new SealedSecrets(sealed.digest(), sealed.size() - 1 - 1);
        assertThatThrownBy(() -> opener(Optional.of(key)).open(job())).hasMessageContaining("what came is not");
        sealed = new SealedSecrets(sealed.digest(), 1L << 40);
        assertThatThrownBy(() -> opener(Optional.of(key)).open(job())).hasMessageContaining("more than");
    }
}
