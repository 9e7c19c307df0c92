package dev.kiln.executor.op;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import dev.kiln.executor.graph.CopyItem;
import dev.kiln.executor.graph.OpSpec;
import dev.kiln.executor.solver.Op;
import dev.kiln.executor.solver.Result;
import dev.kiln.executor.solver.StepFailed;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.posix.FileStat.Owner;

/** COPY and ADD: files of contexts, stages, images and addresses onto the files of input 0. */
final class CopyOp implements Op {
    private static final String OWNER_NOT_FOUND = "CopyOwnerNotFound";

    private final OpSpec.Copy spec;
    private final StepTools tools;

    CopyOp(OpSpec.Copy spec, StepTools tools) {
        this.spec = spec;
        this.tools = tools;
    }

    @Override
    public Map<String, String> preimage() {
        Map<String, String> preimage = new LinkedHashMap<>();
        preimage.put("op", "copy");
        for (int i = 0; i < spec.items().size(); i++) {
            preimage.put("source." + i, switch (spec.items().get(i)) {
                case CopyItem.Paths paths -> paths.toString();
                case CopyItem.Inline(var name, var content) -> "Inline[name=" + name + ", content="
                        + Digest.sha256(content.getBytes(StandardCharsets.UTF_8)) + "]";
            });
        }
        preimage.put("destination", spec.destination());
        spec.owner().ifPresent(owner -> preimage.put("owner", owner));
        spec.mode().ifPresent(mode -> preimage.put("mode", mode));
        if (spec.linked() && spec.mode().isPresent()) {
            preimage.put("linked", "true");
        }
        for (int i = 0; i < spec.excludes().size(); i++) {
            preimage.put("exclude." + i, spec.excludes().get(i));
        }
        if (spec.ownersFromLast()) {
            preimage.put("ownersFromLast", "true");
        }
        return preimage;
    }

    @Override
    public boolean hasContentKey(int input) {
        return input > 0;
    }

    /** What the copy takes of the input, in the order of the items, and the names of users when it looks one up there. */
    @Override
    public Optional<Digest> contentKey(int input, Result result) throws IOException, StepFailed, InterruptedException {
        List<CopySource> sources = new ArrayList<>();
        for (CopyItem item : spec.items()) {
            if (item instanceof CopyItem.Paths paths && paths.input() == input) {
                sources.add(new CopySource(paths, spec));
            }
        }
        boolean accounts = looksUpOwner() && spec.ownersFromLast() && input >= lastOfItems();
        try (InputRoots roots = new InputRoots(tools)) {
            Root root = roots.open(input, result);
            return Optional.of(tools.threads().run(() -> digest(sources, root, accounts)));
        }
    }

    private Digest digest(List<CopySource> sources, Root root, boolean accounts)
            throws IOException, StepFailed, InterruptedException {
        ContentHasher hasher = new ContentHasher(spec.owner().isPresent());
        for (CopySource source : sources) {
            hasher.add(source, root);
        }
        if (accounts) {
            hasher.add(root, Accounts.USERS);
            hasher.add(root, Accounts.GROUPS);
        }
        return tools.keyOf(hasher);
    }

    private int lastOfItems() {
        return spec.items()
            .stream()
            .mapToInt(item -> item instanceof CopyItem.Paths paths ? paths.input() : 0)
            .max()
            .orElse(0);
    }

    private boolean looksUpOwner() {
        return spec.owner().filter(Accounts::hasName).isPresent();
    }

    @Override
    public boolean cacheable() {
        return true;
    }

    @Override
    public Result execute(List<Result> inputs, StepLog log) throws IOException, StepFailed, InterruptedException {
        int last = inputs.size() - 1;
        if (looksUpOwner() && inputs.get(spec.ownersFromLast() ? last : 0).equals(new Result(List.of()))) {
            throw new StepFailed("invalid user index: -1: there is no image in which --chown=" + spec.owner().get()
                    + " could be looked up; give numbers", Optional.empty());
        }
        try (InputRoots roots = new InputRoots(tools)) {
            for (CopyItem item : spec.items()) {
                if (item instanceof CopyItem.Paths paths) {
                    Root _ = roots.open(paths.input(), inputs.get(paths.input()));
                }
            }
            if (looksUpOwner() && spec.ownersFromLast()) {
                Root _ = roots.open(last, inputs.get(last));
            }
            return tools.layers().over(inputs.getFirst(), view -> {
                Root to = Root.of(view.root());
                boolean _ = tools.threads().run(() -> {
                    Optional<Owner> owner = owner(looksUpOwner() && spec.ownersFromLast() ? roots.of(last) : to, log);
                    new FileCopy(spec, to, roots::of, owner, log).run();
                    return true;
                });
            });
        }
    }

    /** A name that is not known is root, as BuildKit has it, which says nothing of it. */
    private Optional<Owner> owner(Root accounts, StepLog log) throws IOException, StepFailed {
        if (spec.owner().isEmpty()) {
            return Optional.empty();
        }
        Accounts.Found found = new Accounts(accounts).find(spec.owner().get());
        for (String unknown : found.unknown()) {
            log.warning(OWNER_NOT_FOUND, "--chown=" + spec.owner().get() + ": the image has no " + unknown
                    + ", so what is copied belongs to root; add it in an earlier step, or give a number");
        }
        return Optional.of(found.owner());
    }
}
