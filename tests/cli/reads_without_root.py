#!/usr/bin/env python3
"""Runs `pkigen check-expiration` as a user who is not root, on a PKI that belongs to root.

usage: reads_without_root.py PKIGEN

Ends with 77 (skipped) where it does not run as root.
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

NOBODY = 65534


def check(condition, what):
    if not condition:
        sys.exit(what)


def report(pkigen, folder, **options):
    command = [pkigen, "check-expiration", "--cert-dir", f"{folder}/k/pki", "--kubelet-dir", f"{folder}/none"]
    text = subprocess.run(command, capture_output=True, text=True, check=False, **options)
    parsed = subprocess.run([*command, "-o", "json"], capture_output=True, text=True, check=False, **options)
    check(parsed.returncode == text.returncode, parsed.stderr)
    check(text.stderr == "", text.stderr)
    return text.returncode, text.stdout, json.loads(parsed.stdout)


def states(parsed):
    return {row["name"]: row["state"] for row in parsed["certificates"] + parsed["certificateAuthorities"]}


def main():
    if os.geteuid() != 0:
        sys.exit(77)
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o711)
        pkigen = shutil.copy(sys.argv[1], folder)
        made = subprocess.run([pkigen, "init", "--cert-dir", f"{folder}/k/pki", "--node-name", "cp-1", "--encryption-algorithm",
                               "ECDSA-P256", "--apiserver-advertise-address", "192.0.2.1"], capture_output=True, text=True, check=False)
        check(made.returncode == 0, made.stderr)
        renewed = subprocess.run([pkigen, "renew", "apiserver", "--cert-dir", f"{folder}/k/pki"], capture_output=True, text=True, check=False)
        check(renewed.returncode == 0, renewed.stderr)  # and there is a private directory with a backup
        status, text, parsed = report(pkigen, folder)
        check(status == 0 and set(states(parsed).values()) == {"valid"}, text)

        # Directories that may be passed and not listed: certificates are read by name, and what is missing is one alarm.
        for directory in ("k", "k/pki", "k/pki/etcd"):
            os.chmod(pathlib.Path(folder, directory), 0o711)
        status, text, parsed = report(pkigen, folder, user=NOBODY, group=NOBODY, extra_groups=[])
        notes = [note for note in parsed["notes"] if note["severity"] == "error"]
        check(status == 4, f"status {status}")
        check(len(notes) == 1 and notes[0]["code"] == "file-unreadable" and notes[0]["subject"] == f"{folder}/k", str(notes))
        check(text.count("not readable by this user, so") == 1 and "root" in text, text)
        seen = states(parsed)
        check(seen["apiserver"] == "valid" and seen["ca"] == "valid" and seen["etcd-peer"] == "valid", str(seen))
        check(seen["admin.conf"] == "invalid", str(seen))

        # A directory that may not be passed.
        for directory, subject in (("k/pki", "k"), ("k", "k")):
            os.chmod(pathlib.Path(folder, directory), 0o700)
            status, text, parsed = report(pkigen, folder, user=NOBODY, group=NOBODY, extra_groups=[])
            notes = [note for note in parsed["notes"] if note["severity"] == "error"]
            check(status == 4 and len(notes) == 1, f"status {status}: {notes}")
            check(notes[0]["subject"] == f"{folder}/{subject}", str(notes))

        # A command that writes says the same once, and changes nothing.
        failed = subprocess.run([pkigen, "renew", "all", "--cert-dir", f"{folder}/k/pki"], capture_output=True, text=True,
                                check=False, user=NOBODY, group=NOBODY, extra_groups=[])
        check(failed.returncode == 1 and failed.stderr.count("error:") == 1 and "ermission denied" in failed.stderr, failed.stderr)


if __name__ == "__main__":
    main()
