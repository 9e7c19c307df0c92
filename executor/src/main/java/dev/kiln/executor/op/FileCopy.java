package dev.kiln.executor.op;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import dev.kiln.executor.graph.CopyItem;
import dev.kiln.executor.graph.OpSpec;
import dev.kiln.executor.op.SourceSelection.Selected;
import dev.kiln.executor.solver.StepFailed;
import dev.kiln.layercache.posix.FileStat;
import dev.kiln.layercache.posix.FileStat.Owner;
import dev.kiln.layercache.posix.Posix;
import dev.kiln.layercache.posix.RawPath;

/**
 * Where the sources of one COPY go, by BuildKit's rules. A directory's contents go into the destination, which becomes a
 * directory. A file goes into a destination that is a directory or is written with a slash at its end, and else becomes
 * the destination. Links in the destination are followed, inside the root.
 */
record FileCopy(Root from, Root to, OpSpec.Copy spec) {

    void run(FileThreads threads) throws IOException, StepFailed, InterruptedException {
        threads.run(() -> {
            copyAll();
            return true;
        });
    }

    private void copyAll() throws IOException, StepFailed, InterruptedException {
        Optional<Owner> owner = spec.owner().isEmpty()
                ? Optional.empty()
                : Optional.of(new Accounts(to).find(spec.owner().get(), Accounts.Unknown.FAILS));
        DirectoryMaker directories = new DirectoryMaker(to, owner);
        List<CopyItem.Paths> paths = plainPaths(spec);
        TreeCopier copier = new TreeCopier(to,
                new Ownership(owner, paths.stream().anyMatch(CopyItem.Paths::resetOwner)));
        SourceSelection selection = new SourceSelection(from);
        for (CopyItem.Paths source : paths) {
            for (Selected selected : selection.select(source.path())) {
                copy(selected, directories, copier);
            }
        }
    }

    private void copy(Selected selected, DirectoryMaker directories, TreeCopier copier)
            throws IOException, StepFailed, InterruptedException {
        RawPath destination = to.follow(spec.destination());
        if (spec.destination().endsWith("/")) {
            directories.make(destination);
        }
        if (selected.stat().isDirectory()) {
            if (!isDirectory(destination) && Posix.lstatIfExists(destination).isPresent()) {
                throw new StepFailed("cannot copy to non-directory: " + to.inside(destination), Optional.empty());
            }
            directories.make(destination);
            copier.copyContents(selected.file(), selected.stat(), destination);
            return;
        }
        RawPath target = isDirectory(destination) ? destination.resolve(selected.name().name()) : destination;
        directories.make(target.parent());
        copier.copyFile(selected.file(), selected.stat(), target);
    }

    private static boolean isDirectory(RawPath path) throws IOException {
        return Posix.lstatIfExists(path).filter(FileStat::isDirectory).isPresent();
    }

    /** The paths of a copy that asks for nothing else. */
    static List<CopyItem.Paths> plainPaths(OpSpec.Copy spec) throws StepFailed {
        List<CopyItem.Paths> paths = new ArrayList<>();
        for (CopyItem item : spec.items()) {
            if (!(item instanceof CopyItem.Paths plain) || plain.below().isPresent() || plain.unpack()
                    || spec.mode().isPresent() || !spec.excludes().isEmpty()) {
                throw new StepFailed("this form of COPY is not supported yet", Optional.empty());
            }
            paths.add(plain);
        }
        return paths;
    }
}
