package dev.kiln.layercache.registry;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509TrustManager;

import org.jspecify.annotations.Nullable;

/** {@link TlsSettings} with their files read. */
public final class Tls {
    private static final int MAX_FILE = 4 << 20;
    private static final Pattern KEY = Pattern
        .compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");
    private static final char[] NO_PASSWORD = {};

    private final SSLContext context;

    private Tls(SSLContext context) {
        this.context = context;
    }

    SSLContext context() {
        return context;
    }

    /** @throws IOException naming the file that cannot be used, without what it holds */
    public static Tls load(TlsSettings settings) throws IOException {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(settings.identity().isPresent() ? identity(settings.identity().get()) : null,
                    trust(settings), null);
            return new Tls(context);
        } catch (GeneralSecurityException e) {
            throw new IOException("setting up TLS failed: " + e.getMessage(), e);
        }
    }

    private static TrustManager @Nullable [] trust(TlsSettings settings)
            throws GeneralSecurityException, IOException {
        if (settings.skipVerify()) {
            return new TrustManager[]{new Anybody()};
        }
        if (settings.authorities().isEmpty()) {
            return null;
        }
        KeyStore store = empty();
        int count = 0;
        for (X509Certificate usual : usual()) {
            store.setCertificateEntry("usual-" + count++, usual);
        }
        for (Path file : settings.authorities()) {
            for (Certificate own : certificates(file)) {
                store.setCertificateEntry("own-" + count++, own);
            }
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory.getTrustManagers();
    }

    private static List<X509Certificate> usual() throws GeneralSecurityException {
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init((KeyStore) null);
        return Arrays.stream(factory.getTrustManagers())
            .filter(X509TrustManager.class::isInstance)
            .flatMap(manager -> Arrays.stream(((X509TrustManager) manager).getAcceptedIssuers()))
            .toList();
    }

    private static KeyManager[] identity(TlsSettings.Identity identity) throws GeneralSecurityException, IOException {
        KeyStore store = empty();
        Certificate[] chain = certificates(identity.certificate()).toArray(Certificate[]::new);
        store.setKeyEntry("client", key(identity.key(), chain[0].getPublicKey()), NO_PASSWORD, chain);
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, NO_PASSWORD);
        return factory.getKeyManagers();
    }

    private static Collection<? extends Certificate> certificates(Path file) throws IOException {
        try {
            Collection<? extends Certificate> found = CertificateFactory.getInstance("X.509")
                .generateCertificates(new ByteArrayInputStream(read(file)));
            if (!found.isEmpty()) {
                return found;
            }
        } catch (CertificateException e) {
            throw new IOException(file + ": holds no certificates in PEM: " + e.getMessage(), e);
        }
        throw new IOException(file + ": holds no certificates in PEM");
    }

    private static PrivateKey key(Path file, PublicKey of) throws IOException {
        Matcher pem = KEY.matcher(new String(read(file), StandardCharsets.US_ASCII));
        if (pem.find()) {
            try {
                byte[] bytes = Base64.getMimeDecoder().decode(pem.group(1));
                PrivateKey key = KeyFactory.getInstance(of.getAlgorithm())
                    .generatePrivate(new PKCS8EncodedKeySpec(bytes));
                if (fits(key, of)) {
                    return key;
                }
            } catch (GeneralSecurityException | IllegalArgumentException _) {
                // Said below; the cause could quote the key.
            }
        }
        throw new IOException(file + ": holds no private key that fits its certificate, as PKCS #8 without passphrase"
                + " (-----BEGIN PRIVATE KEY-----); `openssl pkcs8 -topk8 -nodes` makes it of other forms");
    }

    /** A server would only say that the handshake failed. */
    private static boolean fits(PrivateKey key, PublicKey of) throws GeneralSecurityException {
        Signature signature = Signature.getInstance(switch (of.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> of.getAlgorithm();
        });
        byte[] text = {1, 2, 3};
        signature.initSign(key);
        signature.update(text);
        byte[] signed = signature.sign();
        signature.initVerify(of);
        signature.update(text);
        return signature.verify(signed);
    }

    private static byte[] read(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MAX_FILE + 1);
            if (bytes.length > MAX_FILE) {
                throw new IOException(file + ": larger than " + MAX_FILE + " bytes, so it holds no certificates");
            }
            return bytes;
        }
    }

    private static KeyStore empty() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, NO_PASSWORD);
        return store;
    }

    /** Takes all certificates; being of the extended kind, it also keeps the JDK from comparing the name of the host. */
    private static final class Anybody extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
