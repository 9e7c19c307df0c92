"""A web server on loopback with files, archives and git repositories for ADD and for contexts."""
import base64
import email.utils
import hashlib
import http.server
import io
import os
import pathlib
import subprocess
import tarfile
import threading

# Times, names and so commit ids are always the same.
STAMP = 1600000000
TOKEN = "differential-token"
IDENTITY = {"GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@example.com", "GIT_COMMITTER_NAME": "C", "GIT_COMMITTER_EMAIL": "c@example.com",
            "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null"}


def start(work):
    """Fills a folder below work, serves it, and returns the values of HTTP, GIT and what is known of their content."""
    root = pathlib.Path(work, "served")
    root.mkdir()
    values = _files(root) | _repositories(root)
    handler = type("Served", (_Handler,), {"root": root})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("DIFFERENTIAL_PORT", "0"))), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"127.0.0.1:{server.server_port}"
    return values | {"HTTP": f"http://{address}", "GIT": f"http://{address}/git", "PORT": str(server.server_port), "TOKEN": TOKEN}


def _tar(entries, mode="w"):
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode=mode) as tar:
        for name, body in entries:
            info = tarfile.TarInfo(name)
            info.mtime, info.size, info.mode = STAMP, len(body), 0o644
            tar.addfile(info, io.BytesIO(body))
    return data.getvalue()


def _files(root):
    hello = b"hello over http\n"
    archive = _tar([("inside/a.txt", b"a\n"), ("b.txt", b"b\n")])
    contents = {
        "hello.txt": hello, "private/hello.txt": hello, "archive.tar": archive, "script.sh": b"#!/bin/sh\necho hi\n",
        "context.tar": _tar([("Dockerfile", b"FROM busybox\nCOPY file.txt /from-archive\n"), ("file.txt", b"archived\n"),
                             ("sub/Dockerfile", b"FROM busybox\nCOPY x /x\n"), ("sub/x", b"x\n")]),
        "Dockerfile.remote": b"FROM busybox\nRUN echo remote dockerfile >/out\n",
    }
    for name, body in contents.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
        os.utime(path, (STAMP, STAMP))
    return {"HELLO_SHA256": hashlib.sha256(hello).hexdigest(), "ARCHIVE_SHA256": hashlib.sha256(archive).hexdigest()}


def _git(folder, *args, at=0):
    when = f"{STAMP + at} +0000"
    done = subprocess.run(["git", "-C", str(folder), *args], check=True, capture_output=True, text=True,
                          env=os.environ | IDENTITY | {"GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when})
    return done.stdout.strip()


def _repositories(root):
    """project.git with two commits on main, a branch, tags and a submodule; module.git; lone.git with a Dockerfile."""
    git = root / "git"
    git.mkdir()
    module, project = root / "work-module", root / "work-project"
    _commit(module, {"module.txt": "in the module\n"}, "module")
    _publish(module, git / "module.git")
    _commit(project, {"README": "first\n", "Dockerfile": "FROM busybox\nCOPY . /all\n", "sub/inner.txt": "inner\n",
                      "sub/Dockerfile": "FROM busybox\nCOPY inner.txt /inner\n", "run.sh": "#!/bin/sh\n",
                      "keep.Dockerfile": "FROM busybox\nCOPY .git/HEAD /head\nRUN ls /head\n",
                      "epoch.Dockerfile": 'FROM busybox\nARG SOURCE_DATE_EPOCH\nRUN echo "$SOURCE_DATE_EPOCH" >/out\n'}, "first")
    first = _git(project, "rev-parse", "HEAD")
    _git(project, "tag", "v1")
    _git(project, "branch", "feature")
    (project / "link").symlink_to("README")
    (project / "run.sh").chmod(0o755)
    (project / "README").write_text("second\n")
    _git(project, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(git / "module.git"), "module", at=60)
    _git(project, "config", "-f", ".gitmodules", "submodule.module.url", "../module.git")
    _git(project, "add", "-A")
    _git(project, "commit", "-q", "-m", "second", at=60)
    _git(project, "tag", "-a", "-m", "annotated", "v2", at=90)
    second = _git(project, "rev-parse", "HEAD")
    _git(project, "checkout", "-q", "feature")
    (project / "feature.txt").write_text("feature\n")
    _git(project, "add", "feature.txt")
    _git(project, "commit", "-q", "-m", "feature", at=120)
    _git(project, "checkout", "-q", "-f", "main")
    _publish(project, git / "project.git")
    return {"COMMIT_FIRST": first, "COMMIT_SECOND": second, "COMMIT_SHORT": second[:12], "COMMIT_TIME": str(STAMP + 60)}


def _commit(folder, files, message):
    folder.mkdir()
    _git(folder, "init", "-q", "-b", "main")
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    _git(folder, "add", "-A")
    _git(folder, "commit", "-q", "-m", message)


def _publish(folder, bare):
    _git(folder, "clone", "-q", "--bare", str(folder), str(bare))
    _git(bare, "config", "http.receivepack", "false")
    _git(bare, "config", "uploadpack.allowAnySHA1InWant", "true")


class _Handler(http.server.BaseHTTPRequestHandler):
    """Files with Last-Modified and ETag, /git/ through git's own CGI program, /private/ and /secret-git/ with a token."""
    root: pathlib.Path
    protocol_version = "HTTP/1.1"

    def do_HEAD(self):
        self._answer(body=False)

    def do_GET(self):
        self._answer(body=True)

    def do_POST(self):
        self._answer(body=True)

    def log_message(self, *_):
        pass

    def _answer(self, body):
        path, _, query = self.path.partition("?")
        if path.startswith(("/private/", "/secret-git/")) and not self._authorised():
            return self._send(401, b"who are you?\n", {"WWW-Authenticate": 'Basic realm="differential"'})
        if path.startswith("/redirect/"):
            return self._send(302, b"", {"Location": "/" + path.removeprefix("/redirect/")})
        if path.startswith(("/git/", "/secret-git/")):
            return self._git(path.replace("/secret-git/", "/git/"), query)
        return self._file(path, body)

    def _authorised(self):
        kind, _, value = self.headers.get("Authorization", "").partition(" ")
        if kind.lower() == "basic":
            value = base64.b64decode(value).decode().partition(":")[2]
        return value == TOKEN

    def _file(self, path, body):
        file = self.root / ("hello.txt" if path == "/" else path.lstrip("/"))
        if ".." in path or not file.is_file():
            return self._send(404, b"not here\n")
        data = file.read_bytes()
        tag = f'"{hashlib.sha256(data).hexdigest()[:16]}"'
        headers = {"ETag": tag, "Last-Modified": email.utils.formatdate(file.stat().st_mtime, usegmt=True)}
        if self.headers.get("If-None-Match") == tag:
            return self._send(304, b"", headers)
        return self._send(200, data, headers, body)

    def _git(self, path, query):
        length = int(self.headers.get("Content-Length") or 0)
        data = self.rfile.read(length) if length else self._chunks()
        env = os.environ | {
            "GIT_PROJECT_ROOT": str(self.root), "GIT_HTTP_EXPORT_ALL": "1", "PATH_INFO": path, "QUERY_STRING": query,
            "REQUEST_METHOD": self.command, "CONTENT_TYPE": self.headers.get("Content-Type", ""), "CONTENT_LENGTH": str(len(data)),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""), "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": "*"}
        done = subprocess.run(["git", "http-backend"], input=data, capture_output=True, env=env)
        head, _, rest = done.stdout.partition(b"\r\n\r\n")
        headers = dict(l.split(": ", 1) for l in head.decode().split("\r\n") if ": " in l)
        status = int(headers.pop("Status", "200 OK").split()[0])
        self._send(status, rest, headers)

    def _chunks(self):
        data = b""
        while self.headers.get("Transfer-Encoding") == "chunked":
            size = int(self.rfile.readline().split(b";")[0], 16)
            data += self.rfile.read(size)
            self.rfile.readline()
            if not size:
                break
        return data

    def _send(self, status, data, headers=None, body=True):
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if body and self.command != "HEAD":
            self.wfile.write(data)
