package dev.kiln.dockerfile.lint;

import java.util.List;
import java.util.Optional;

import dev.kiln.dockerfile.instruction.Add;
import dev.kiln.dockerfile.instruction.ChmodSpec;
import dev.kiln.dockerfile.instruction.Copy;
import dev.kiln.dockerfile.instruction.Transfer;
import dev.kiln.dockerfile.instruction.TransferOptions;
import dev.kiln.dockerfile.lex.Quoted;
import dev.kiln.dockerfile.remote.GitRef;
import dev.kiln.dockerfile.remote.HttpAddress;
import dev.kiln.dockerfile.source.DockerfileException;
import dev.kiln.dockerfile.source.DockerfileException.Code;
import dev.kiln.dockerfile.source.SourceRange;
import dev.kiln.dockerfile.stage.Source;
import dev.kiln.dockerfile.stage.Stage;

/** What is looked at in COPY and ADD. */
final class TransferRules {

    private record Expanded(List<Value> sources, Optional<Value> checksum) {}

    private final LintRun run;
    private final Stage stage;
    private final StageVariables variables;
    private final Findings findings;

    TransferRules(LintRun run, Stage stage, StageVariables variables, Findings findings) {
        this.run = run;
        this.stage = stage;
        this.variables = variables;
        this.findings = findings;
    }

    void check(Add add, Switches switches, SourceRange place) {
        Expanded expanded = expand(add.transfer(), add.options(), add.checksum());
        List<Value> sources = expanded.sources;
        boolean checked = expanded.checksum.filter(Value::certain)
            .flatMap(Value::text)
            .filter(text -> !text.isEmpty())
            .isPresent();
        if (checked && sources.size() != 1) {
            throw new DockerfileException(Code.FLAG, "checksum can't be specified for multiple sources");
        }
        for (Value source : sources) {
            source.ifCertain(path -> {
                if (!isGit(path) && HttpAddress.parse(path).isEmpty()) {
                    if (checked) {
                        throw new DockerfileException(Code.FLAG, "checksum requires HTTP(S) or Git sources");
                    }
                    ignored("Add", path, switches, place);
                }
            });
        }
    }

    void check(Copy copy, Switches switches, SourceRange place) {
        List<Value> sources = expand(copy.transfer(), copy.options(), Optional.empty()).sources;
        Source from = run.graph().copySource(copy);
        if (from instanceof Source.OtherStage(Stage other) && other.index() > stage.index()) {
            throw new DockerfileException(Code.STAGE, "cannot copy from stage " + Quoted.word(copy.from().orElse(""))
                    + ", it needs to be defined before current stage " + Quoted.word(stage.displayName()));
        }
        for (Value source : sources) {
            source.ifCertain(path -> {
                refuseAddress(path);
                if (from instanceof Source.Context) {
                    ignored("Copy", path, switches, place);
                }
            });
        }
    }

    private static boolean isGit(String path) {
        return GitRef.parse(path).filter(ref -> !ref.remote().looksLocal()).isPresent();
    }

    private static void refuseAddress(String path) {
        if (isGit(path)) {
            throw new DockerfileException(Code.SYNTAX, "source can't be a git ref for COPY");
        }
        if (HttpAddress.parse(path).isPresent()) {
            throw new DockerfileException(Code.SYNTAX, "source can't be a URL for COPY");
        }
    }

    private void ignored(String verb, String path, Switches switches, SourceRange place) {
        if (IgnoredPaths.contains(run.context().ignored(), path)) {
            findings.add(switches, Rule.COPY_IGNORED_FILE, place, "Attempting to " + verb + " file "
                    + Quoted.word(IgnoredPaths.cleaned(path)) + " that is excluded by .dockerignore");
        }
    }

    /** Expands all that takes variables. */
    private Expanded expand(Transfer transfer, TransferOptions options, Optional<String> checksum) {
        options.chown().ifPresent(variables::expand);
        Optional<Value> chmod = options.chmod().map(variables::expand);
        Optional<Value> expected = checksum.map(variables::expand);
        List<Value> sources = transfer.sources().stream().map(variables::expand).toList();
        variables.expand(transfer.destination());
        transfer.inlineFiles()
            .stream()
            .filter(Transfer.InlineFile::expand)
            .forEach(file -> variables.expandBody(file.content()));
        chmod.ifPresent(value -> value.ifCertain(text -> {
            if (!text.isEmpty()) {
                ChmodSpec.parse(text);
            }
        }));
        return new Expanded(sources, expected);
    }
}
