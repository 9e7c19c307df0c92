"""The builds of the crash test: small contexts, each with an outcome that does not depend on when it is built."""
import io
import subprocess
import tarfile

TIME = 1_700_000_000


def base(busybox):
    """A root file system with busybox in it, as a tar."""
    out = io.BytesIO()
    applets = subprocess.run([busybox, "--list"], capture_output=True, check=True, text=True).stdout.split()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name in ("bin", "etc", "srv", "tmp"):
            entry = tarfile.TarInfo(name)
            entry.type, entry.mode, entry.mtime = tarfile.DIRTYPE, 0o755, TIME
            tar.addfile(entry)
        with open(busybox, "rb") as program:
            data = program.read()
        entry = tarfile.TarInfo("bin/busybox")
        entry.size, entry.mode, entry.mtime = len(data), 0o755, TIME
        tar.addfile(entry, io.BytesIO(data))
        for applet in applets:
            if applet != "busybox":
                entry = tarfile.TarInfo("bin/" + applet)
                entry.type, entry.linkname, entry.mtime = tarfile.SYMTYPE, "busybox", TIME
                tar.addfile(entry)
    return out.getvalue()


class Case:
    """One build: its context as a tar, options of the request, and whether it is meant to fail."""

    def __init__(self, name, dockerfile, files=None, fails=False, options=None):
        self.name, self.fails, self.options = name, fails, options or {}
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w") as tar:
            for path, text in {"Dockerfile": dockerfile, **(files or {})}.items():
                data = text.encode()
                entry = tarfile.TarInfo(path)
                entry.size, entry.mtime = len(data), TIME
                tar.addfile(entry, io.BytesIO(data))
        self.tar = out.getvalue()


def all_cases():
    return [case for k in range(4) for case in _cases(k)]


def _cases(k):
    lines = 20_000 * (k + 1)
    return [
        Case(f"run-{k}", f"FROM busybox\nRUN mkdir /d{k} && seq {lines} >/d{k}/a && sleep 0.{k + 1}\n"
                         f"RUN rm /d{k}/a && seq {k} 999 >/d{k}/b && ln -s b /d{k}/c\nRUN cat /d{k}/b | sha256sum >/sum\n"),
        Case(f"copy-{k}", f"FROM busybox\nCOPY a b/ /srv/{k}/\nRUN cat /srv/{k}/* >/all && chmod 4711 /all\n",
             {"a": f"a {k}\n" * 999, "b/x": "x", "b/y": "y" * 70_000 * (k + 1)}),
        Case(f"stages-{k}", f"FROM busybox AS one\nRUN seq {lines} >/one && sleep 0.3\n"
                            f"FROM busybox AS two\nRUN seq 5 {lines} >/two && sleep 0.2\n"
                            "FROM busybox\nCOPY --from=one /one /srv/\nCOPY --from=two /two /srv/\n"
                            "RUN --mount=from=one,target=/in wc -l </in/one >/lines\n"),
        Case(f"cache-{k}", f"FROM busybox\nRUN --mount=type=cache,id=c{k % 2},target=/cache "
                           "seq 3000 >/cache/new && mv /cache/new /cache/$(date +%N) && sleep 0.2 && "
                           f"for f in /cache/*; do test $(wc -l <$f) = 3000 || test $f = /cache/new; done && echo {k} >/out\n"),
        Case(f"locked-{k}", "FROM busybox\nRUN --mount=type=cache,id=l,target=/cache,sharing=locked "
                            f"echo x >>/cache/log && sleep 0.3 && echo {k} >/out\n",
             options={"cacheto": "type=mounts,ref=caches/crash"}),
        Case(f"empty-{k}", f"FROM busybox\nENV K={k}\nLABEL k={k}\nCMD [\"true\"]\n"),
        Case(f"context-{k}", "FROM scratch\nCOPY --chmod=600 . /\n",
             {f"f{i}": f"{k} {i}\n" * 50 for i in range(40)}),
        Case(f"fails-{k}", f"FROM busybox\nRUN seq {lines} >/x\n# kiln:cache-on-failure=discard\n"
                           "RUN --mount=type=cache,id=f,target=/cache test ! -e /cache/bad && echo bad >/cache/bad && "
                           "sleep 0.1 && exit 7\n", fails=True),
    ]
