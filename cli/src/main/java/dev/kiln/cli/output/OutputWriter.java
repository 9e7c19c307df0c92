package dev.kiln.cli.output;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.function.Consumer;

import dev.kiln.cli.build.LayoutWriter;
import dev.kiln.cli.build.OwnFiles;
import dev.kiln.layercache.layer.LayerTar;
import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.registry.Repository;

/** Writes one output from what the farm keeps of it. */
final class OutputWriter {
    private final Repository kept;
    private final Descriptor image;
    private final Consumer<String> told;

    /** @param told takes warnings */
    OutputWriter(Repository kept, Descriptor image, Consumer<String> told) {
        this.kept = kept;
        this.image = image;
        this.told = told;
    }

    void write(LocalOutput.Here here) throws IOException, InterruptedException {
        switch (here) {
            case LocalOutput.Here.Nothing() -> {
                // the farm has done it
            }
            case LocalOutput.Here.Archive(Destination to, boolean docker, var names) ->
                write(to, out -> new ImageArchive(kept, image, names, docker).write(out));
            case LocalOutput.Here.Layout(Path folder, var names) -> named(folder.toString(),
                    () -> new LayoutWriter(folder).write(kept, image, LayoutNames.inLayout(image, names)));
            case LocalOutput.Here.FilesTar(Destination to) -> write(to, this::writeFiles);
            case LocalOutput.Here.FilesFolder(Path folder) -> named(folder.toString(),
                    () -> new FilesFolder(folder, told).write(new KeptFiles(kept, image)));
        }
    }

    private void writeFiles(OutputStream out) throws IOException, InterruptedException {
        KeptFiles files = new KeptFiles(kept, image);
        if (!files.isSplit()) {
            try (InputStream layer = files.only().open()) {
                LayerTar.copy(layer, out);
            }
            out.flush();
            return;
        }
        LayerTar tar = new LayerTar(out);
        for (KeptFiles.Part part : files.parts()) {
            try (InputStream layer = part.open()) {
                tar.add(part.folder(), Instant.EPOCH, layer);
            }
        }
        tar.finish();
    }

    private static void write(Destination to, DockerLoad.ArchiveWriter archive)
            throws IOException, InterruptedException {
        switch (to) {
            case Destination.File(Path path) -> named(path.toString(), () -> writeFile(path, archive));
            case Destination.StandardOutput() -> named("standard output", () -> {
                // System.out would swallow a failure.
                OutputStream out = new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), 256 << 10);
                archive.write(out);
                out.flush();
            });
            case Destination.Docker() -> named("docker", () -> DockerLoad.load(archive));
        }
    }

    private static void writeFile(Path path, DockerLoad.ArchiveWriter archive)
            throws IOException, InterruptedException {
        Path absolute = path.toAbsolutePath();
        if (Files.exists(absolute) && !Files.isRegularFile(absolute)) {
            // A pipe or a device is written to, and not replaced by a file.
            try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(absolute), 256 << 10)) {
                archive.write(out);
            }
            return;
        }
        Path parent = Files.createDirectories(absolute.resolveSibling(".").normalize());
        Path temp = Files.createTempFile(parent, ".kiln-", ".new", OwnFiles.readableByAll());
        try {
            try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(temp), 256 << 10)) {
                archive.write(out);
            }
            Files.move(temp, absolute, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(temp);
        }
    }

    private interface Writing {
        void run() throws IOException, InterruptedException;
    }

    private static void named(String where, Writing writing) throws IOException, InterruptedException {
        try {
            writing.run();
        } catch (IOException e) {
            throw new IOException("writing the output to " + where + " failed: "
                    + (e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage()), e);
        }
    }
}
