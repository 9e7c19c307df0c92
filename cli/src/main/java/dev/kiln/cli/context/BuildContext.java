package dev.kiln.cli.context;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

import dev.kiln.dockerfile.ignore.IgnoreFileException;
import dev.kiln.dockerfile.ignore.IgnorePatterns;
import dev.kiln.layercache.layer.ContextArchive;
import dev.kiln.layercache.layer.ExtractLimits;
import dev.kiln.queue.job.BuildFiles;
import dev.kiln.queue.job.ContextRef;

/** What CONTEXT and {@code -f} of a command mean, ready to be sent. Closing it removes what it kept aside. */
public final class BuildContext implements AutoCloseable {
    /** More than the language takes. */
    private static final int MAX_DOCKERFILE = 16 << 20;

    /** The files of the build. */
    public sealed interface Source {

        /** To be uploaded as it is. */
        record Archive(ContextTar tar) implements Source {}

        /** To be uploaded as far as the farm lacks it. */
        record Folder(FolderFiles files) implements Source {}

        /** To be fetched by the farm, or none at all. */
        record Elsewhere(ContextRef reference) implements Source {}
    }

    private final Source source;
    private final String dockerfile;
    private final @Nullable ContextTar dockerfileFrom;
    private final Optional<String> ignorePatterns;
    private final byte @Nullable [] text;

    private BuildContext(Source source, String dockerfile, @Nullable ContextTar dockerfileFrom,
            Optional<String> ignorePatterns, byte @Nullable [] text) {
        this.source = source;
        this.dockerfile = dockerfile;
        this.dockerfileFrom = dockerfileFrom;
        this.ignorePatterns = ignorePatterns;
        this.text = text;
    }

    /**
     * Gathers a context.
     *
     * @param where a folder, the address of a repository or of a file, or {@code -} for standard input: a tar, or a
     *        Dockerfile without files
     * @param file the Dockerfile: {@code -} for standard input; with a folder a path on this machine, else a path in the
     *        context, where an absolute one is on this machine when the context is at an address
     * @throws ContextException when there is no such context or no such Dockerfile
     */
    public static BuildContext open(String where, Optional<String> file, InputStream stdin)
            throws ContextException, IOException {
        boolean fileOnStdin = file.filter("-"::equals).isPresent();
        if (where.equals("-")) {
            if (fileOnStdin) {
                throw new ContextException("invalid argument: can't use stdin for both build context and dockerfile");
            }
            return onStdin(new StandardInput(stdin), file);
        }
        if (file.filter(f -> f.startsWith("http://") || f.startsWith("https://")).isPresent()) {
            throw new ContextException("a Dockerfile at an address is not supported: download it and pipe it to -f -");
        }
        Path folder = Path.of(where);
        if (Files.isDirectory(folder)) {
            return fileOnStdin ? textOnStdin(folder, read(stdin, "standard input")) : folder(folder, file);
        }
        Optional<ContextRef> address = Addresses.find(where);
        if (address.isEmpty()) {
            throw new ContextException(Files.exists(folder)
                    ? "unable to prepare context: path \"" + where + "\" is not a folder"
                    : "unable to prepare context: path \"" + where + "\" not found");
        }
        Source source = new Source.Elsewhere(address.get());
        if (fileOnStdin) {
            return alone(source, BuildFiles.USUAL_DOCKERFILE, read(stdin, "standard input"), Optional.empty());
        }
        Optional<Path> local = file.map(Path::of).filter(Path::isAbsolute);
        return local.isPresent()
                ? alone(source, name(local.get()), read(local.get()), Optional.empty())
                : new BuildContext(source, file.orElse(BuildFiles.USUAL_DOCKERFILE), null, Optional.empty(), null);
    }

    /** A folder beside the main context; its own .dockerignore applies. */
    public static FolderFiles folder(Path folder) throws ContextException, IOException {
        return LocalFolder.open(folder, Optional.empty()).files();
    }

    private static BuildContext onStdin(StandardInput input, Optional<String> file)
            throws ContextException, IOException {
        if (input.isArchive()) {
            return new BuildContext(new Source.Archive(ContextTar.ofArchive(input.open())),
                    file.orElse(BuildFiles.USUAL_DOCKERFILE), null, Optional.empty(), null);
        }
        if (file.isPresent()) {
            throw new ContextException("ambiguous Dockerfile source: both stdin and flag correspond to Dockerfiles");
        }
        return alone(new Source.Elsewhere(new ContextRef.Empty()), BuildFiles.USUAL_DOCKERFILE,
                read(input.open(), "standard input"), Optional.empty());
    }

    private static BuildContext textOnStdin(Path path, byte[] text) throws ContextException, IOException {
        LocalFolder folder = LocalFolder.open(path, Optional.empty());
        return alone(new Source.Folder(folder.files()), BuildFiles.USUAL_DOCKERFILE, text, folder.patterns());
    }

    private static BuildContext folder(Path path, Optional<String> file) throws ContextException, IOException {
        Path dockerfile = ContextFiles.dockerfile(path, file);
        LocalFolder folder = LocalFolder.open(path, Optional.of(dockerfile));
        byte[] text = read(dockerfile);
        Optional<String> name = folder.nameOf(dockerfile);
        Source source = new Source.Folder(folder.files());
        return name.isPresent()
                ? new BuildContext(source, name.get(), null, folder.patterns(), text)
                : alone(source, name(dockerfile), text, folder.patterns());
    }

    /** A Dockerfile that is sent apart from the files. */
    private static BuildContext alone(Source source, String name, byte[] text, Optional<String> patterns)
            throws IOException {
        return new BuildContext(source, name, ContextTar.ofFile(name, text), patterns, text);
    }

    private static String name(Path file) {
        return String.valueOf(file.getFileName());
    }

    private static byte[] read(Path file) throws ContextException, IOException {
        if (!Files.isRegularFile(file)) {
            throw new ContextException("failed to read the Dockerfile: open " + file + ": no such file or directory");
        }
        try (InputStream in = Files.newInputStream(file)) {
            return read(in, file.toString());
        }
    }

    private static byte[] read(InputStream in, String what) throws ContextException, IOException {
        byte[] text = in.readNBytes(MAX_DOCKERFILE + 1);
        if (text.length > MAX_DOCKERFILE) {
            throw new ContextException(what + " has more than " + MAX_DOCKERFILE + " bytes, so it is no Dockerfile");
        }
        return text;
    }

    public Source source() {
        return source;
    }

    /** Path of the Dockerfile in {@link #dockerfileFrom}, or else in the context. */
    public String dockerfile() {
        return dockerfile;
    }

    /** A tar with the Dockerfile when the context does not have it. */
    public Optional<ContextTar> dockerfileFrom() {
        return Optional.ofNullable(dockerfileFrom);
    }

    /** The .dockerignore file that was applied, unless it is too large to be sent along. */
    public Optional<String> ignorePatterns() {
        return ignorePatterns;
    }

    /** What was left out of the context; nothing that is known of for one that came whole. */
    public IgnorePatterns ignored() throws ContextException {
        try {
            return ignorePatterns.isEmpty()
                    ? IgnorePatterns.NONE
                    : IgnorePatterns.parse(ignorePatterns.get().getBytes(StandardCharsets.UTF_8));
        } catch (IgnoreFileException e) {
            throw new ContextException(".dockerignore:" + e.line() + ": " + e.getMessage());
        }
    }

    /** Whether {@link #text} has one here to give. */
    public boolean hasText() {
        return text != null || source instanceof Source.Archive;
    }

    /**
     * The text of the Dockerfile.
     *
     * @throws ContextException when only the farm can fetch it
     */
    public byte[] text() throws ContextException, IOException {
        if (text != null) {
            return text.clone();
        }
        if (source instanceof Source.Archive(ContextTar tar)) {
            return new ContextArchive(ExtractLimits.CONTEXT).readFile(tar::open, dockerfile, MAX_DOCKERFILE)
                .orElseThrow(() -> new ContextException("the context has no file " + dockerfile
                        + "; name the Dockerfile by its path in the context with -f"));
        }
        throw new ContextException("the Dockerfile is at an address, which only a build on the farm fetches: give the"
                + " file with -f, as an absolute path");
    }

    @Override
    public void close() throws IOException {
        if (dockerfileFrom != null) {
            dockerfileFrom.close();
        }
        if (source instanceof Source.Archive(ContextTar tar)) {
            tar.close();
        }
    }
}
