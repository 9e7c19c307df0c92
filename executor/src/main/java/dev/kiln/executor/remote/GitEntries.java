package dev.kiln.executor.remote;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

import dev.kiln.executor.remote.FetchException.Code;

/**
 * What a commit holds, counted before anything is made of it.
 *
 * @param submodules the commit of each, by its path
 */
record GitEntries(long count, long bytes, Map<String, String> submodules) {
    private static final int MAX_RECORD = 64 << 10;
    private static final int MAX_SUBMODULES = 1_000;

    /** Reads {@code ls-tree -r -l -z}: mode, type, object, size, a tab, and the path. */
    static GitEntries read(InputStream listing, RemotePolicy.Limits limits) throws IOException {
        InputStream in = new BufferedInputStream(listing, 64 << 10);
        long count = 0;
        long bytes = 0;
        Map<String, String> submodules = new LinkedHashMap<>();
        for (String entry = next(in); !entry.isEmpty(); entry = next(in)) {
            int tab = entry.indexOf('\t');
            String[] fields = entry.substring(0, Math.max(0, tab)).trim().split(" +");
            if (fields.length != 4) {
                throw new IOException("git lists a tree in an unknown form");
            }
            count++;
            if (fields[1].equals("commit")) {
                submodules.put(entry.substring(tab + 1), fields[2]);
            } else {
                bytes += Long.parseLong(fields[3]);
            }
            if (count > limits.entries() || bytes > limits.bytes() || bytes < 0 || submodules.size() > MAX_SUBMODULES) {
                throw new FetchException(Code.TOO_LARGE, "the commit has more than " + limits.entries() + " files, "
                        + limits.bytes() + " bytes or " + MAX_SUBMODULES
                        + " submodules, which are this executor's limits");
            }
        }
        return new GitEntries(count, bytes, submodules);
    }

    private static String next(InputStream in) throws IOException {
        ByteArrayOutputStream entry = new ByteArrayOutputStream();
        for (int b = in.read(); b != 0; b = in.read()) {
            if (b < 0) {
                if (entry.size() > 0) {
                    throw new EOFException("git's list of a tree is cut off");
                }
                return "";
            }
            if (entry.size() >= MAX_RECORD) {
                throw new IOException("git lists a name that is too long");
            }
            entry.write(b);
        }
        return entry.toString(StandardCharsets.UTF_8);
    }
}
