package dev.kiln.cli.context;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;

import dev.kiln.layercache.layer.ContextWriter;
import dev.kiln.layercache.oci.Digest;

/** A tar ready to be sent. Closing it removes what it kept aside. */
public final class ContextTar implements AutoCloseable {
    private final Spool spool;
    private final Digest digest;

    private ContextTar(Spool spool, Digest digest) {
        this.spool = spool;
        this.digest = digest;
    }

    private interface Filling {
        void into(Spool spool) throws IOException;
    }

    private static ContextTar filled(Filling filling) throws IOException {
        Spool spool = new Spool();
        try {
            filling.into(spool);
            return new ContextTar(spool, spool.finish());
        } catch (IOException | RuntimeException e) {
            spool.close();
            throw e;
        }
    }

    /** One file; equal files give equal tars. */
    static ContextTar ofFile(String name, byte[] content) throws IOException {
        return filled(spool -> {
            ContextWriter out = new ContextWriter(spool);
            out.file(name, 0644, Instant.EPOCH, content.length, new ByteArrayInputStream(content));
            out.finish();
        });
    }

    /** An archive as it is. */
    static ContextTar ofArchive(InputStream archive) throws IOException {
        return filled(archive::transferTo);
    }

    public Digest digest() {
        return digest;
    }

    public long size() {
        return spool.size();
    }

    /** The bytes of the archive. */
    public InputStream open() throws IOException {
        return spool.open();
    }

    @Override
    public void close() throws IOException {
        spool.close();
    }
}
