package dev.kiln.executor.op;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.IntFunction;

import dev.kiln.dockerfile.instruction.ChmodSpec;
import dev.kiln.executor.graph.CopyItem;
import dev.kiln.executor.graph.OpSpec;
import dev.kiln.executor.op.SourceSelection.Selected;
import dev.kiln.executor.solver.Op.StepLog;
import dev.kiln.executor.solver.StepFailed;
import dev.kiln.layercache.layer.Archives;
import dev.kiln.layercache.layer.ExtractLimits;
import dev.kiln.layercache.layer.LayerException;
import dev.kiln.layercache.layer.Owners;
import dev.kiln.layercache.posix.FileStat;
import dev.kiln.layercache.posix.FileStat.Owner;
import dev.kiln.layercache.posix.Posix;
import dev.kiln.layercache.posix.RawPath;

/**
 * Where the sources of one COPY or ADD go, by BuildKit's rules. A directory's contents go into the destination, which
 * becomes a directory. A file goes into a destination that is a directory or is written with a slash at its end, and else
 * becomes the destination. An archive that is to be unpacked goes into the destination as a directory's contents do, and
 * keeps its own modes. Links in the destination are followed, inside the root.
 *
 * <p>For one thread.
 */
final class FileCopy {
    static final String MATCHED_NOTHING = "CopyMatchedNothing";
    private static final int PERMISSIONS = 0777;

    private final OpSpec.Copy spec;
    private final Root to;
    private final IntFunction<Root> inputs;
    private final Optional<Owner> owner;
    private final Optional<ChmodSpec> mode;
    private final DirectoryMaker directories;
    private final StepLog log;

    /**
     * @param inputs the roots of the inputs that the items name
     * @param owner what {@code --chown} means
     */
    FileCopy(OpSpec.Copy spec, Root to, IntFunction<Root> inputs, Optional<Owner> owner, StepLog log) {
        this.spec = spec;
        this.to = to;
        this.inputs = inputs;
        this.owner = owner;
        this.log = log;
        mode = spec.mode().map(ChmodSpec::parse);
        int made = !spec.linked() && mode.isPresent() && mode.get() instanceof ChmodSpec.Octal(int octal)
                ? octal & PERMISSIONS
                : DirectoryMaker.USUAL_MODE;
        directories = new DirectoryMaker(to, made, owner, Optional.empty());
    }

    void run() throws IOException, StepFailed, InterruptedException {
        for (CopyItem item : spec.items()) {
            switch (item) {
                case CopyItem.Paths paths -> copy(new CopySource(paths, spec));
                case CopyItem.Inline(var name, var content) -> copier().write(
                        content.getBytes(StandardCharsets.UTF_8), placeForFile(RawPath.ofUtf8(name)));
            }
        }
    }

    private TreeCopier copier() {
        return new TreeCopier(to, new TreeCopier.Look(owner, mode));
    }

    private void copy(CopySource source) throws IOException, StepFailed, InterruptedException {
        TreeCopier copier = copier();
        boolean any = false;
        for (Selected selected : source.select(inputs.apply(source.item().input()))) {
            any |= source.item().unpack() && unpacked(selected) || copy(source, selected, copier);
        }
        if (!any && source.mayBeEmpty()) {
            log.warning(MATCHED_NOTHING, GoQuote.quote(source.describe().substring(1))
                    + " matches no file, so nothing is copied for it");
        }
    }

    private boolean copy(CopySource source, Selected selected, TreeCopier copier)
            throws IOException, StepFailed, InterruptedException {
        if (!selected.stat().isDirectory()) {
            source.checkFile();
            copier.copyFile(selected.file(), selected.stat(), placeForFile(selected.name().name()));
            return true;
        }
        RawPath destination = destination();
        Optional<FileStat> there = Posix.lstatIfExists(destination);
        if (there.isPresent() && !there.get().isDirectory()) {
            throw new StepFailed("cannot copy to non-directory: " + to.inside(destination), Optional.empty());
        }
        if (there.isEmpty() && !source.item().wildcards()) {
            boolean _ = directories.make(destination.parent());
            return copier.copyWhole(source, selected, destination);
        }
        boolean fresh = directories.make(destination);
        return copier.copyContents(source, selected, destination, fresh);
    }

    /** True when the file is an archive, whose content is where it belongs now. */
    private boolean unpacked(Selected selected) throws IOException, StepFailed {
        try {
            if (!Archives.isArchive(selected.file())) {
                return false;
            }
            RawPath destination = to.follow(spec.destination());
            // As BuildKit has it, --chmod says nothing of what an archive needs.
            boolean _ = new DirectoryMaker(to, DirectoryMaker.USUAL_MODE, owner, Optional.empty()).make(destination);
            new Archives(ExtractLimits.CONTEXT, Owners.KEEP).extract(selected.file(), destination, owner);
            return true;
        } catch (LayerException e) {
            String what = e.code() == LayerException.Code.CORRUPT ? "unexpected EOF or damaged data: " : "";
            throw new StepFailed("unpacking /" + selected.name() + ": " + what + e.getMessage(), Optional.empty());
        }
    }

    /** Where a file of that name goes; the directory that it goes into is there afterwards. */
    private RawPath placeForFile(RawPath name) throws IOException, StepFailed {
        RawPath destination = destination();
        boolean into = Posix.lstatIfExists(destination).filter(FileStat::isDirectory).isPresent();
        RawPath target = into ? destination.resolve(name) : destination;
        boolean _ = directories.make(target.parent());
        return target;
    }

    /** Where the destination leads; with a slash at its end it is a directory afterwards. */
    private RawPath destination() throws IOException, StepFailed {
        RawPath destination = to.follow(spec.destination());
        if (spec.destination().endsWith("/")) {
            boolean _ = directories.make(destination);
        }
        return destination;
    }
}
