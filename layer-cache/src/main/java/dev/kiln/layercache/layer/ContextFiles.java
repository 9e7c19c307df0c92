package dev.kiln.layercache.layer;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

import dev.kiln.layercache.layer.LayerException.Code;
import dev.kiln.layercache.posix.RawPath;

/** Keeps some files of a context in memory. */
final class ContextFiles implements ContextVisitor {
    private final Map<RawPath, String> wanted = new HashMap<>();
    private final int maxBytes;
    private final Map<String, byte[]> files = new HashMap<>();
    private final Map<String, String> links = new HashMap<>();

    ContextFiles(Set<String> names, int maxBytes) {
        this.maxBytes = maxBytes;
        names.forEach(name -> wanted.put(RawPath.ofUtf8(name), name));
    }

    @Override
    public void implied(RawPath directory, Instant modified) {
        // nothing to keep
    }

    @Override
    public void entry(RawPath path, TarEntry entry, TarReader content) throws IOException {
        String name = wanted.get(path);
        if (name == null) {
            return;
        }
        files.remove(name);
        links.remove(name);
        switch (entry.kind()) {
            case FILE -> files.put(name, read(name, entry, content));
            case HARD_LINK -> links.put(name, ContextEntries.linkTarget(entry).toString());
            case SYMLINK -> links.put(name, ContextLinks.target(path, entry.link()).toString());
            case DIRECTORY, CHARACTER_DEVICE, BLOCK_DEVICE, FIFO -> {
                // no content
            }
        }
    }

    private byte[] read(String name, TarEntry entry, TarReader content) throws IOException {
        if (entry.size() > maxBytes) {
            throw new LayerException(Code.TOO_LARGE, "reading a context: " + name + " has " + entry.size()
                    + " bytes, the limit is " + maxBytes);
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream((int) entry.size());
        content.copyContent(new TarReader.ContentSink() {
            @Override
            public void data(byte[] data, int offset, int length) {
                bytes.write(data, offset, length);
            }

            @Override
            public void hole(long length) {
                bytes.writeBytes(new byte[(int) length]);
            }
        });
        return bytes.toByteArray();
    }

    @Override
    public Map<String, byte[]> files() {
        return files;
    }

    @Override
    public Map<String, String> links() {
        return links;
    }
}
