package dev.kiln.cli.output;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

import dev.kiln.layercache.layer.ExtractLimits;
import dev.kiln.layercache.layer.Owners;
import dev.kiln.layercache.layer.TreeExtractor;
import dev.kiln.layercache.posix.Posix;
import dev.kiln.layercache.posix.RawPath;

/**
 * Puts the files of an image into a folder, beside what is in it. They are unpacked aside, in a folder that nobody else has,
 * and moved to their places: whatever links are in the image or were in the folder, nothing outside of it is changed. All
 * files belong to who runs this; devices are left out.
 */
final class FilesFolder {
    private static final int SHOWN = 5;

    private final Path folder;
    private final Consumer<String> told;

    FilesFolder(Path folder, Consumer<String> told) {
        this.folder = folder.toAbsolutePath().normalize();
        this.told = told;
    }

    void write(KeptFiles files) throws IOException, InterruptedException {
        Files.createDirectories(folder);
        for (KeptFiles.Part part : files.parts()) {
            Path into = part.folder().isEmpty() ? folder : platformFolder(part.folder());
            write(part, into);
        }
    }

    /** A link in its place would lead elsewhere. */
    private Path platformFolder(String name) throws IOException {
        Path into = folder.resolve(name);
        if (Files.isSymbolicLink(into)) {
            throw new IOException(into + " is a symbolic link; remove it, or choose another folder");
        }
        return Files.createDirectories(into);
    }

    private void write(KeptFiles.Part part, Path into) throws IOException {
        Path aside = Files.createTempDirectory(into, ".kiln-");
        try {
            List<String> devices = new ArrayList<>();
            try (InputStream layer = part.open()) {
                var unused = TreeExtractor.withoutDevices(ExtractLimits.LAYER, Owners.DROP, devices::add)
                    .extract(layer, aside);
            }
            tell(devices);
            new TreeMove(RawPath.of(aside), RawPath.of(into)).run();
        } finally {
            Posix.deleteTree(RawPath.of(aside));
        }
    }

    private void tell(List<String> devices) {
        if (!devices.isEmpty()) {
            told.accept(devices.size() + " devices are left out of " + folder + ": "
                    + String.join(", ", devices.subList(0, Math.min(SHOWN, devices.size())))
                    + (devices.size() > SHOWN ? ", …" : ""));
        }
    }
}
