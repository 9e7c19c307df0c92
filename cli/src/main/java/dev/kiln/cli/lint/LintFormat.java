package dev.kiln.cli.lint;

import java.io.PrintWriter;

import dev.kiln.dockerfile.lint.LintReport;

/** One way to tell what was found. */
public enum LintFormat {
    /** The form of {@code docker buildx build --check}. */
    HUMAN {
        @Override
        public void print(LintReport report, LintedFile file, PrintWriter out, PrintWriter err) {
            new HumanFormat(file, out, err).print(report);
        }
    },
    /** The result of BuildKit's lint request. */
    JSON {
        @Override
        public void print(LintReport report, LintedFile file, PrintWriter out, PrintWriter err) {
            Json.print(JsonFormat.of(report, file), out);
        }
    },
    /** SARIF 2.1.0. */
    SARIF {
        @Override
        public void print(LintReport report, LintedFile file, PrintWriter out, PrintWriter err) {
            Json.print(SarifFormat.of(report, file), out);
        }
    };

    /**
     * @param out for what was found
     * @param err for what is said besides; only {@link #HUMAN} uses it
     */
    public abstract void print(LintReport report, LintedFile file, PrintWriter out, PrintWriter err);
}
