package dev.kiln.executor.runtime;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

import dev.kiln.executor.runtime.MountPlacement.Placed;
import dev.kiln.layercache.posix.FileStat;
import dev.kiln.layercache.posix.FileType;
import dev.kiln.layercache.posix.Posix;
import dev.kiln.layercache.posix.RawPath;

/**
 * Tells why a program cannot be started, as a shell would: 127 not found, 126 found but not executable. Asked when a runtime
 * has failed, to tell a mistake in the step from trouble on this host.
 */
final class ExecutableCheck {
    static final int NOT_FOUND = 127;
    static final int NOT_EXECUTABLE = 126;

    private static final int START = 64 << 10;
    private static final int ELF_INTERPRETER = 3;

    private final ContainerRoot root;
    private final List<Placed> mounts;

    /** @param mounts in the order of mounting */
    ExecutableCheck(ContainerRoot root, List<Placed> mounts) {
        this.root = root;
        this.mounts = mounts;
    }

    /** The exit code that says what is wrong with the program, or empty when nothing is. */
    OptionalInt problem(ProcessSpec process) throws IOException {
        if (process.args().isEmpty() || process.args().getFirst().isEmpty()) {
            return OptionalInt.of(NOT_FOUND);
        }
        String program = process.args().getFirst();
        if (program.contains("/")) {
            return problem(program.startsWith("/") ? program : process.cwd() + "/" + program);
        }
        String path = process.env()
            .stream()
            .filter(e -> e.startsWith("PATH="))
            .map(e -> e.substring(5))
            .reduce((_, last) -> last)
            .orElse("");
        OptionalInt found = OptionalInt.of(NOT_FOUND);
        for (String directory : path.isEmpty() ? List.<String>of() : List.of(path.split(":"))) {
            OptionalInt problem = problem(directory + "/" + program);
            if (problem.isEmpty()) {
                return problem;
            }
            if (problem.getAsInt() == NOT_EXECUTABLE) {
                found = problem;
            }
        }
        return found;
    }

    /** Where a path is on the host: below the innermost mount whose target is its start, else in the root. */
    private RawPath locate(String path, List<Placed> mounts) throws IOException {
        for (Placed mount : mounts.reversed()) {
            if (path.equals(mount.target()) && !mount.directory()) {
                return RawPath.ofUtf8(mount.source());
            }
            if (MountPlacement.isBelow(path, mount.target()) && mount.shown().isPresent()) {
                return new ContainerRoot(RawPath.of(mount.shown().get()))
                    .resolve(path.substring(mount.target().length()));
            }
        }
        return root.resolve(path);
    }

    private OptionalInt problem(String path) throws IOException {
        RawPath file = locate(path, mounts);
        Optional<FileStat> stat = Posix.lstatIfExists(file);
        if (stat.isEmpty()) {
            return OptionalInt.of(NOT_FOUND);
        }
        if (stat.get().type() != FileType.REGULAR || (stat.get().mode() & 0111) == 0) {
            return OptionalInt.of(NOT_EXECUTABLE);
        }
        byte[] start = ContainerRoot.readStart(file, START);
        Optional<String> interpreter = Optional.empty();
        if (start.length > 2 && start[0] == '#' && start[1] == '!') {
            interpreter = Optional.of(script(start));
        } else if (start.length > 4 && start[0] == 0x7f && start[1] == 'E' && start[2] == 'L' && start[3] == 'F') {
            interpreter = elf(start);
        } else {
            return OptionalInt.of(NOT_EXECUTABLE);
        }
        boolean missing = interpreter.isPresent()
                && Posix.lstatIfExists(locate(interpreter.get(), mounts)).isEmpty();
        return missing ? OptionalInt.of(NOT_FOUND) : OptionalInt.empty();
    }

    /** What stands behind {@code #!}, without arguments. */
    private static String script(byte[] start) {
        String line = new String(start, StandardCharsets.UTF_8).lines().findFirst().orElse("").substring(2).strip();
        return line.split("[ \t]", 2)[0];
    }

    /** The loader that a 64-bit program names in its program headers, when it has one. */
    private static Optional<String> elf(byte[] start) {
        boolean wide = start.length > 64 && start[4] == 2;
        if (!wide) {
            return Optional.empty();
        }
        ByteBuffer elf = ByteBuffer.wrap(start).order(start[5] == 2 ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
        long headers = elf.getLong(32);
        int size = Short.toUnsignedInt(elf.getShort(54));
        int count = Short.toUnsignedInt(elf.getShort(56));
        for (int i = 0; i < count; i++) {
            long header = headers + (long) i * size;
            if (header < 0 || header + 56 > start.length) {
                break;
            }
            if (elf.getInt((int) header) == ELF_INTERPRETER) {
                return text(start, elf.getLong((int) header + 8), elf.getLong((int) header + 32));
            }
        }
        return Optional.empty();
    }

    private static Optional<String> text(byte[] start, long offset, long length) {
        if (offset < 0 || length < 1 || length > 4096 || offset + length > start.length) {
            return Optional.empty();
        }
        return Optional.of(new String(start, (int) offset, (int) length - 1, StandardCharsets.UTF_8));
    }
}
