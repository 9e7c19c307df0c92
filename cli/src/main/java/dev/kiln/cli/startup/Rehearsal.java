package dev.kiln.cli.startup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import dev.kiln.cli.Main;

/**
 * Runs the commands that people wait for once, so that the JVM, told to by its flags, can keep what it loaded for them. The
 * launcher does this after it has built the jars. Nothing is built, and nothing but loopback is used.
 */
public final class Rehearsal {
    private Rehearsal() {}

    public static void main(String[] args) throws IOException {
        Path folder = Files.createTempDirectory("kiln-rehearsal-");
        Path dockerfile = folder.resolve("Dockerfile");
        int exit;
        try (RehearsedFarm farm = RehearsedFarm.open()) {
            Files.writeString(dockerfile, "FROM scratch\nCOPY . /\n");
            exit = Main.run("build", "--addr", farm.address(), "--progress", "plain", "-t", "rehearsal",
                    folder.toString());
        } finally {
            Files.deleteIfExists(dockerfile);
            Files.delete(folder);
        }
        System.exit(exit);
    }
}
