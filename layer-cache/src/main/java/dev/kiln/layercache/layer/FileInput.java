package dev.kiln.layercache.layer;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;

import dev.kiln.layercache.posix.FileHandle;
import dev.kiln.layercache.posix.RawPath;

/** The content of a file whose name need not fit a {@link java.nio.file.Path}; not through a symbolic link. Gives up when interrupted. */
final class FileInput extends InputStream {
    private final FileHandle file;

    FileInput(RawPath path) throws IOException {
        file = FileHandle.openForReading(path);
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        if (Thread.interrupted()) {
            throw new InterruptedIOException("reading a file was interrupted");
        }
        return length == 0 ? 0 : file.read(ByteBuffer.wrap(into, offset, length));
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
