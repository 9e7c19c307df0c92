package dev.kiln.queue.job;

import java.net.URI;
import java.util.Locale;

import dev.kiln.layercache.oci.Digest;

import static dev.kiln.queue.job.Checks.check;

/** Where files of a build come from. */
public sealed interface ContextRef {

    /**
     * A tar that was uploaded to the farm, as it was sent (plain, gzip, bzip2, xz or zstd, told by its first bytes).
     *
     * @param digest of the bytes as sent
     * @param size of the bytes as sent
     */
    record Uploaded(Digest digest, long size) implements ContextRef {

        public Uploaded {
            check(size >= 0, "the size of the context is negative");
        }
    }

    /**
     * Files of a commit.
     *
     * @param address as git addresses are written for BuildKit: {@code https://host/name.git#ref:directory}; without
     *        credentials, which are secrets
     */
    record Git(String address) implements ContextRef {
        public static final int MAX_LENGTH = 2048;

        public Git {
            check(!address.isBlank() && address.length() <= MAX_LENGTH && !Checks.hasControl(address),
                    "a git address has 1 to " + MAX_LENGTH + " characters");
        }
    }

    /** What a server has: an archive, or a file that is the Dockerfile. No credentials, which are secrets. */
    record Http(URI address) implements ContextRef {
        public static final int MAX_LENGTH = 8192;

        public Http {
            String scheme = address.getScheme() == null ? "" : address.getScheme().toLowerCase(Locale.ROOT);
            check((scheme.equals("http") || scheme.equals("https")) && address.getRawAuthority() != null,
                    "expected an http or https address");
            check(address.getRawUserInfo() == null && address.getRawAuthority().indexOf('@') < 0,
                    "an address must not hold credentials: give them as a secret, HTTP_AUTH_TOKEN_<host> or"
                            + " HTTP_AUTH_HEADER_<host>");
            check(address.toString().length() <= MAX_LENGTH, "the address has more than " + MAX_LENGTH + " characters");
        }
    }

    /** No files: a Dockerfile alone. */
    record Empty() implements ContextRef {}
}
