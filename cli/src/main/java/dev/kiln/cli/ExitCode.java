package dev.kiln.cli;

/** What the shell learns; part of the contract with scripts. */
final class ExitCode {
    static final int DONE = 0;
    static final int BUILD_FAILED = 1;
    static final int USAGE = 2;
    static final int UNREACHABLE = 3;

    private ExitCode() {}
}
