package dev.kiln.cli;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.zip.Deflater;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

import dev.kiln.cli.context.Spool;
import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.MediaTypes;

/** The tar of a root file system as a layer: a plain one is compressed, one in gzip is taken as it is. */
final class RootfsLayer implements AutoCloseable {
    private static final int BUFFER = 1 << 20;
    /** Where a tar says that it is one, in the header of its first entry (POSIX ustar, GNU). */
    private static final int MAGIC_AT = 257;
    private final Spool blob;
    private final Descriptor descriptor;
    private final Digest diffId;

    private RootfsLayer(Spool blob, Descriptor descriptor, Digest diffId) {
        this.blob = blob;
        this.descriptor = descriptor;
        this.diffId = diffId;
    }

    static RootfsLayer read(InputStream tar) throws IOException, CommandFailed {
        BufferedInputStream in = new BufferedInputStream(tar, BUFFER);
        in.mark(512);
        byte[] head = in.readNBytes(512);
        in.reset();
        Spool blob = new Spool();
        try {
            MessageDigest content = Digest.newSha256();
            if (head.length > 2 && head[0] == 0x1f && (head[1] & 0xff) == 0x8b) {
                in.transferTo(blob);
            } else {
                requireTar(head);
                compress(new DigestInputStream(in, content), blob);
            }
            Digest digest = blob.finish();
            if (head[0] == 0x1f) {
                decompress(blob, content);
            }
            return new RootfsLayer(blob, Descriptor.of(MediaTypes.OCI_LAYER_GZIP, digest, blob.size()),
                    Digest.ofSha256(content.digest()));
        } catch (IOException | CommandFailed | RuntimeException e) {
            blob.close();
            throw e;
        }
    }

    private static void requireTar(byte[] head) throws CommandFailed {
        byte[] magic = head.length < 512 ? new byte[0] : Arrays.copyOfRange(head, MAGIC_AT, MAGIC_AT + 5);
        if (!Arrays.equals(magic, new byte[]{'u', 's', 't', 'a', 'r'})) {
            throw new CommandFailed(ExitCode.USAGE,
                    "the root file system has to be a tar, plain or in gzip; this is neither");
        }
    }

    private static void compress(InputStream from, Spool to) throws IOException {
        OutputStream kept = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                to.write(b);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                to.write(bytes, offset, length);
            }
        };
        try (GZIPOutputStream gzip = new FastGzip(kept)) {
            from.transferTo(gzip);
        }
    }

    private static final class FastGzip extends GZIPOutputStream {
        FastGzip(OutputStream out) throws IOException {
            super(out, BUFFER);
            def.setLevel(Deflater.BEST_SPEED);
        }
    }

    private static void decompress(Spool blob, MessageDigest content) throws IOException, CommandFailed {
        try (InputStream in = new GZIPInputStream(blob.open(), BUFFER)) {
            byte[] head = in.readNBytes(512);
            requireTar(head);
            content.update(head);
            byte[] buffer = new byte[BUFFER];
            for (int n; (n = in.read(buffer)) >= 0;) {
                content.update(buffer, 0, n);
            }
        }
    }

    Descriptor descriptor() {
        return descriptor;
    }

    Digest diffId() {
        return diffId;
    }

    InputStream open() throws IOException {
        return blob.open();
    }

    @Override
    public void close() throws IOException {
        blob.close();
    }
}
