package dev.kiln.executor.snapshot;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;

import dev.kiln.layercache.posix.FileStat;
import dev.kiln.layercache.posix.FileStat.Owner;
import dev.kiln.layercache.posix.Posix;
import dev.kiln.layercache.posix.RawPath;

/** What the root directory of a stack looks like. An overlay takes it from its topmost layer, whatever that is. */
record RootAttributes(int mode, Owner owner, Instant modified) {

    /** Of a stack in which no layer says anything about it. */
    static final RootAttributes DEFAULT = new RootAttributes(0755, Owner.ROOT, Instant.EPOCH);

    static RootAttributes of(Path directory) throws IOException {
        FileStat stat = Posix.lstat(RawPath.of(directory));
        return new RootAttributes(stat.mode(), stat.owner(), stat.modified());
    }

    void applyTo(Path directory) throws IOException {
        RawPath path = RawPath.of(directory);
        Posix.chown(path, owner);
        Posix.chmod(path, mode);
        Posix.setModified(path, modified);
    }

    /** True when the two differ in what a step may have set on purpose; the time changes with every file. */
    boolean differsIn(RootAttributes other) {
        return mode != other.mode || !owner.equals(other.owner);
    }
}
