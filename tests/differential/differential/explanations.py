"""Differences that are known and meant."""
import fnmatch
import re


class Explanations:
    """Lines `case | pattern | reason` of the file explained: differences that are known and meant."""

    def __init__(self, file):
        rows = [l.split(" | ", 2) for l in file.read_text().splitlines() if l.strip() and not l.startswith("#")]
        self.rows = [(case.strip(), re.compile(pattern.strip()), reason) for case, pattern, reason in rows]

    def explains(self, case, line):
        return any(fnmatch.fnmatch(case, glob) and pattern.search(line) for glob, pattern, _ in self.rows)
