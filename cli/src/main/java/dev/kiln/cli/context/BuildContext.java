package dev.kiln.cli.context;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

import dev.kiln.dockerfile.ignore.IgnorePatterns;
import dev.kiln.layercache.layer.ContextWriter;
import dev.kiln.layercache.oci.Digest;

/** A context ready to be sent. Closing it removes what it kept aside. */
public final class BuildContext implements AutoCloseable {
    private final Spool spool;
    private final Digest digest;
    private final String dockerfile;

    private BuildContext(Spool spool, Digest digest, String dockerfile) {
        this.spool = spool;
        this.digest = digest;
        this.dockerfile = dockerfile;
    }

    /**
     * Gathers a context.
     *
     * @param where a folder, or {@code -} for a tar on standard input
     * @param file the Dockerfile: with a folder a path on this machine, with a tar a path in it
     * @throws ContextException when there is no such context or the Dockerfile is not in it
     */
    public static BuildContext open(String where, Optional<String> file) throws ContextException, IOException {
        if (where.startsWith("http://") || where.startsWith("https://") || where.startsWith("git://")
                || where.startsWith("git@")) {
            throw new ContextException("a context at an address is not supported yet: " + where
                    + " (fetch it, and give the folder)");
        }
        Spool spool = new Spool();
        try {
            String dockerfile = where.equals("-") ? tar(spool, file) : folder(Path.of(where), file, spool);
            return new BuildContext(spool, spool.finish(), dockerfile);
        } catch (IOException | ContextException | RuntimeException e) {
            spool.close();
            throw e;
        }
    }

    private static String tar(Spool spool, Optional<String> file) throws IOException {
        System.in.transferTo(spool);
        return file.orElse("Dockerfile");
    }

    private static String folder(Path folder, Optional<String> file, Spool spool)
            throws ContextException, IOException {
        if (!Files.isDirectory(folder)) {
            throw new ContextException("the context " + folder + " is not a folder");
        }
        Path root = folder.toRealPath();
        Path dockerfile = ContextFiles.dockerfile(folder, file);
        IgnorePatterns ignored = ContextFiles.ignored(root, dockerfile);
        String name = inContext(root, dockerfile, ignored);
        ContextWriter out = new ContextWriter(spool);
        new FolderWalk(root, ignored, out).write();
        out.finish();
        return name;
    }

    private static String inContext(Path root, Path dockerfile, IgnorePatterns ignored)
            throws ContextException, IOException {
        Path parent = Optional.ofNullable(dockerfile.toAbsolutePath().getParent()).orElse(root);
        Path real = parent.toRealPath().resolve(dockerfile.getFileName());
        if (!real.startsWith(root)) {
            throw new ContextException("the Dockerfile " + dockerfile + " is outside of the context " + root
                    + ", which is not supported yet: move it into the context");
        }
        String name = root.relativize(real).toString();
        if (ignored.ignores(name)) {
            throw new ContextException("the Dockerfile " + name
                    + " is ignored by .dockerignore, which is not supported yet: add the line !" + name);
        }
        return name;
    }

    public Digest digest() {
        return digest;
    }

    public long size() {
        return spool.size();
    }

    /** Path of the Dockerfile in the context. */
    public String dockerfile() {
        return dockerfile;
    }

    /** The bytes of the archive. */
    public InputStream open() throws IOException {
        return spool.open();
    }

    @Override
    public void close() throws IOException {
        spool.close();
    }
}
