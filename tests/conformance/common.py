# SPDX-License-Identifier: Apache-2.0
"""Shared by the programs of this directory: the peers, a directory tree to run them in, and what they report.

Each program is called with the path of pkigen and a directory for what it leaves to the ones after it: the
certificates that were made, for the verifiers, and the counts, for the page.
"""

import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
SKIPPED = 77
ENVIRONMENT = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}


def skip(why):
    """A skipped test must not look like one that passed."""
    print(f"SKIPPED, NOT TESTED: {why}", file=sys.stderr)
    print("pkigen was compared with nothing here. Install Go, or name a directory with the programs: PKIGEN_PEERS=DIR",
          file=sys.stderr)
    sys.exit(1 if os.environ.get("PKIGEN_CONFORMANCE") == "required" else SKIPPED)


def fail(what):
    print(f"FAILED: {what}", file=sys.stderr)
    sys.exit(1)


def run(command, check=True, cwd=None, env=None, data=None, timeout=300):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False, cwd=cwd, input=data,
                          env={**ENVIRONMENT, **(env or {})}, timeout=timeout)
    if check and done.returncode:
        fail(f"{' '.join(map(str, command))}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done


def peers(*names):
    """Returns the paths of the named programs; skips the test where they neither exist nor can be built."""
    done = subprocess.run([HERE / "peers.sh", *names], stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        if shutil.which("go"):
            fail("the peers could not be built")
        skip("neither Go nor the peers are installed")
    return dict(line.split(" ", 1) for line in done.stdout.splitlines())


def isolated():
    """Returns a command prefix that removes the network and allows any user to change the root directory."""
    prefix = ["unshare", "--map-root-user", "--net"]
    return prefix if run([*prefix, "true"], check=False).returncode == 0 else []


class Tools:
    """pkigen and kubeadm on one tree each: ROOT/etc/kubernetes, whatever the configuration file says about ROOT."""

    def __init__(self, pkigen):
        self.pkigen = pathlib.Path(pkigen).resolve()
        found = peers("kubeadm", "verifier")
        self.kubeadm, self.verifier = found["kubeadm"], found["verifier"]
        # A kubeadm takes configurations for its own release and those just before it.
        self.version = run([self.kubeadm, "version", "-o", "short"]).stdout.strip()
        self.isolation = isolated()
        if not self.isolation and os.geteuid() != 0:
            skip("kubeadm needs a root directory of its own, which needs root or unshare")

    def run_kubeadm(self, root, *arguments, check=True):
        """Runs kubeadm with ROOT as its root directory, so that it cannot touch this machine."""
        return run([*self.isolation, self.kubeadm, *arguments, "--rootfs", root], check=check)

    def run_pkigen(self, *arguments, check=True):
        return run([*self.isolation, self.pkigen, *arguments], check=check)

    def yaml_to_json(self, text):
        return run([self.verifier, "json"], data=text).stdout

    def facts(self, root, start, kubeconfigs=None):
        return json.loads(run([self.verifier, "facts", root, int(start), int(kubeconfigs or start)]).stdout)


@contextlib.contextmanager
def scratch():
    """A temporary directory that only this user can write to, as pkigen demands."""
    with tempfile.TemporaryDirectory(prefix="pkigen-conformance-") as folder:
        yield pathlib.Path(folder)


class Results:
    """Counts for the page, and certificates for the verifiers."""

    def __init__(self, folder, name):
        self.folder, self.name = pathlib.Path(folder), name
        self.counts, self.trees, self.started = {}, 0, time.monotonic()
        self.collection = self.folder / "certificates" / name
        shutil.rmtree(self.collection, ignore_errors=True)
        self.collection.mkdir(parents=True)
        (self.folder / f"{name}.json").unlink(missing_ok=True)

    def count(self, what, by=1):
        self.counts[what] = self.counts.get(what, 0) + by

    def asks(self, question, condition, detail=""):
        """A question to a cluster, and whether the answer is the right one."""
        self.count("questions asked")
        if not condition:
            fail(f"{question}: {detail}")
        self.count("answered as they must be")
        print(f"ok: {question}", flush=True)

    def collect(self, root, label, foreign=()):
        """Keeps the certificates and kubeconfigs of ROOT, and never a key, for the verifiers; the foreign ones as issuers."""
        (self.collection / label).mkdir(parents=True, exist_ok=True)
        (self.collection / label / "foreign").write_text("".join(f"{name}\n" for name in foreign))
        # Backups are no part of the PKI.
        for path in (path for path in root.rglob("*.crt") if ".pkigen" not in path.parts):
            self.keep(path.read_text(), label, path.relative_to(root))
        for path in (path for path in root.rglob("*.conf") if ".pkigen" not in path.parts):
            lines = path.read_text().splitlines()
            data = [line.split()[-1] for line in lines if "client-certificate-data:" in line]
            if data:
                self.keep(base64_text(data[0]), label, path.relative_to(root))

    def keep(self, pem, label, relative):
        target = self.collection / label / str(relative)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(pem)

    def done(self, **more):
        seconds = round(time.monotonic() - self.started, 1)
        (self.folder / f"{self.name}.json").write_text(json.dumps({**self.counts, **more, "seconds": seconds}, indent=1) + "\n")
        print(f"{self.name}: " + ", ".join(f"{value} {what}" for what, value in self.counts.items()) + f", in {seconds} s")


def base64_text(data):
    import base64
    return base64.b64decode(data, validate=True).decode()


if __name__ == "__main__":
    # The first of the tests: whatever is not there yet is built, which takes long.
    print(*(f"{name}: {path}" for name, path in peers().items()), sep="\n")
