package dev.kiln.dockerfile.stage;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

import dev.kiln.dockerfile.expand.Expander;
import dev.kiln.dockerfile.expand.Scope;
import dev.kiln.dockerfile.instruction.Copy;
import dev.kiln.dockerfile.instruction.Instruction;
import dev.kiln.dockerfile.instruction.RunMount;
import dev.kiln.dockerfile.source.DockerfileException;
import dev.kiln.dockerfile.source.DockerfileException.Code;

/** Finds what the names in FROM, COPY and mounts mean. */
final class StageNames {

    private static final String SCRATCH = "scratch";
    private static final Pattern NUMBER = Pattern.compile("[+-]?\\d{1,9}");

    private final List<Stage> stages;
    private final Expander expander;
    private final ContextNames contexts;
    /** Stages of one name, in order. */
    private final Map<String, List<Stage>> byName = new HashMap<>();

    StageNames(List<Stage> stages, Expander expander, ContextNames contexts) {
        this.stages = stages;
        this.expander = expander;
        this.contexts = contexts;
        for (Stage stage : stages) {
            stage.name().ifPresent(name -> byName.computeIfAbsent(name, first -> new ArrayList<>()).add(stage));
        }
    }

    /** The last stage of that name in the file. */
    Optional<Stage> find(String name) {
        return named(name).stream().reduce((first, last) -> last);
    }

    private List<Stage> named(String name) {
        return byName.getOrDefault(name.toLowerCase(Locale.ROOT), List.of());
    }

    Source base(Stage stage, Scope globals) {
        String raw = stage.from().image();
        String image = expand(raw, globals, stage.from());
        if (image.isEmpty()) {
            throw error(Code.SYNTAX, "base name (" + raw + ") should not be blank", stage.from());
        }
        return replacement(stage)
            .or(() -> lastBefore(image, stage).<Source>map(Source.OtherStage::new))
            .orElseGet(() -> outside(image));
    }

    /** The context that is taken for the whole stage, its instructions included. */
    Optional<Source> replacement(Stage stage) {
        return stage.name().flatMap(contexts::find).map(Source.NamedContext::new);
    }

    private Optional<Stage> lastBefore(String name, Stage stage) {
        // Names are kept in lower case; FROM, unlike --from and the target, does not look past the case of letters.
        List<Stage> named = byName.getOrDefault(name, List.of());
        int low = 0;
        int high = named.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (named.get(middle).index() < stage.index()) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low == 0 ? Optional.empty() : Optional.of(named.get(low - 1));
    }

    private Source outside(String name) {
        return name.equals(SCRATCH)
                ? new Source.Scratch()
                : contexts.find(name).<Source>map(Source.NamedContext::new).orElseGet(() -> new Source.Image(name));
    }

    Source copySource(Copy copy) {
        if (copy.from().isEmpty()) {
            return new Source.Context();
        }
        String from = copy.from().get();
        if (!expand(from, Scope.EMPTY, copy).equals(from)) {
            throw error(Code.SYNTAX, "variable expansion is not supported for --from, define a new stage with FROM"
                    + " using ARG from global scope as a workaround", copy);
        }
        return NUMBER.matcher(from).matches() ? numbered(Integer.parseInt(from), copy) : stageOrOutside(from);
    }

    private Source numbered(int index, Copy copy) {
        if (index < 0 || index >= stages.size()) {
            throw error(Code.STAGE, "invalid stage index " + index, copy);
        }
        return new Source.OtherStage(stages.get(index));
    }

    Source mountSource(RunMount mount) {
        return mount.from().filter(from -> !from.isEmpty()).map(this::stageOrOutside).orElseGet(Source.Context::new);
    }

    private Source stageOrOutside(String name) {
        return find(name).<Source>map(Source.OtherStage::new).orElseGet(() -> outside(name));
    }

    private String expand(String raw, Scope scope, Instruction instruction) {
        try {
            return expander.word(raw, scope);
        } catch (DockerfileException failed) {
            throw failed.at(instruction.range(), instruction.origin().text());
        }
    }

    private static DockerfileException error(Code code, String message, Instruction instruction) {
        return new DockerfileException(code, message, instruction.range(), instruction.origin().text());
    }
}
