package dev.kiln.executor.op;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

import dev.kiln.executor.buildkit.CacheKeys;
import dev.kiln.executor.buildkit.FileSelector;
import dev.kiln.executor.solver.Result;
import dev.kiln.executor.solver.StepFailed;
import dev.kiln.layercache.oci.Digest;

/** What BuildKit's steps take from the files of a result, as digests. Safe for many threads. */
public final class TakenFiles {
    private final StepTools tools;

    public TakenFiles(StepTools tools) {
        this.tools = tools;
    }

    /**
     * The digests of what the selectors take, one for each way in which BuildKit makes them; brings files in that are not
     * here.
     *
     * @return empty when something that is selected is not there
     */
    public Set<Digest> of(Result files, List<FileSelector> selectors) throws IOException, InterruptedException {
        try (InputRoots roots = new InputRoots(tools)) {
            Root root = roots.open(0, files);
            boolean uploaded = files.tree().isPresent();
            return tools.threads().run(() -> {
                FileDigests digests = new FileDigests(root, uploaded);
                List<Digest> older = new ArrayList<>();
                List<Digest> newer = new ArrayList<>();
                for (FileSelector selector : selectors) {
                    FileDigests.Forms forms = digests.of(selector);
                    older.add(forms.older());
                    newer.add(forms.newer());
                }
                return older.equals(newer)
                        ? Set.of(CacheKeys.content(older))
                        : Set.of(CacheKeys.content(older), CacheKeys.content(newer));
            });
        } catch (StepFailed e) {
            return Set.of();
        }
    }
}
