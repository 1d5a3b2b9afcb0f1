#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the commands that read as a user who is not root, on a PKI that belongs to root.

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


AS_NOBODY = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
STATEMENT = "not readable by this user, so nothing is known about"
HOST = ("--node-name", "cp-1", "--apiserver-advertise-address", "192.0.2.1")


def report(pkigen, folder, kubelet="none", **options):
    command = [pkigen, "check-expiration", "--cert-dir", f"{folder}/k/pki", "--kubelet-dir", f"{folder}/{kubelet}"]
    text = subprocess.run(command, capture_output=True, text=True, check=False, **options)
    parsed = subprocess.run([*command, "-o", "json"], capture_output=True, text=True, check=False, **options)
    check(parsed.returncode == text.returncode, parsed.stderr)
    check(text.stderr == "", text.stderr)
    return text.returncode, text.stdout, json.loads(parsed.stdout)


def states(parsed):
    return {row["name"]: row["state"] for row in parsed["certificates"] + parsed["certificateAuthorities"]}


def run(pkigen, folder, *words, **options):
    return subprocess.run([pkigen, *words, "--cert-dir", f"{folder}/k/pki"], capture_output=True, text=True, check=False, **options)


def alarms_of(parsed):
    return [note for note in parsed["notes"] if note["severity"] == "error"]


def check_kubelet(pkigen, folder, before):
    """The kubelet's files, and those that `--also` names, belong to the statement, which is about `before` files without them."""
    kubelet = pathlib.Path(folder, "kubelet")
    kubelet.mkdir(mode=0o755)
    pem = pathlib.Path(folder, "k/pki/apiserver.crt").read_text() + pathlib.Path(folder, "k/pki/apiserver.key").read_text()
    for name, mode in (("kubelet-client-current.pem", 0o600), ("kubelet-server-current.pem", 0o600), ("kubelet.crt", 0o644)):
        (kubelet / name).write_text(pem)
        (kubelet / name).chmod(mode)
    for more, new in ((2, None), (3, "other.crt"), (4, "closed")):
        if new:
            (kubelet / new).write_text(pem)
            (kubelet / new).chmod(0o600)
        command = ("check-expiration", "--kubelet-dir", kubelet, *(("--also", kubelet) if new else ()))
        text = run(pkigen, folder, *command, **AS_NOBODY)
        parsed = json.loads(run(pkigen, folder, *command, "-o", "json", **AS_NOBODY).stdout)
        check(text.returncode == 4 and text.stdout.count(STATEMENT) == 1 and text.stdout.count("ermission denied") == 1, text.stdout)
        alarms = alarms_of(parsed)
        check(len(alarms) == 1 and alarms[0]["message"].startswith(f"{before + more} files below are {STATEMENT} them"), str(alarms))
        check(alarms[0]["subject"] == folder and alarms[0]["hint"] == "run the command as root", str(alarms))
        rows = {row["name"]: (row["state"], row["reason"]) for row in parsed["others"]}
        check(rows["kubelet.crt"] == ("valid", ""), str(rows))
        for name in ("kubelet-client-current.pem", "kubelet-server-current.pem"):
            check(rows[name] == ("invalid", "not readable by this user"), str(rows))
    shutil.rmtree(kubelet)
    # Alone they are a statement, too; root reads them.
    pathlib.Path(folder, "lone").mkdir()
    pathlib.Path(folder, "lone/kubelet.crt").write_text(pem)
    pathlib.Path(folder, "lone/kubelet.crt").chmod(0o600)
    status, text, parsed = report(pkigen, folder, kubelet="lone")
    check(status == 0 and not alarms_of(parsed), text)


def check_planning(pkigen, folder):
    """Commands that plan say once what they cannot read, and fail."""
    for words in (("renew", "all", "--dry-run"), ("renew", "--if-needed", "--dry-run"),
                  ("renew", "apiserver", "etcd-server", "admin.conf", "--dry-run"), ("renew", "apiserver", "--dry-run"),
                  ("init", *HOST, "--dry-run")):
        result = run(pkigen, folder, *words, **AS_NOBODY)
        title = f"{' '.join(words)}: {result.returncode} {result.stderr}"
        check(result.returncode == 1 and result.stderr.count(STATEMENT) == 1, title)
        check(result.stderr.count("ermission denied") == 1 and result.stderr.count("hint: run the command as root\n") == 1, title)
        check(result.stderr.count("error:") <= 2 and "warning: " not in result.stderr.replace("warning: ca,", ""), title)
        document = json.loads(run(pkigen, folder, *words, "-o", "json", **AS_NOBODY).stdout)
        problems = [each for each in document.get("problems", []) + document.get("failures", []) + document.get("warnings", [])
                    if each["code"] == "file-unreadable"]
        check(len(problems) == 1 and problems[0]["hint"] == "run the command as root", f"{title}: {document}")
    for words in (("renew", "all"), ("renew", "--if-needed"), ("renew", "apiserver", "etcd-server"), ("undo",), ("recover",)):
        result = run(pkigen, folder, *words, **AS_NOBODY)
        check(result.returncode == 1 and result.stderr.count("error:") == 1 and "run the command as root" in result.stderr, result.stderr)
    # Root follows the hint.
    for words in (("renew", "all", "--dry-run"), ("init", *HOST, "--encryption-algorithm", "ECDSA-P256", "--dry-run")):
        result = run(pkigen, folder, *words)
        check(result.returncode == 0 and STATEMENT not in result.stderr, result.stderr)


def check_saved_config(pkigen, folder):
    """A saved configuration that this user may not read is a failure of its own, and may be valid."""
    saved = pathlib.Path(folder, "k/pkigen.yaml")
    saved.chmod(0o600)
    for words in (("renew", "all", "--dry-run"), ("renew", "apiserver"), ("init", *HOST, "--dry-run")):
        result = run(pkigen, folder, *words, **AS_NOBODY)
        check(result.returncode == 1 and result.stderr.count("error:") == 1 and "pkigen.yaml" in result.stderr, result.stderr)
        check("run the command as root" in result.stderr, result.stderr)
    saved.chmod(0o644)
    good = saved.read_text()
    saved.write_text("kind: [\n")
    result = run(pkigen, folder, "renew", "all", "--dry-run", **AS_NOBODY)
    check(result.returncode == 2, f"{result.returncode} {result.stderr}")
    saved.write_text(good)


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
        status, text, parsed = report(pkigen, folder, **AS_NOBODY)
        notes = [note for note in parsed["notes"] if note["severity"] == "error"]
        check(status == 4, f"status {status}")
        check(len(notes) == 1 and notes[0]["code"] == "file-unreadable" and notes[0]["subject"] == f"{folder}/k", str(notes))
        check(text.count("not readable by this user, so") == 1 and "root" in text, text)
        seen = states(parsed)
        check(seen["apiserver"] == "valid" and seen["ca"] == "valid" and seen["etcd-peer"] == "valid", str(seen))
        check(seen["admin.conf"] == "invalid", str(seen))
        check_kubelet(pkigen, folder, int(notes[0]["message"].split()[0]))
        check_planning(pkigen, folder)
        check_saved_config(pkigen, folder)

        # A directory that may not be passed.
        for directory, subject in (("k/pki", "k"), ("k", "k")):
            os.chmod(pathlib.Path(folder, directory), 0o700)
            status, text, parsed = report(pkigen, folder, **AS_NOBODY)
            notes = [note for note in parsed["notes"] if note["severity"] == "error"]
            check(status == 4 and len(notes) == 1, f"status {status}: {notes}")
            check(notes[0]["subject"] == f"{folder}/{subject}", str(notes))

        # A command that writes says the same once, and changes nothing.
        failed = subprocess.run([pkigen, "renew", "all", "--cert-dir", f"{folder}/k/pki"], capture_output=True, text=True,
                                check=False, **AS_NOBODY)
        check(failed.returncode == 1 and failed.stderr.count("error:") == 1 and "ermission denied" in failed.stderr, failed.stderr)


if __name__ == "__main__":
    main()
