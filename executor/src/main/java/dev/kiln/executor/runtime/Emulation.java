package dev.kiln.executor.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import dev.kiln.executor.runtime.RuntimeFailure.Code;
import dev.kiln.layercache.oci.Platform;
import dev.kiln.layercache.posix.Posix;
import dev.kiln.layercache.posix.RawPath;

/**
 * Whether this machine runs the programs of another processor: by itself, or because its kernel knows an emulator for them
 * (binfmt_misc). Found out by running one, in a root of its own: an emulator that is looked for in the root of the program
 * is not there in a container either. What was found to run is remembered; for the rest an emulator can be installed at
 * any time. Safe for many threads.
 */
final class Emulation {
    private static final String PROGRAM = "program";
    private static final int TRIES = 5;

    private final Path folder;
    private final Set<String> running = ConcurrentHashMap.newKeySet();

    /** @param folder for files that live as long as a call; of this executor alone */
    Emulation(Path folder) {
        this.folder = folder;
    }

    /** @throws RuntimeFailure that says what to install, when programs for this platform do not run here */
    void require(Platform platform) throws IOException, InterruptedException {
        Platform wanted = platform.normalized();
        if (!wanted.os().equals("linux")) {
            throw new RuntimeFailure(Code.STEP, "this executor (" + Platform.host() + ") runs no programs for "
                    + wanted.os() + "; a stage for it can only take files from others");
        }
        if (running.contains(wanted.architecture())) {
            return;
        }
        byte[] program = TinyPrograms.of(wanted.architecture())
            .orElseThrow(() -> new RuntimeFailure(Code.STEP, "this executor (" + Platform.host()
                    + ") cannot tell whether it runs programs for " + wanted + ", which it does not know"));
        Optional<String> trouble = trouble(program);
        if (trouble.isPresent()) {
            throw new RuntimeFailure(Code.STEP, "this executor (" + Platform.host() + ") runs no programs for " + wanted
                    + " (" + trouble.get() + "): its kernel needs an emulator for them. On Debian: apt-get install"
                    + " qemu-user-static binfmt-support. Or build on an executor of that platform, or cross-compile in"
                    + " a stage that is FROM --platform=$BUILDPLATFORM");
        }
        running.add(wanted.architecture());
    }

    /** The platforms whose programs run here now, this machine's own first. */
    List<String> platforms() throws IOException, InterruptedException {
        List<String> platforms = new ArrayList<>(List.of(Platform.host().toString()));
        for (String architecture : TinyPrograms.architectures()) {
            Platform platform = new Platform("linux", architecture, Optional.empty());
            if (!architecture.equals(Platform.host().architecture())
                    && trouble(TinyPrograms.of(architecture).orElseThrow()).isEmpty()) {
                platforms.add(platform.toString());
            }
        }
        return platforms;
    }

    private Optional<String> trouble(byte[] program) throws IOException, InterruptedException {
        Path chroot = Tool.find("chroot")
            .orElseThrow(() -> new RuntimeFailure("chroot is missing on this executor (Debian package coreutils)"));
        Path root = Files.createTempDirectory(Files.createDirectories(folder), "");
        Path file = root.resolve(PROGRAM);
        try {
            Files.write(file, program);
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
            return trouble(List.of(chroot.toString(), root.toString(), "/" + PROGRAM));
        } finally {
            Files.deleteIfExists(file);
            Files.delete(root);
        }
    }

    /** Removes what a killed executor left. */
    void clean() throws IOException {
        if (Files.exists(folder)) {
            Posix.deleteTree(RawPath.of(folder));
        }
    }

    /** A process that this one started just before the file was closed may hold it open for a moment more. */
    private static Optional<String> trouble(List<String> command) throws IOException, InterruptedException {
        Tool.Outcome outcome = Tool.tryRun("", command);
        for (int i = 1; i < TRIES && outcome.output().contains("Text file busy"); i++) {
            Thread.sleep(20L << i);
            outcome = Tool.tryRun("", command);
        }
        if (outcome.exitCode() == 0) {
            return Optional.empty();
        }
        String said = outcome.output().strip();
        return Optional.of(said.isEmpty()
                ? "exit code " + outcome.exitCode()
                : said.substring(said.lastIndexOf(": ") < 0 ? 0 : said.lastIndexOf(": ") + 2));
    }
}
