package dev.kiln.layercache.lease;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;

/** The filesystem that a data folder is on. Safe for many threads. */
public interface Volume {

    /** Bytes that can be written still. */
    long free() throws IOException;

    /** Bytes that it has altogether. */
    long total() throws IOException;

    /** The one that holds this folder. */
    static Volume of(Path folder) throws IOException {
        FileStore store = Files.getFileStore(folder);
        return new Volume() {
            @Override
            public long free() throws IOException {
                return store.getUsableSpace();
            }

            @Override
            public long total() throws IOException {
                return store.getTotalSpace();
            }
        };
    }
}
