"""A farm in a process group of its own, spoken to over HTTP; and what its registry has, read and checked."""
import gzip
import hashlib
import io
import json
import os
import signal
import subprocess
import tarfile
import time
import urllib.error
import urllib.parse
import urllib.request

FINAL = ("succeeded", "failed", "cancelled")


class Wrong(Exception):
    """A result that is not what it has to be."""


class Farm:
    def __init__(self, kiln, data, port, log):
        self.kiln, self.data, self.port, self.log = kiln, data, port, log
        self.url = f"http://127.0.0.1:{port}"
        self.process = None

    def spawn(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [self.kiln, "up", "--http", f"127.0.0.1:{self.port}", "--data", self.data],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)

    def start(self, patience=180):
        self.spawn()
        end = time.monotonic() + patience
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise Wrong(f"the farm ended by itself with {self.process.returncode}; see {self.log}")
            try:
                if self.get("/readyz")[0] == 200:
                    return
            except OSError:
                pass
            time.sleep(0.05)
        raise Wrong(f"the farm is not ready after {patience} s; see {self.log}")

    def kill(self):
        """All of the group at once, as a crash has it."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process = None

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(60)
            self.process = None
        except subprocess.TimeoutExpired:
            self.kill()
            raise Wrong("the farm does not stop when it is asked to")

    def end(self):
        """Whatever is still running."""
        if self.process is not None:
            self.kill()

    def fsck(self, *options):
        """Exit code and what was said."""
        done = subprocess.run([self.kiln, "fsck", "--data", self.data, *options], capture_output=True, text=True)
        return done.returncode, (done.stdout + done.stderr).strip()

    def import_base(self, tar, name="busybox"):
        path = os.path.join(os.path.dirname(self.log), "base.tar")
        with open(path, "wb") as file:
            file.write(tar)
        subprocess.run([self.kiln, "import", path, name], check=True, capture_output=True,
                       env={**os.environ, "KILN_ADDR": self.url})

    def request(self, method, path, body=None, headers=None):
        request = urllib.request.Request(self.url + path, body, headers or {}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as e:
            return e.code, e.read()

    def get(self, path, **headers):
        return self.request("GET", path, None, headers)

    def submit(self, case, no_cache):
        """The id of the build, once the farm has accepted it."""
        query = urllib.parse.urlencode({**case.options, "nocache": str(no_cache).lower()})
        status, body = self.request("POST", "/v1/builds?" + query, case.tar, {"Content-Type": "application/x-tar"})
        if status != 202:
            raise Wrong(f"{case.name} was not accepted: {status} {body[:500]!r}")
        return json.loads(body)["id"]

    def document(self, build):
        status, body = self.get("/v1/builds/" + build)
        if status != 200:
            raise Wrong(f"the farm accepted the build {build} and answers {status} {body[:300]!r}")
        return json.loads(body)

    def state(self, build):
        return self.document(build)["state"]

    def outcome(self, build, patience):
        """The document of a build that came to an end."""
        end = time.monotonic() + patience
        while True:
            document = self.document(build)
            if document["state"] in FINAL:
                return document
            if time.monotonic() > end:
                raise Wrong(f"the build {build} is still {document['state']} after {patience} s")
            time.sleep(0.05)

    def blob(self, repository, descriptor):
        status, body = self.get(f"/v2/{repository}/blobs/{descriptor['digest']}")
        digest = "sha256:" + hashlib.sha256(body).hexdigest()
        if status != 200 or digest != descriptor["digest"] or len(body) != descriptor["size"]:
            raise Wrong(f"the blob {descriptor['digest']} of {repository}: {status}, {len(body)} bytes, {digest}")
        return body

    def image(self, build):
        """A digest of all of the image that does not depend on when it was built."""
        repository = "builds/" + build
        status, body = self.get(f"/v2/{repository}/manifests/latest",
                                Accept="application/vnd.oci.image.manifest.v1+json")
        if status != 200:
            raise Wrong(f"{repository} is not there: {status}")
        manifest = json.loads(body)
        config = json.loads(self.blob(repository, manifest["config"]))
        lines = [json.dumps(config.get("config"), sort_keys=True),
                 json.dumps([line.get("created_by") for line in config.get("history", [])])]
        for layer, diff_id in zip(manifest["layers"], config["rootfs"]["diff_ids"], strict=True):
            tar = gzip.decompress(self.blob(repository, layer))
            if "sha256:" + hashlib.sha256(tar).hexdigest() != diff_id:
                raise Wrong(f"a layer of {repository} has not the diffID {diff_id}")
            lines += _listing(tar)
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _listing(tar):
    with tarfile.open(fileobj=io.BytesIO(tar)) as archive:
        for entry in archive:
            content = archive.extractfile(entry).read() if entry.isreg() else b""
            yield f"{entry.name} {entry.type} {entry.mode:o} {entry.uid}:{entry.gid} {entry.linkname} " \
                  f"{hashlib.sha256(content).hexdigest()}"
