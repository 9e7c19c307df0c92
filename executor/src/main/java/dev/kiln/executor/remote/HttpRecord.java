package dev.kiln.executor.remote;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

import dev.kiln.layercache.durable.DurableFiles;
import dev.kiln.layercache.durable.TempFolder;
import dev.kiln.layercache.oci.Digest;

/**
 * What a server said of a file when it was fetched last: enough to ask whether it has changed since.
 *
 * @param etag without the mark of a weak one
 * @param lastModified as the server wrote it
 */
record HttpRecord(Digest digest, long size, Optional<String> etag, Optional<String> lastModified) {

    /** The record at {@code file}; none when there is none, or none that can be read. */
    static Optional<HttpRecord> read(Path file) throws IOException {
        List<String> lines;
        try {
            lines = Files.readAllLines(file, StandardCharsets.ISO_8859_1);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
        try {
            return lines.size() != 4
                    ? Optional.empty()
                    : Optional.of(new HttpRecord(Digest.parse(lines.get(0)), Long.parseLong(lines.get(1)),
                            said(lines.get(2)), said(lines.get(3))));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    void write(TempFolder temp, Path file) throws IOException {
        String text = String.join("\n", digest.toString(), Long.toString(size), etag.orElse(""),
                lastModified.orElse(""));
        DurableFiles.write(temp, file, (text + "\n").getBytes(StandardCharsets.ISO_8859_1));
    }

    private static Optional<String> said(String line) {
        return line.isEmpty() ? Optional.empty() : Optional.of(line);
    }
}
