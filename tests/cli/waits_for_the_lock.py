#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Who waits for the lock works with what its holder left, and not with what was there before.

usage: waits_for_the_lock.py PKIGEN
"""

import fcntl
import pathlib
import subprocess
import sys
import tempfile
import time

INIT = ("init", "--node-name", "cp-1", "--apiserver-advertise-address", "192.0.2.1", "--encryption-algorithm", "ECDSA-P256")


class Cluster:
    def __init__(self, pkigen, directory):
        self.pkigen = pkigen
        self.pki = directory / "pki"
        self.saved = directory / "pkigen.yaml"
        self.lock = directory / ".pki.pkigen.lock"

    def start(self, *words, patience="60"):
        command = [self.pkigen, words[0], "--cert-dir", str(self.pki), *words[1:], "--lock-timeout", patience]
        return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)

    def run(self, *words):
        process = self.start(*words)
        _, errors = process.communicate(timeout=120)
        if process.returncode != 0:
            sys.exit(f"{words[0]} ended with {process.returncode}: {errors}")

    def run_while_held(self, change, *words):
        """Another process holds the lock, changes something, and lets go."""
        with open(self.lock, "r+", encoding="utf-8") as lock:
            fcntl.lockf(lock, fcntl.LOCK_EX)
            process = self.start(*words)
            time.sleep(0.5)
            if process.poll() is not None:
                sys.exit(f"{words[0]} did not wait: {process.stderr.read()}")
            change()
        _, errors = process.communicate(timeout=120)
        return process.returncode, errors

    def status_while_held(self, *words):
        """The status of a command that does not wait, while another process holds the lock."""
        with open(self.lock, "r+", encoding="utf-8") as lock:
            fcntl.lockf(lock, fcntl.LOCK_EX)
            process = self.start(*words, patience="0")
            process.communicate(timeout=120)
        return process.returncode

    def save(self, name):
        text = self.saved.read_text(encoding="utf-8")
        self.saved.write_text(text.replace("certSANs:\n", f"certSANs:\n  - {name}\n"), encoding="utf-8")

    def names(self):
        command = ["openssl", "x509", "-in", str(self.pki / "apiserver.crt"), "-noout", "-ext", "subjectAltName"]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def check(what, truth):
    print(("ok      " if truth else "FAILED  ") + what)
    return bool(truth)


def main():
    with tempfile.TemporaryDirectory() as directory:
        cluster = Cluster(sys.argv[1], pathlib.Path(directory))
        cluster.run(*INIT, "--apiserver-cert-extra-sans", "first.example")
        for suffix in ("crt", "key"):
            (cluster.pki / f"apiserver.{suffix}").unlink()
        good = True

        status, errors = cluster.run_while_held(lambda: cluster.save("second.example"), "init")
        good &= check("init succeeds", status == 0 or print(errors))
        good &= check("init uses the configuration of the holder", "second.example" in cluster.names())
        good &= check("init leaves it", "second.example" in cluster.saved.read_text(encoding="utf-8"))

        status, errors = cluster.run_while_held(lambda: cluster.save("third.example"), "renew", "apiserver")
        good &= check("renew succeeds", status == 0 or print(errors))
        good &= check("renew uses the configuration of the holder", "third.example" in cluster.names())

        # A timer must not fail because somebody else is at work while nothing is due.
        good &= check("renew without anything to do needs no lock", cluster.status_while_held("renew", "--if-needed") == 0)
        good &= check("renew with something to do does", cluster.status_while_held("renew", "apiserver") == 5)
        good &= check("a dry run needs no lock", cluster.status_while_held("renew", "apiserver", "--dry-run") == 0)

        def break_it():
            cluster.saved.write_text("not a configuration\n", encoding="utf-8")

        before = cluster.names()
        status, errors = cluster.run_while_held(break_it, "renew", "apiserver")
        good &= check("renew refuses what the holder broke", status == 2 and "pkigen.yaml" in errors)
        good &= check("and renews nothing", cluster.names() == before)
        sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
