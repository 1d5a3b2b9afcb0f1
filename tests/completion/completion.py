#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Completes command lines in a real shell and compares what it offers.

usage: completion.py PKIGEN bash|zsh|fish
"""

import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

import shells

ALGORITHMS = {"RSA-2048", "RSA-3072", "RSA-4096", "ECDSA-P256", "ECDSA-P384"}
ROLES = {"control-plane", "joining-control-plane", "etcd", "worker", "ca-host"}
ETCD = {"etcd-ca", "etcd-server", "etcd-peer", "etcd-healthcheck-client"}
FILES = {"my file.yaml", "my pki"}
# The line, and what its last word can be.
LINES = [
    ("pkigen che", {"check-expiration"}),
    ("pkigen re", {"renew", "recover"}),
    ("pkigen -v re", {"renew", "recover"}),
    ("pkigen help un", {"undo"}),
    ("pkigen make-coffee ", set()),
    ("pkigen make-coffee --", set()),
    ("pkigen init --encryption-algorithm ", ALGORITHMS),
    ("pkigen init --encryption-algorithm EC", {"ECDSA-P256", "ECDSA-P384"}),
    ("pkigen init --naming ", {"recommended", "kubeadm"}),
    ("pkigen init --role ", ROLES),
    ("pkigen init --node-name ", set()),
    ("pkigen init --node-name cp-1 etcd-", ETCD),
    ("pkigen init apiserver etcd-", ETCD),
    ("pkigen init al", set()),
    ("pkigen renew al", {"all"}),
    ("pkigen renew --if-needed etcd-", ETCD),
    ("pkigen renew -- super", {"super-admin.conf"}),
    ("pkigen check-expiration -o ", {"text", "wide", "json", "yaml", "prometheus"}),
    ("pkigen rbac --output ", {"yaml", "json"}),
    ("pkigen check-expiration --lo", set()),
    ("pkigen check-expiration --li", {"--live", "--live-timeout"}),
    ("pkigen version --verb", {"--verbose"}),
    ("pkigen completion ", {"bash", "zsh", "fish"}),
    ("pkigen completion bash ", set()),
    ("pkigen init --cert-dir my", {"my pki"}),
    ("pkigen init --config my", FILES),
    ("pkigen check-expiration --also my\\ p", {"my pki"}),
    ("pkigen undo --cert-dir my\\ pki/etc/pki ", {"BACKUPS"}),
    ("pkigen undo --cert-dir 'my pki/etc/pki' 0", {"BACKUPS"}),
    ("pkigen undo --cert-dir=my\\ pki/etc/pki ", {"BACKUPS"}),
    ("pkigen undo --cert-dir ~/my\\ pki/etc/pki ", {"BACKUPS"}),
    ("pkigen undo --cert-dir nowhere/pki ", set()),
]
# The value of a flag after "=": bash completes it as a word of its own.
VALUES = [
    ("pkigen init --encryption-algorithm=EC", {"ECDSA-P256", "ECDSA-P384"}),
    ("pkigen check-expiration --output=", {"text", "wide", "json", "yaml", "prometheus"}),
    ("pkigen init --config=my", FILES),
    ("pkigen init --cert-dir=my", {"my pki"}),
]

failures = []


def expect(line, found, wanted):
    if found != wanted:
        failures.append(f"{line!r}: found {sorted(found)}, expected {sorted(wanted)}")


def words_of(shell, line, prefix=""):
    """What the shell offers for the last word, unquoted."""
    offered = shell.complete(line)
    if isinstance(offered, str):
        # A line that was not changed has no completions; the words before the last one are as typed.
        if offered == line:
            return set()
        before = line if line.endswith(" ") else re.match(r"(.*(?<!\\)[ ])", line)[1]
        if not offered.startswith(before):
            return {f"line changed to {offered!r}"}
        offered = shlex.split(offered[len(before):])
    return {word.removeprefix(prefix).rstrip("/") for word in offered}


def flags_of(pkigen, command):
    """The flags in a help text, and those of the program that each command accepts."""
    printed = subprocess.run([pkigen, command, "--help"], capture_output=True, text=True, check=True).stdout
    names = re.findall(r"^  (-[\w-]+(?:,-[\w-]+)*)", printed, re.MULTILINE)
    return {name for each in names for name in each.split(",")} | {"-v", "--verbose", "--version"}


def commands_of(pkigen):
    printed = subprocess.run([pkigen, "--help"], capture_output=True, text=True, check=True).stdout
    return set(re.findall(r"^  ([a-z-]+) ", printed.split("Subcommands:")[1], re.MULTILINE))


def check(shell, pkigen, backups):
    commands = commands_of(pkigen)
    expect("commands", words_of(shell, "pkigen "), commands)
    expect("help", words_of(shell, "pkigen help "), commands)
    for command in sorted(commands):
        expect(f"pkigen {command} -", words_of(shell, f"pkigen {command} -"), flags_of(pkigen, command))
    for line, wanted in LINES:
        expect(line, words_of(shell, line), backups if wanted == {"BACKUPS"} else wanted)
    for line, wanted in VALUES:
        expect(line, words_of(shell, line, line[line.index("--"):line.index("=") + 1]), wanted)


def prepare(pkigen, work):
    """A PKI with two backups below a directory with a blank in its name."""
    place = ["--cert-dir", work / "my pki/etc/pki"]
    for words in (["init", "--node-name", "cp-1", "--apiserver-advertise-address", "192.168.10.11", "--encryption-algorithm", "ECDSA-P256"],
                  ["renew", "admin.conf"], ["renew", "apiserver"]):
        subprocess.run([pkigen, *words, *place], check=True, capture_output=True)
    (work / "my file.yaml").write_text("")
    printed = subprocess.run([pkigen, "backups", *place], check=True, capture_output=True, text=True).stdout
    return {line.split()[0] for line in printed.splitlines()}


def main():
    pkigen, name = os.path.abspath(sys.argv[1]), sys.argv[2]
    if not shutil.which(name):
        print(f"no {name} here")
        sys.exit(77)
    makers = {"bash": [lambda *world: shells.bash(*world, False), lambda *world: shells.bash(*world, True)],
              "zsh": [shells.zsh], "fish": [shells.Fish]}
    for make in makers[name]:
        with tempfile.TemporaryDirectory() as folder:
            work = pathlib.Path(folder).resolve()
            backups = prepare(pkigen, work)
            shell = make(work, {"PATH": f"{os.path.dirname(pkigen)}:{os.environ['PATH']}", "HOME": str(work), "TERM": "xterm",
                                "LC_ALL": "C.UTF-8"})
            try:
                check(shell, pkigen, backups)
            finally:
                shell.close()
    print("\n".join(failures) or f"{len(LINES) + len(VALUES)} lines and every flag completed")
    sys.exit(1 if failures else 0)


main()
