package dev.kiln.executor.frontend;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import dev.kiln.dockerfile.instruction.Add;
import dev.kiln.dockerfile.instruction.ChmodSpec;
import dev.kiln.dockerfile.instruction.Copy;
import dev.kiln.dockerfile.instruction.Instruction;
import dev.kiln.dockerfile.instruction.Transfer;
import dev.kiln.dockerfile.instruction.TransferOptions;
import dev.kiln.dockerfile.source.DockerfileException;
import dev.kiln.dockerfile.stage.Source;
import dev.kiln.executor.frontend.Remotes.RemoteException;
import dev.kiln.executor.graph.CopyItem;
import dev.kiln.executor.graph.OpSpec;
import dev.kiln.executor.graph.Vertex;

/**
 * COPY and ADD: a step and a layer, or with {@code --link} a layer that does not depend on what is below it, also when
 * it has a {@code --chmod}. For one build and one thread.
 */
record TransferTranslator(SourceVertices files) {

    void translate(Copy copy, StageState stage) throws RemoteException, InterruptedException {
        List<String> sources = expand(copy.transfer().sources(), stage);
        sources.forEach(RemoteSources::refuse);
        Vertex from = files.files(stage.build().stages().copySource(copy));
        Items items = new Items();
        for (String source : sources) {
            items.add(paths(source, copy.parents(), false), from);
        }
        step(copy, copy.transfer(), copy.options(), items, sources, copy.parents(), stage);
    }

    void translate(Add add, StageState stage) throws RemoteException, InterruptedException {
        List<String> sources = expand(add.transfer().sources(), stage);
        Optional<String> checksum = add.checksum().map(stage::expand).filter(text -> !text.isEmpty());
        RemoteSources remotes = new RemoteSources(stage.build(), checksum, add.keepGitDir());
        remotes.checkChecksum(sources);
        String shown = stage.names().peek(displayed(add, stage));
        Items items = new Items();
        for (String source : sources) {
            Optional<RemoteSources.Remote> remote = remotes.find(source, shown);
            if (remote.isPresent()) {
                boolean unpack = remote.get().file() && add.unpack().orElse(false);
                items.add(new CopyItem.Paths(1, remote.get().path(), false, Optional.empty(), unpack),
                        remote.get().vertex());
            } else {
                Vertex context = files.files(new Source.Context());
                items.add(paths(source, false, add.unpack().orElse(true)), context);
            }
        }
        step(add, add.transfer(), add.options(), items, sources, false, stage);
    }

    private static List<String> expand(List<String> raw, StageState stage) {
        return raw.stream().map(stage::expand).toList();
    }

    /** The sources of one step, and the vertices they are from, each once. */
    private static final class Items {
        private final List<CopyItem> items = new ArrayList<>();
        private final List<Vertex> inputs = new ArrayList<>();

        void add(CopyItem.Paths paths, Vertex from) {
            int at = inputs.indexOf(from);
            if (at < 0) {
                at = inputs.size();
                inputs.add(from);
            }
            items.add(new CopyItem.Paths(at + 1, paths.path(), paths.wildcards(), paths.below(), paths.unpack()));
        }

        void add(CopyItem.Inline inline) {
            items.add(inline);
        }
    }

    /** With {@code --parents} the path is cut at its first {@code /./}: what comes after is kept. */
    private static CopyItem.Paths paths(String source, boolean parents, boolean unpack) {
        if (!parents) {
            return new CopyItem.Paths(1, fromRoot(source), true, Optional.empty(), unpack);
        }
        int pivot = source.indexOf("/./");
        String base = pivot < 0 ? "/" : source.substring(0, pivot);
        String kept = pivot < 0 ? source : source.substring(pivot + 3);
        return new CopyItem.Paths(1, fromRoot(base), true, Optional.of(fromRoot(kept)), unpack);
    }

    private static void step(Instruction by, Transfer transfer, TransferOptions options, Items items,
            List<String> sources, boolean parents, StageState stage) {
        Optional<String> owner = options.chown().map(stage::expand).filter(text -> !text.isEmpty());
        Optional<String> mode = options.chmod().map(stage::expand).filter(text -> !text.isEmpty());
        mode.ifPresent(ChmodSpec::parse);
        List<String> history = new ArrayList<>(List.of(by.keyword()));
        if (parents) {
            history.add("--parents");
        }
        owner.ifPresent(text -> history.add("--chown=" + text));
        mode.ifPresent(text -> history.add("--chmod=" + text));
        history.addAll(sources);
        for (Transfer.InlineFile file : transfer.inlineFiles()) {
            history.add("<<" + file.name());
            items.add(new CopyItem.Inline(file.name(), content(file, stage)));
        }
        String destination = stage.expand(transfer.destination());
        history.add(destination);
        String absolute = absolute(destination, stage.directory());
        String shown = displayed(by, stage);
        if (options.link()) {
            linked(new OpSpec.Copy(items.items, absolute, owner, mode, options.excludes(), true,
                    owner.filter(TransferTranslator::hasName).isPresent()), items.inputs, shown, by, stage);
        } else {
            stage.step(shown, new OpSpec.Copy(items.items, absolute, owner, mode, options.excludes(), false),
                    items.inputs, by);
        }
        stage.record(String.join(" ", history) + " # buildkit", true);
    }

    private static void linked(OpSpec.Copy op, List<Vertex> from, String shown, Instruction by,
            StageState stage) {
        List<Vertex> inputs = new ArrayList<>(List.of(ImageTranslator.scratch(stage.build().graph())));
        inputs.addAll(from);
        if (op.ownersFromLast()) {
            inputs.add(stage.root());
        }
        stage.linkedStep(shown, op, inputs, by);
    }

    /** Whether users or groups have to be looked up. */
    private static boolean hasName(String owner) {
        return !owner.matches("[0-9]*(:[0-9]*)?");
    }

    private static String content(Transfer.InlineFile file, StageState stage) {
        String content = file.heredoc().expanded(stage.variables());
        stage.build().limit().text(content);
        return content;
    }

    private static String displayed(Instruction by, StageState stage) {
        try {
            return stage.expand(by.display());
        } catch (DockerfileException malformedAsAWhole) {
            return by.display();
        }
    }

    /** A path from the root of the files copied from; {@code .} is all of them. */
    private static String fromRoot(String source) {
        String clean = LexicalPath.clean(source);
        return clean.equals("/") ? "." : clean.substring(1);
    }

    /** The absolute path, with a slash at its end when it says directory: {@code dir/}, {@code dir/.}, {@code .} or nothing. */
    private static String absolute(String destination, String directory) {
        boolean isDirectory = destination.isEmpty() || destination.equals(".") || destination.endsWith("/")
                || destination.endsWith("/.");
        String clean = LexicalPath.clean(LexicalPath.isAbsolute(destination)
                ? destination
                : directory + "/" + destination);
        return isDirectory && !clean.equals("/") ? clean + "/" : clean;
    }
}
