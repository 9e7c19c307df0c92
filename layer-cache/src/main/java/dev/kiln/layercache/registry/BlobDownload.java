package dev.kiln.layercache.registry;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import dev.kiln.layercache.content.ContentException;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.registry.Transport.Call;

/**
 * The bytes of a blob from some offset on. When the connection breaks, the rest is asked for (RFC 9110, section 14: Range);
 * a registry that sends all again is read up to where the reader is. Tries without progress are bounded, and so are all of
 * them. Nothing is verified here: whoever reads from the start checks the digest over all that came. For one reader.
 */
final class BlobDownload extends InputStream {
    private static final Pattern CONTENT_RANGE = Pattern.compile("bytes ([0-9]{1,18})-([0-9]{1,18})/([0-9]{1,18}|\\*)");

    private final Endpoint from;
    private final Digest digest;
    private final Tries tries;
    private long position;
    private OptionalLong size;
    private Optional<Answer> current = Optional.empty();
    private boolean resumed;

    private BlobDownload(Endpoint from, Digest digest, long offset, OptionalLong size, Tries tries) {
        this.from = from;
        this.digest = digest;
        this.position = offset;
        this.size = size;
        this.tries = tries;
    }

    /**
     * Asks for the blob once; only what comes after an answer is tried again here.
     *
     * @param size when it is known; a registry that announces another one is not read
     */
    static BlobDownload open(Endpoint from, Digest digest, long offset, OptionalLong size, Tries tries)
            throws IOException, InterruptedException {
        BlobDownload download = new BlobDownload(from, digest, offset, size, tries);
        download.ask();
        return download;
    }

    /** Empty when the registry did not say. */
    OptionalLong size() {
        return size;
    }

    private String what() {
        return "pulling the blob " + digest + " of " + from;
    }

    private void ask() throws IOException, InterruptedException {
        Call plain = from.pull("GET", "pulling the blob " + digest, "blobs/" + digest).ofBlob();
        Call call = position == 0 ? plain : plain.with("Range", "bytes=" + position + "-");
        Answer answer = from.transport().send(call);
        boolean usable = false;
        try {
            begin(call, answer);
            current = Optional.of(answer);
            usable = true;
        } finally {
            if (!usable) {
                answer.close();
            }
        }
    }

    private void begin(Call call, Answer answer) throws IOException {
        switch (answer.status()) {
            case 200 -> {
                checkSize(answer.length());
                if (position > 0) {
                    answer.body().skipNBytes(position);
                }
            }
            case 206 -> checkRange(answer);
            case 404 -> throw new ContentException(ContentException.Code.NOT_FOUND,
                    call.what() + ": the registry " + from.registry() + " does not have it");
            default -> throw from.failures().of(call, answer);
        }
    }

    private void checkSize(OptionalLong announced) throws ContentException {
        if (size.isEmpty()) {
            size = announced;
        } else if (announced.isPresent() && announced.getAsLong() != size.getAsLong()) {
            throw new ContentException(ContentException.Code.SIZE_MISMATCH, what() + ": the registry "
                    + from.registry() + " announced " + announced.getAsLong() + " bytes, not " + size.getAsLong());
        }
    }

    private void checkRange(Answer answer) throws IOException {
        String said = answer.header("Content-Range").orElse("");
        Matcher range = CONTENT_RANGE.matcher(said);
        if (!range.matches() || Long.parseLong(range.group(1)) != position) {
            throw RegistryException.protocol(what() + ": the registry " + from.registry()
                    + " sent another part than the one from byte " + position + " on: Content-Range "
                    + said.replaceAll("[^ -~]", "?"));
        }
        checkSize(range.group(3).equals("*") ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(range.group(3))));
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        if (length == 0 || size.isPresent() && position == size.getAsLong() && current.isEmpty()) {
            return length == 0 ? 0 : -1;
        }
        while (true) {
            try {
                return some(bytes, offset, length);
            } catch (RegistryException e) {
                tryAgain(e);
            }
        }
    }

    private int some(byte[] bytes, int offset, int length) throws IOException {
        int n = current.orElseThrow(() -> new IOException(what() + ": closed")).body().read(bytes, offset, length);
        if (n < 0 && size.isPresent() && position < size.getAsLong()) {
            throw new RegistryException(RegistryException.Code.UNAVAILABLE, what() + ": the registry "
                    + from.registry() + " ended after " + position + " of " + size.getAsLong() + " bytes",
                    OptionalInt.empty(), Optional.empty(), null);
        }
        if (n > 0) {
            position += n;
            if (resumed) {
                tries.progress();
                resumed = false;
            }
        }
        return n;
    }

    /** Returns when the registry sends the rest. */
    private void tryAgain(RegistryException broken) throws IOException {
        RegistryException failure = broken;
        while (true) {
            close();
            try {
                tries.failed(failure);
                ask();
                resumed = true;
                return;
            } catch (RegistryException e) {
                if (!e.retryable() || e == failure) {
                    throw e;
                }
                failure = e;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw (IOException) new InterruptedIOException(what() + ": interrupted").initCause(e);
            }
        }
    }

    @Override
    public void close() throws IOException {
        if (current.isPresent()) {
            Answer answer = current.get();
            current = Optional.empty();
            answer.close();
        }
    }
}
