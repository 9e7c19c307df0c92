"""Base images of cases: those that the registry has, and those that images/ describes."""
import json
import pathlib
import re
import shutil
import subprocess

# What the registry has of itself; cases write the tag of the last two.
PLAIN = ("busybox", "debian:bookworm", "gcc:bookworm")


class Bases:
    """Builds what images/ describes with the reference builder, and gives every base to both registries under the same name."""

    def __init__(self, folder, work, reference, kiln):
        self.work = work
        self.described = {p.name: p for p in sorted(folder.iterdir()) if p.is_dir()} if folder.is_dir() else {}
        self.reference, self.kiln = reference, kiln
        self.ready = set()

    def of(self, text):
        """The known bases whose names occur in a text, those first that others need."""
        found = []
        for name in (*PLAIN, *self.described):
            if re.search(rf"(?<![\w./-]){re.escape(name)}(?![\w/-])", text):
                found += [b for b in [*self.needed_by(name), name] if b not in found]
        return found

    def needed_by(self, name):
        return self.of((self.described[name] / "Dockerfile").read_text().replace(name, "")) if name in self.described else []

    def provide(self, names):
        for name in names:
            if name not in self.ready:
                self._provide(name, tagged(name))
                self.ready.add(name)

    def _provide(self, name, image):
        if name in self.described:
            flags = [w for b in self.needed_by(name) for w in self.reference.base(b)]
            folder = shutil.copytree(self.described[name], self.work / "images" / name)
            _run([*self.reference.command, *flags, "-t", f"{self.reference.images}/{image}", "--push", str(folder)])
        if self.kiln:
            copy(f"{self.reference.images}/{image}", f"{self.kiln.images}/{image}")

    def values(self):
        """What placeholders say of bases."""
        raw = _run(["skopeo", "inspect", "--tls-verify=false", f"docker://{self.reference.images}/busybox:latest"])
        return {"BUSYBOX_DIGEST": json.loads(raw)["Digest"], "REGISTRY": self.reference.registry}


def tagged(name):
    return name if ":" in name else f"{name}:latest"


def copy(source, target):
    _run(["skopeo", "copy", "-q", "--src-tls-verify=false", "--dest-tls-verify=false", "--preserve-digests", f"docker://{source}", f"docker://{target}"])


def _run(command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(map(str, command))} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def _config(image):
    return json.loads(_run(["skopeo", "inspect", "--config", "--raw", "--tls-verify=false", f"docker://{image}"]))


def _history(config):
    return [(h.get("created_by", ""), h.get("comment", ""), h.get("empty_layer", False)) for h in config.get("history") or []]


def _created(config):
    return [config.get("created"), *(h.get("created") for h in config.get("history") or [])]


# Options of a case that this script reads itself; same-image gets the others.
OWN_OPTIONS = ("--image", "--created", "--no-history")


def differences(same_image, reference, kiln, options):
    """Lines that say how two images differ; none if they are the same."""
    done = subprocess.run([same_image, *[o for o in options if o not in OWN_OPTIONS], f"docker://{reference}", f"docker://{kiln}"],
                          capture_output=True, text=True)
    lines = [l for l in done.stdout.splitlines() if l != "same"]
    if done.returncode and not lines:
        lines = [f"same-image failed: {done.stderr.strip().splitlines()[-1:]}"]
    a, b = _config(reference), _config(kiln)
    if "--no-history" not in options:
        lines += [f"history[{i}]: {x} != {y}" for i, (x, y) in enumerate(zip(_history(a), _history(b))) if x != y]
    if "--created" in options and _created(a) != _created(b):
        lines.append(f"created: {_created(a)} != {_created(b)}")
    return lines
