package dev.kiln.executor.snapshot;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;

import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.posix.FileStat.Device;
import dev.kiln.layercache.posix.FileType;
import dev.kiln.layercache.posix.Posix;
import dev.kiln.layercache.posix.RawPath;

/**
 * Layers for tests, one entry a line: {@code file PATH CONTENT}, {@code dir PATH}, {@code whiteout PATH},
 * {@code root OCTAL-MODE}, {@code fail MESSAGE}.
 */
final class TextLayers implements LayerUnpacker {
    final AtomicInteger unpacked = new AtomicInteger();

    record Layer(Digest diffId, String text) implements Snapshotter.LayerSource {
        @Override
        public InputStream open() {
            return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
        }
    }

    static Layer layer(String... lines) {
        String text = String.join("\n", lines);
        return new Layer(Digest.sha256(text.getBytes(StandardCharsets.UTF_8)), text);
    }

    @Override
    public Unpacked unpack(InputStream layer, Path directory) throws IOException {
        unpacked.incrementAndGet();
        String text = new String(layer.readAllBytes(), StandardCharsets.UTF_8);
        boolean root = false;
        for (String line : text.split("\n")) {
            String[] word = line.split(" ", 3);
            switch (word[0]) {
                case "file" -> {
                    Files.createDirectories(directory.resolve(word[1]).getParent());
                    Files.writeString(directory.resolve(word[1]), word[2]);
                }
                case "dir" -> Files.createDirectories(directory.resolve(word[1]));
                case "whiteout" -> Posix.mknod(RawPath.of(directory.resolve(word[1])), FileType.CHARACTER_DEVICE, 0,
                        Device.NONE);
                case "root" -> {
                    Posix.chmod(RawPath.of(directory), Integer.parseInt(word[1], 8));
                    root = true;
                }
                case "fail" -> throw new IOException(line);
                case "" -> {
                }
                default -> throw new IllegalArgumentException(line);
            }
        }
        return new Unpacked(Digest.sha256(text.getBytes(StandardCharsets.UTF_8)), root);
    }
}
