package dev.kiln.executor.source;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

import dev.kiln.executor.op.ContextTrees;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.posix.RawPath;

/** A context as a directory. It stays as it is until closed, and must not be changed. */
public final class UnpackedContext implements ContextTrees.Tree {
    private final UnpackedContexts.Handle handle;

    UnpackedContext(UnpackedContexts.Handle handle) {
        this.handle = handle;
    }

    @Override
    public Path root() {
        return handle.root();
    }

    @Override
    public Map<RawPath, Digest> known() {
        return handle.known();
    }

    /**
     * The bytes of the Dockerfile. Links are followed inside the context; {@code Dockerfile} may also be spelled
     * {@code dockerfile} there.
     *
     * @param path inside the context, as the request names it
     * @throws ContextException {@code NO_DOCKERFILE} when it is not there, no file, or too large
     */
    public byte[] dockerfile(String path) throws ContextException {
        try {
            return new ContextFiles(root()).dockerfile(path);
        } catch (ContextException e) {
            throw e;
        } catch (IOException | IllegalArgumentException e) {
            throw new ContextException(ContextException.Code.NO_DOCKERFILE,
                    "failed to read dockerfile: " + path + ": " + e.getMessage(), false, e);
        }
    }

    /** Gives the directory back; does nothing the second time. */
    @Override
    public void close() {
        handle.close();
    }
}
