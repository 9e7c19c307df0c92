package dev.kiln.api.distribution;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import dev.kiln.layercache.content.ContentException;
import dev.kiln.layercache.durable.DurableFiles;
import dev.kiln.layercache.durable.TempFolder;

/** Files of one short text each, written by the commit protocol. Safe for many threads. */
final class SmallFiles implements Closeable {
    private static final Logger LOG = LoggerFactory.getLogger(SmallFiles.class);
    /** None is written that is longer. */
    private static final int MAX_BYTES = 1024;

    private final TempFolder temp;

    private SmallFiles(TempFolder temp) {
        this.temp = temp;
    }

    /** @param unfinished the folder of files being written, on the same filesystem as all that is written */
    static SmallFiles open(Path unfinished) throws IOException {
        return new SmallFiles(TempFolder.open(unfinished));
    }

    /**
     * The file's text made something of; empty when there is no file. One that the parser refuses counts as absent and is
     * logged.
     *
     * @param parser throws {@link IllegalArgumentException} for what was not written here
     */
    static <T> Optional<T> read(Path file, Function<String, T> parser) throws IOException {
        try {
            return text(file).map(parser);
        } catch (IllegalArgumentException e) {
            LOG.warn("file damaged, counts as absent file={} cause={}", file, e.getMessage());
            return Optional.empty();
        }
    }

    /** Makes the file's text this one, durably; does not touch the disk when it is. */
    void write(Path file, String text) throws IOException {
        if (text(file).filter(text::equals).isPresent()) {
            return;
        }
        try {
            DurableFiles.write(temp, file, text.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw isFull(e) ? noSpace(e) : e;
        }
    }

    /** As {@link #write}, without a sync: a crash of the machine may leave the file absent, or of no use. */
    void writeUnsynced(Path file, String text) throws IOException {
        Path written = temp.newPath();
        try {
            Files.writeString(written, text);
            Files.move(written, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw isFull(e) ? noSpace(e) : e;
        } finally {
            Files.deleteIfExists(written);
        }
    }

    /** Removes the file durably; says whether it was there. */
    static boolean delete(Path file) throws IOException {
        if (!Files.deleteIfExists(file)) {
            return false;
        }
        DurableFiles.syncDirectory(file.resolveSibling(""));
        return true;
    }

    /** What is in a folder, sorted; nothing when there is no folder. */
    static List<String> names(Path folder) throws IOException {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            files.forEach(file -> names.add(file.getFileName().toString()));
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        names.sort(null);
        return names;
    }

    @Override
    public void close() throws IOException {
        temp.close();
    }

    private static Optional<String> text(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return Optional.of(new String(in.readNBytes(MAX_BYTES), StandardCharsets.UTF_8));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    /** The JDK has no class of its own for this; the texts are the system's, of ENOSPC and EDQUOT. */
    private static boolean isFull(IOException e) {
        String message = String.valueOf(e.getMessage());
        return message.contains("No space left on device") || message.contains("Disk quota exceeded");
    }

    private static ContentException noSpace(IOException cause) {
        return new ContentException(ContentException.Code.NO_SPACE,
                "writing a tag or manifest of the registry: the disk"
                        + " or its quota is full; free space there or give Kiln another data folder",
                cause);
    }
}
