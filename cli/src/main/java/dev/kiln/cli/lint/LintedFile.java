package dev.kiln.cli.lint;

import java.util.Arrays;

/**
 * The file that was looked at.
 *
 * @param name as people are shown it, with slashes
 */
public record LintedFile(String name, byte[] bytes) {

    @Override
    public boolean equals(Object other) {
        return other instanceof LintedFile(String itsName, byte[] itsBytes) && name.equals(itsName)
                && Arrays.equals(bytes, itsBytes);
    }

    @Override
    public int hashCode() {
        return name.hashCode() * 31 + Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return name;
    }
}
