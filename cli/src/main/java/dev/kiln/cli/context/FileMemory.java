package dev.kiln.cli.context;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import dev.kiln.layercache.context.ContextEntry;
import dev.kiln.layercache.context.ContextListing;
import dev.kiln.layercache.layer.ExtractLimits;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.posix.RawPath;

/**
 * What a folder held when it was sent the last time: spares reading files that have not changed, and sending what a farm has.
 * A file has not changed when size, inode, time of data and time of change are the same, and the latter had been over for a
 * while when it was looked at, for a clock stands still between two ticks.
 *
 * <p>Only ever a help: what is missing or damaged is as if it had never been, and the farm checks every digest.
 */
public final class FileMemory {
    private static final int MAGIC = 0x4b4d454d;
    private static final Duration TICK = Duration.ofSeconds(2);
    private static final int MOST = 64;
    private static final long MAX_FILE = 256L << 20;

    private final Path file;
    private final Map<RawPath, Known> files;
    private final Optional<Sent> sent;

    private record Known(FileFacts facts, Digest data) {}

    /** @param layout how the farm calls the context with this listing */
    public record Sent(String farm, Digest layout, ContextListing listing) {}

    private FileMemory(Path file, Map<RawPath, Known> files, Optional<Sent> sent) {
        this.file = file;
        this.files = files;
        this.sent = sent;
    }

    /** What is remembered of the folder, in {@code $XDG_CACHE_HOME/kiln/contexts} or {@code ~/.cache/kiln/contexts}. */
    public static FileMemory of(Path folder, Map<String, String> environment) {
        Path home = Optional.ofNullable(environment.get("XDG_CACHE_HOME"))
            .filter(path -> path.startsWith("/"))
            .map(Path::of)
            .orElseGet(() -> Path.of(environment.getOrDefault("HOME", "/"), ".cache"));
        String name = Digest.sha256(folder.toString().getBytes(StandardCharsets.UTF_8)).hex();
        return read(home.resolve("kiln").resolve("contexts").resolve(name));
    }

    private static FileMemory read(Path file) {
        try {
            if (Files.isRegularFile(file) && Files.size(file) <= MAX_FILE) {
                return decode(file, Files.readAllBytes(file));
            }
        } catch (IOException | IllegalArgumentException _) {
            // damaged, or of another version: as if there were none
        }
        return new FileMemory(file, Map.of(), Optional.empty());
    }

    private static FileMemory decode(Path file, byte[] bytes) throws IOException {
        int body = Math.max(0, bytes.length - 32);
        byte[] check = Digest.newSha256().digest(Arrays.copyOf(bytes, body));
        if (!Arrays.equals(check, Arrays.copyOfRange(bytes, body, bytes.length))) {
            throw new IOException(file + " is damaged");
        }
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes, 0, body));
        if (in.readInt() != MAGIC) {
            throw new IOException(file + " is of another version");
        }
        String farm = in.readUTF();
        Digest layout = Digest.parse(in.readUTF());
        ContextListing listing = ContextListing.read(in.readNBytes(in.readInt()), ExtractLimits.CONTEXT);
        Map<RawPath, Known> files = HashMap.newHashMap(listing.entries().size());
        for (ContextEntry.File entry : listing.files()) {
            Instant changed = Instant.ofEpochSecond(in.readLong(), in.readInt());
            long inode = in.readLong();
            if (inode != 0) {
                FileFacts facts = new FileFacts(0, entry.size(), entry.modified(), changed, inode);
                files.put(entry.name(), new Known(facts, entry.data()));
            }
        }
        return new FileMemory(file, files, Optional.of(new Sent(farm, layout, listing)));
    }

    /** The digest of the file's data, when it is known that the file has not changed. */
    Optional<Digest> recall(RawPath name, FileFacts now) {
        Known known = files.get(name);
        return known != null && known.facts.size() == now.size() && known.facts.inode() == now.inode()
                && known.facts.modified().equals(now.modified()) && known.facts.changed().equals(now.changed())
                        ? Optional.of(known.data)
                        : Optional.empty();
    }

    /** What this farm was sent the last time. */
    public Optional<Sent> sentTo(String farm) {
        return sent.filter(s -> s.farm.equals(farm));
    }

    /** Remembers that the farm has what was seen. That it cannot be written, for want of space or rights, does no harm. */
    public void save(String farm, Digest layout, FolderFiles.Seen seen) {
        Path folder = file.resolveSibling(".").normalize();
        try {
            Files.createDirectories(folder,
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            Path temp = Files.createTempFile(folder, "new-", "");
            try {
                Files.write(temp, encode(farm, layout, seen));
                Files.move(temp, file, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(temp);
            }
            forgetOld(folder);
        } catch (IOException _) {
            // the next build reads its files again
        }
    }

    private static byte[] encode(String farm, Digest layout, FolderFiles.Seen seen) throws IOException {
        byte[] listing = seen.listing().bytes();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(listing.length + 20 * seen.facts().size() + 200);
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeInt(MAGIC);
        out.writeUTF(farm);
        out.writeUTF(layout.toString());
        out.writeInt(listing.length);
        out.write(listing);
        Instant settled = seen.at().minus(TICK);
        for (ContextEntry.File entry : seen.listing().files()) {
            FileFacts facts = seen.facts().get(entry.name());
            if (facts != null && facts.changed().isBefore(settled) && facts.modified().isBefore(settled)) {
                out.writeLong(facts.changed().getEpochSecond());
                out.writeInt(facts.changed().getNano());
                out.writeLong(facts.inode());
            } else {
                out.writeLong(0);
                out.writeInt(0);
                out.writeLong(0);
            }
        }
        out.write(Digest.newSha256().digest(bytes.toByteArray()));
        return bytes.toByteArray();
    }

    private static void forgetOld(Path folder) throws IOException {
        List<Path> all = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            files.forEach(all::add);
        }
        if (all.size() > MOST) {
            Map<Path, Instant> times = new HashMap<>();
            for (Path path : all) {
                times.put(path, Files.getLastModifiedTime(path).toInstant());
            }
            all.sort(Comparator.comparing(path -> times.getOrDefault(path, Instant.EPOCH)));
            for (Path path : all.subList(0, all.size() - MOST)) {
                Files.deleteIfExists(path);
            }
        }
    }
}
