package dev.kiln.layercache.registry;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import javax.net.ssl.TrustManagerFactory;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsExchange;
import com.sun.net.httpserver.HttpsParameters;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.registry.RegistryException.Code;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** Certificates that no authority of the Java runtime signed, of the registry and of the client. */
@Timeout(60)
class RegistryTlsTest {
    private static final char[] PASSWORD = "changeit".toCharArray();
    private static final Digest NONE = Digest.sha256(new byte[1]);
    @TempDir
    static Path folder;
    private static KeyStore keys;
    private static TestRegistry registry;

    @BeforeAll
    static void begin() throws Exception {
        generate("server", "SAN=IP:127.0.0.1", "EC");
        generate("client", "SAN=DNS:client", "EC");
        keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(folder.resolve("keys.p12"))) {
            keys.load(in, PASSWORD);
        }
        for (String name : List.of("server", "client")) {
            pem(name + ".crt", "CERTIFICATE", keys.getCertificate(name).getEncoded());
            pem(name + ".key", "PRIVATE KEY", keys.getKey(name, PASSWORD).getEncoded());
        }
        registry = new TestRegistry(Optional.of(wantingClients()));
    }

    @AfterAll
    static void end() {
        registry.close();
    }

    private static void generate(String name, String extension, String algorithm) throws Exception {
        Path keytool = Path.of(System.getProperty("java.home"), "bin", "keytool");
        Process process = new ProcessBuilder(keytool.toString(), "-genkeypair", "-alias", name, "-keyalg", algorithm,
                "-dname", "CN=" + name, "-ext", extension, "-validity", "2", "-storetype", "PKCS12", "-keystore",
                folder.resolve("keys.p12").toString(), "-storepass", new String(PASSWORD), "-J-XX:TieredStopAtLevel=1")
            .redirectErrorStream(true)
            .start();
        String said = new String(process.getInputStream().readAllBytes());
        assertThat(process.waitFor()).as(said).isZero();
    }

    private static void pem(String file, String kind, byte[] der) throws IOException {
        Files.writeString(folder.resolve(file), "-----BEGIN " + kind + "-----\n"
                + Base64.getMimeEncoder().encodeToString(der) + "\n-----END " + kind + "-----\n");
    }

    /** Clients may show a certificate, and then it has to be the right one; what is under {@code /v2/closed/} needs it. */
    private static HttpsConfigurator wantingClients() throws GeneralSecurityException, IOException {
        KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        own.init(keys, PASSWORD);
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, PASSWORD);
        trusted.setCertificateEntry("client", keys.getCertificate("client"));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(own.getKeyManagers(), trust.getTrustManagers(), null);
        return new HttpsConfigurator(context) {
            @Override
            public void configure(HttpsParameters parameters) {
                SSLParameters wanting = context.getDefaultSSLParameters();
                wanting.setWantClientAuth(true);
                parameters.setSSLParameters(wanting);
            }
        };
    }

    private static HostSettings host(TlsSettings tls) throws IOException {
        return new HostSettings(List.of(), Optional.empty(), Optional.of(Tls.load(tls)), OptionalInt.empty(),
                Duration.ZERO);
    }

    private static RegistryFixture fixture(Map<String, HostSettings> hosts) {
        return RegistryFixture.with(URI.create("http://127.0.0.1:1"), hosts);
    }

    private static RegistryFixture fixture(TlsSettings tls) throws IOException {
        return fixture(Map.of(registry.host(), host(tls)));
    }

    private static TlsSettings trusting(Optional<TlsSettings.Identity> identity) {
        return new TlsSettings(false, List.of(folder.resolve("server.crt")), identity);
    }

    private static TlsSettings.Identity client() {
        return new TlsSettings.Identity(folder.resolve("client.crt"), folder.resolve("client.key"));
    }

    @Test
    void ownAuthority_isTrustedForItsHost() throws Exception {
        try (RegistryFixture fixture = fixture(trusting(Optional.empty()))) {
            assertThat(fixture.repository(registry.host() + "/app").size(NONE)).isEmpty();
        }
    }

    @Test
    void unknownAuthority_isRefusedAndSaysWhatToDo() throws Exception {
        HostSettings tls = new HostSettings(List.of(), Optional.of(false), Optional.empty(), OptionalInt.empty(),
                Duration.ZERO);
        try (RegistryFixture fixture = fixture(Map.of(registry.host(), tls))) {
            assertThatExceptionOfType(RegistryException.class)
                .isThrownBy(() -> fixture.repository(registry.host() + "/app").size(NONE))
                .withMessageContaining("'ca' in the registries file")
                .matches(e -> e.code() == Code.PROTOCOL);
            assertThat(fixture.pauses).isEmpty();
        }
    }

    @Test
    void authorityOfAnotherHost_isNotTrusted() throws Exception {
        try (TestRegistry other = new TestRegistry(Optional.of(wantingClients()))) {
            Map<String, HostSettings> hosts = Map.of(registry.host(), host(trusting(Optional.empty())), other.host(),
                    new HostSettings(List.of(), Optional.of(false), Optional.empty(), OptionalInt.empty(),
                            Duration.ZERO));
            try (RegistryFixture fixture = fixture(hosts)) {
                assertThatExceptionOfType(RegistryException.class)
                    .isThrownBy(() -> fixture.repository(other.host() + "/app").size(NONE));
            }
        }
    }

    @Test
    void skipVerify_takesAnyCertificate() throws Exception {
        try (RegistryFixture fixture = fixture(new TlsSettings(true, List.of(), Optional.empty()))) {
            assertThat(fixture.repository("localhost:" + registry.host().replaceAll(".*:", "") + "/app").registry())
                .startsWith("localhost");
            assertThat(fixture.repository(registry.host() + "/app").size(NONE)).isEmpty();
        }
    }

    @Test
    void clientCertificate_isShown() throws Exception {
        registry.add(exchange -> {
            if (!exchange.getRequestURI().getPath().startsWith("/v2/closed/")) {
                return false;
            }
            boolean shown = isShown(((HttpsExchange) exchange).getSSLSession());
            exchange.sendResponseHeaders(shown ? 404 : 403, -1);
            return true;
        });
        try (RegistryFixture with = fixture(trusting(Optional.of(client())));
                RegistryFixture without = fixture(trusting(Optional.empty()))) {
            assertThat(with.repository(registry.host() + "/closed/app").size(NONE)).isEmpty();
            assertThatExceptionOfType(RegistryException.class)
                .isThrownBy(() -> without.repository(registry.host() + "/closed/app").size(NONE))
                .matches(e -> e.code() == Code.DENIED);
        }
    }

    private static boolean isShown(SSLSession session) {
        try {
            return session.getPeerCertificates().length == 1;
        } catch (SSLPeerUnverifiedException e) {
            return false;
        }
    }

    @Test
    void load_filesThatAreNone_areNamedWithoutTheirContent() throws IOException {
        Path nothing = Files.writeString(folder.resolve("nothing"), "s3cr3t");
        assertThatExceptionOfType(IOException.class)
            .isThrownBy(() -> Tls.load(new TlsSettings(false, List.of(nothing), Optional.empty())))
            .withMessageStartingWith(nothing + ": holds no certificates");
        TlsSettings.Identity wrong = new TlsSettings.Identity(folder.resolve("client.crt"),
                folder.resolve("server.key"));
        assertThatExceptionOfType(IOException.class)
            .isThrownBy(() -> Tls.load(trusting(Optional.of(wrong))))
            .withMessageStartingWith(folder.resolve("server.key") + ": holds no private key that fits");
        TlsSettings.Identity none = new TlsSettings.Identity(folder.resolve("client.crt"), nothing);
        assertThatExceptionOfType(IOException.class).isThrownBy(() -> Tls.load(trusting(Optional.of(none))))
            .withMessageContaining("openssl pkcs8")
            .satisfies(e -> assertThat(e).message().doesNotContain("s3cr3t"));
    }
}
