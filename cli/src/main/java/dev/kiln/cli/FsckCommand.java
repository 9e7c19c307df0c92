package dev.kiln.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

import dev.kiln.cli.fsck.Fsck;
import dev.kiln.cli.progress.Printable;
import dev.kiln.layercache.durable.Findings;

/** {@code kiln fsck}. */
@Command(name = "fsck", mixinStandardHelpOptions = true, description = "Checks a data folder that no process uses: blobs, index, snapshots, cache mounts and registry. Exit code 0: all is well; 1: something is damaged; 2: the folder is in use, or none of Kiln's.")
final class FsckCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Option(names = "--data", paramLabel = "DIR", description = "The folder (default: that of kiln up, ~/.local/share/kiln).")
    private Path data = Path.of(System.getProperty("user.home"), ".local/share/kiln");

    @Option(names = "--repair", description = "Remove what is damaged, so that it is fetched or built again.")
    private boolean repair;

    @Override
    public Integer call() throws CommandFailed, IOException {
        Findings findings;
        try {
            findings = Fsck.run(data, repair);
        } catch (Fsck.NotOurs e) {
            throw new CommandFailed(ExitCode.USAGE, String.valueOf(e.getMessage()));
        }
        PrintWriter out = spec.commandLine().getOut();
        findings.notes().forEach(note -> out.println("note: " + Printable.line(note)));
        for (Findings.Finding finding : findings.damaged()) {
            out.println((finding.repaired() ? "removed: " : "damaged: ")
                    + Printable.line(finding.place() + ": " + finding.what()));
        }
        out.println(findings.damaged().isEmpty() ? "clean" : findings.damaged().size() + " damaged");
        out.flush();
        return findings.damaged().isEmpty() ? ExitCode.DONE : ExitCode.BUILD_FAILED;
    }
}
