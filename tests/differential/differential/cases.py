"""Cases: a directory with a Dockerfile and a few files that say how to build it."""
import hashlib
import os
import pathlib
import re
import shlex
import shutil
import subprocess
from dataclasses import dataclass, field

# What a case may hold beside its Dockerfile and its context; none of it is sent to a builder.
OWN_FILES = ("args", "expect-error", "prepare", "compare", "context")
# Files of a context are this old and older, so that no build sees a time of its own.
AGE = 1700000000
# What prepare scripts make is the same in every run.
REPEATABLE = {"TAR_OPTIONS": f"--sort=name --mtime=@{AGE - 100_000_000}", "TZ": "UTC", "LC_ALL": "C.UTF-8"}


@dataclass(frozen=True)
class Case:
    """A directory of the corpus; the meaning of its files is in README.md."""
    directory: pathlib.Path

    @property
    def name(self):
        return self.directory.name

    def lines(self, name):
        file = self.directory / name
        return [l for l in file.read_text(encoding="utf-8").splitlines() if l.strip()] if file.exists() else []

    def compare_options(self):
        return shlex.split(" ".join(self.lines("compare")))

    def fingerprint(self):
        """A digest over names, kinds and contents: what a remembered reference build is valid for."""
        h = hashlib.sha256()
        for path in sorted(self.directory.rglob("*")):
            h.update(str(path.relative_to(self.directory)).encode() + b"\0")
            if path.is_file():
                h.update(path.read_bytes())
        return h.hexdigest()


@dataclass(frozen=True)
class Prepared:
    """A case copied to where builders can read it, with its placeholders filled in."""
    case: Case
    context: pathlib.Path
    source: str
    stdin: pathlib.Path | None
    args: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def dockerfile_text(self):
        file = self.context / "Dockerfile"
        return file.read_text(encoding="utf-8", errors="replace") if file.is_file() else ""


def find(corpus, names):
    """The cases below a directory, all or those whose names match one of the given shell patterns."""
    found = sorted(p for p in corpus.iterdir() if p.is_dir())
    if names:
        found = [p for p in found if any(p.match(n) for n in names)]
    return [Case(p) for p in found]


def fill(text, values):
    """Replaces @NAME@ by the value of that name; other text between at signs stays."""
    return re.sub(r"@([A-Z0-9_]+)@", lambda m: values.get(m.group(1), m.group(0)), text)


def prepare(case, work, values):
    """Copies a case below work, runs its prepare script and fills in @NAME@ from values."""
    home = work / case.name
    shutil.rmtree(home, ignore_errors=True)
    context = home / "context"
    shutil.copytree(case.directory, context, ignore=lambda d, _: OWN_FILES if pathlib.Path(d) == case.directory else ())
    values = values | {"CONTEXT": str(context), "CASE": str(home)}
    for path in [context, *context.rglob("*")]:
        path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
    for path in (p for p in context.rglob("*") if "ockerfile" in p.name and p.is_file()):
        path.write_bytes(fill(path.read_bytes().decode("utf-8", "surrogateescape"), values).encode("utf-8", "surrogateescape"))
    script = case.directory / "prepare"
    if script.exists():
        done = subprocess.run(["sh", "-euc", "umask 022\n" + fill(script.read_text(encoding="utf-8"), values)], cwd=context,
                              env=os.environ | REPEATABLE | values, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"{case.name}: prepare failed: {done.stderr}")
    _age(context, AGE - int(case.fingerprint()[:6], 16))
    source = fill("".join(case.lines("context")) or "@CONTEXT@", values).strip()
    stdin = None
    if source.startswith("- <"):
        source, stdin = "-", home / source[3:].strip()
    args = [word for line in case.lines("args") for word in _split(fill(line, values))]
    return Prepared(case, context, source, stdin, args, case.lines("expect-error"))


def _split(line):
    """A line of args is a flag and, after the first blank, its value as it stands."""
    flag, blank, value = line.partition(" ")
    return [flag, value] if blank else [flag]


def _age(context, age):
    """Gives every file one time. It differs from case to case: BuildKit takes a file of the same name, size and time for one that it has."""
    for top, folders, files in os.walk(context, topdown=False):
        for name in [*files, *folders, "."]:
            path = os.path.join(top, name)
            # prepare may set times of its own, long past
            if os.lstat(path).st_mtime > AGE:
                os.utime(path, (age, age), follow_symlinks=False)
