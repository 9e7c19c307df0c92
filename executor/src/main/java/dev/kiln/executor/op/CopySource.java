package dev.kiln.executor.op;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

import dev.kiln.executor.graph.CopyItem;
import dev.kiln.executor.graph.OpSpec;
import dev.kiln.executor.op.SourceSelection.Selected;
import dev.kiln.executor.solver.StepFailed;
import dev.kiln.layercache.posix.RawPath;

/** One source of a copy: which paths it means, and what of a directory among them it takes. */
final class CopySource {
    private final CopyItem.Paths item;
    private final PathFilter filter;

    CopySource(CopyItem.Paths item, OpSpec.Copy copy) throws StepFailed {
        this.item = item;
        filter = PathFilter.of(item.below(), copy.excludes());
    }

    CopyItem.Paths item() {
        return item;
    }

    /** Whether the names of what is found count as content. */
    boolean isPattern() {
        return item.wildcards() && GoPattern.isPattern(item.path());
    }

    /** True when there need not be anything. */
    boolean mayBeEmpty() {
        return isPattern() || item.below().filter(GoPattern::isPattern).isPresent();
    }

    List<Selected> select(Root root) throws IOException, StepFailed, InterruptedException {
        SourceSelection selection = new SourceSelection(root);
        if (isPattern()) {
            return selection.matches(item.path());
        }
        Optional<Selected> one = selection.find(RawPath.ofUtf8(item.path()));
        if (one.isEmpty()) {
            throw mayBeEmpty() ? SourceSelection.missing(item.path()) : notFound();
        }
        return List.of(one.get());
    }

    /**
     * Shows the visitor what is taken of a directory among the selected.
     *
     * @return whether there was anything
     * @throws StepFailed when something must be there and is not
     */
    boolean walk(Selected directory, TreeWalk.Visitor visitor) throws IOException, StepFailed, InterruptedException {
        boolean any = new TreeWalk(filter, visitor).walk(directory.file());
        if (!any && item.below().isPresent() && !mayBeEmpty()) {
            throw notFound();
        }
        return any;
    }

    /** To be asked of what is selected and no directory. */
    void checkFile() throws StepFailed {
        if (item.below().isPresent() && !mayBeEmpty()) {
            throw notFound();
        }
    }

    private StepFailed notFound() {
        return new StepFailed("\"" + describe() + "\": not found", Optional.empty());
    }

    /** The source as a path from the root of its input. */
    String describe() {
        return Arrays.stream((item.path() + "/" + item.below().orElse("")).split("/"))
            .filter(part -> !part.isEmpty() && !part.equals("."))
            .collect(Collectors.joining("/", "/", ""));
    }
}
