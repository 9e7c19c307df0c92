"""The two builders, seen as command lines that take docker buildx's flags."""
import os
import shlex
import subprocess
import sys
from dataclasses import dataclass

SECONDS = 300


@dataclass(frozen=True)
class Outcome:
    """What became of one build: its exit code, all that it printed, and the image's name if there is one."""
    code: int
    output: str
    image: str

    @property
    def built(self):
        return self.code == 0


@dataclass(frozen=True)
class Builder:
    """A build command, the registry that it pushes to, the flags by which it learns of a base image, and where those images are."""
    name: str
    command: list[str]
    registry: str
    base_flags: str
    images: str

    @staticmethod
    def from_environment(name):
        """Reads NAME_BUILD, NAME_REGISTRY and NAME_BASE."""
        try:
            registry = os.environ[f"{name}_REGISTRY"]
            images = registry if name == "KILN" else f"{registry}/library"
            return Builder(name.lower(), shlex.split(os.environ[f"{name}_BUILD"]), registry, os.environ.get(f"{name}_BASE", ""), images)
        except KeyError as missing:
            sys.exit(f"{missing.args[0]} is not set; see README.md")

    def base(self, name):
        """The flags for one base: NAME_BASE with {name} as cases write it and {image}, always with a tag."""
        return shlex.split(self.base_flags.format(name=name, image=name if ":" in name else f"{name}:latest"))

    def build(self, prepared, bases, repository):
        """Builds and pushes; a build that takes too long counts as failed."""
        image = f"{self.registry}/{repository}:latest"
        output = [] if any(a.startswith(("--call", "--output")) for a in prepared.args) else ["-t", image, "--push"]
        args = [a.replace("@IMAGE@", image).replace("@IMAGES@", self.images) for a in prepared.args]
        base_args = [w for b in bases for w in self.base(b)]
        stdin = open(prepared.stdin, "rb") if prepared.stdin else subprocess.DEVNULL
        try:
            done = subprocess.run([*self.command, *base_args, *output, *args, prepared.source], stdin=stdin,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=SECONDS)
        except subprocess.TimeoutExpired as e:
            return Outcome(-1, f"{(e.output or b'').decode('utf-8', 'replace')}\nno result after {SECONDS} s", image)
        return Outcome(done.returncode, done.stdout.decode("utf-8", "replace"), image)
