#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every command that fails prints one object of the kind Error for -o json, and its usual lines on stderr.

usage: failures.py PKIGEN
"""

import fcntl
import os
import subprocess
import sys

import harness

NODE = ["--node-name", "cp-1", "--apiserver-advertise-address", "192.168.10.11", "--encryption-algorithm", "ECDSA-P256"]
COMMANDS = ["init", "check-expiration", "renew", "recover", "backups", "undo", "rbac", "bootstrap-token", "version"]
WITH_DIRECTORY = ["init", "check-expiration", "renew", "recover", "backups", "undo"]


def words_of(command, directory):
    """The command with what it needs to get past its command line."""
    further = {"init": NODE, "renew": ["all"], "check-expiration": ["--kubelet-dir", directory / "none"],
               "bootstrap-token": ["--kubeconfig", directory.parent / "bootstrap-kubelet.conf"]}.get(command, [])
    return [command, *further, *(["--cert-dir", directory] if command in WITH_DIRECTORY else [])]


def usage_cases(world):
    pki = world.root / "new/pki"
    for command in COMMANDS:
        words = words_of(command, pki)
        yield f"{command}: an unknown flag", [*words, "--no-such-flag"], 2, "usage"
        yield f"{command}: a misspelt value", [*words, "--outputs=x"], 2, "usage"
        if command not in ("init", "renew", "undo"):
            yield f"{command}: an argument", [*words, "more"], 2, "usage"
    yield "init: an unknown row", ["init", "api-server", *NODE, "--cert-dir", pki], 2, "unknown-name"
    yield "renew: an unknown row", ["renew", "api-server", "--cert-dir", pki], 2, "unknown-name"
    yield "renew: nothing named", ["renew", "--cert-dir", pki], 2, "invalid-value"
    yield "renew: a CA", ["renew", "ca", "--cert-dir", world.root / "k/pki"], 2, "invalid-value"
    yield "renew: a flag without its other one", ["renew", "all", "--within", "3d", "--cert-dir", pki], 2, "usage"
    yield "undo: two arguments", ["undo", "a", "b", "--cert-dir", pki], 2, "usage"
    yield "undo: an odd time-out", ["undo", "--lock-timeout", "long", "--cert-dir", pki], 2, "usage"
    yield "recover: a negative time-out", ["recover", "--lock-timeout", "-1", "--cert-dir", pki], 2, "usage"
    for flag, value in (("--as-of", "yesterday"), ("--warn-within", "a while"), ("--endpoint", "nowhere")):
        yield f"check-expiration: {flag}", ["check-expiration", flag, value, "--cert-dir", pki], 2, "invalid-value"
    yield "no command", [], 2, "usage"
    yield "an unknown command", ["intit"], 2, "usage"


def configuration_cases(world):
    good = "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\n"
    (world.root / "wrong.yaml").write_text(good + "networking: {serviceSubnet: nonsense, dnsDomain: '-'}\n")
    (world.root / "syntax.yaml").write_text(good + "a: [\n")
    for command in ("init", "check-expiration", "renew"):
        words = words_of(command, world.root / "k/pki")
        yield f"{command}: no configuration file", [*words, "--config", world.root / "nothing.yaml"], 1, "not-found"
        yield f"{command}: an invalid configuration", [*words, "--config", world.root / "wrong.yaml"], 2, "invalid-value"
        yield f"{command}: a configuration that is no YAML", [*words, "--config", world.root / "syntax.yaml"], 2, "config-syntax"


def disk_cases(world):
    (world.root / "file").write_text("")
    for command in WITH_DIRECTORY:
        words = words_of(command, world.root / "file/pki")
        if command != "renew":
            yield f"{command}: a directory in a file", words, 1, "io"
    empty = world.root / "empty/pki"
    yield "renew: no PKI", ["renew", "all", "--cert-dir", empty], 1, "not-found"
    yield "undo: no backup", ["undo", "--cert-dir", world.root / "k/pki"], 1, "not-found"
    yield "undo: an unknown backup", ["undo", "20200101T000000Z-renew", "--cert-dir", world.root / "k/pki"], 1, "not-found"
    yield ("check-expiration: a report that cannot be written",
           [*words_of("check-expiration", world.root / "k/pki"), "--output-file", world.root / "none/report"], 1, "io")
    broken = world.root / "broken/pki"
    yield "init: conflicts", words_of("init", broken), 1, None
    yield "init: conflicts of a dry run", [*words_of("init", broken), "--dry-run"], 1, None
    yield "renew: a conflict", ["renew", "apiserver", "--cert-dir", broken], 1, None
    yield "renew: a conflict of a dry run", ["renew", "apiserver", "--dry-run", "--cert-dir", broken], 1, None
    yield ("renew: a pre-hook that fails",
           ["renew", "apiserver", "--pre-hook", "echo noise; exit 3", "--cert-dir", world.root / "k/pki"], 1, "hook-failed")


def check(world, what, words, status, code):
    """With -o json there is an Error on stdout and what is on stderr without it; without it stdout is empty."""
    plain = world.run(*words)
    world.expect(what, plain.status == status and plain.stdout == b"", "without -o json:", plain.status, plain.stdout[:200])
    for flags in (["-o", "json"], ["--output=json"]):
        run = world.run(*words[:1], *flags, *words[1:]) if flags[0] == "-o" else world.run(*words, *flags)
        document = world.document(what, run, "Error")
        world.expect(what, run.status == status, f"exit status {run.status}, expected {status}", run.stderr)
        if words:  # without a command the flag itself is unknown
            world.expect(what, run.errors() == plain.errors() and plain.errors(), "stderr differs:", run.stderr, plain.stderr)
        if not document:
            return
        world.expect(what, code in (None, document["code"]), f"code {document['code']}, expected {code}")
        world.expect(what, len(document["problems"]) == len(plain.errors()), "problems and error lines:", document["problems"], plain.errors())
        world.expect(what, {key: document[key] for key in document["problems"][0]} == document["problems"][0], "the first problem")


def check_lock(world):
    """Of each command that writes, while another process holds the lock."""
    pki = world.root / "k/pki"
    with open(world.root / "k/.pki.pkigen.lock", "r+", encoding="ascii") as lock:
        fcntl.lockf(lock, fcntl.LOCK_EX)
        for command in ("init", "renew", "undo", "recover"):
            check(world, f"{command}: the lock is held", [*words_of(command, pki), "--lock-timeout", "0"], 5, "locked")


def check_yaml(world):
    """Who asked for YAML gets YAML."""
    for words in (["check-expiration", "-o", "yaml", "--cert-dir", world.root / "file/pki"], ["rbac", "-o", "yaml", "--no-such-flag"]):
        run = world.run(*words)
        read = world.yaml_document("yaml", run, "Error")
        world.expect("yaml", run.status in (1, 2) and len(read.get("problems", [])) == len(run.errors()), words, run.stdout)
    run = world.run("check-expiration", "-o", "prometheus", "--cert-dir", world.root / "file/pki")
    world.expect("prometheus", run.status == 1 and run.stdout == b"", run.stdout)


def check_text_alone(world):
    """What is for people or shells has no JSON, but its failures have."""
    for words in (["help"], ["help", "renew"], ["completion", "bash"]):
        run = world.run(*words, "-o", "json")
        document = world.document(words[0], run, "Error")
        world.expect(words[0], run.status == 2 and document.get("code") == "usage" and 'unknown flag "-o"' in run.stderr, run.status, run.stderr)


def check_octets(world):
    """No argument makes the output invalid UTF-8 or invalid JSON."""
    for name in (b"caf\xe9", b"\xff\xfe", b"\xed\xa0\x80", b"a\x1b[31mb", b"\xc2\x9b", b"\"\\\n"):
        directory = os.fsencode(world.root) + b"/" + name + b"/file"
        os.makedirs(os.path.dirname(directory), exist_ok=True)
        with open(directory, "wb"):
            pass
        for command in WITH_DIRECTORY:
            words = [*words_of(command, world.root)[:-1], directory + b"/pki", "-o", "json"]
            run = world.run(*words)
            world.expect(f"{command} {name}", run.status != 0, run.status)
            if command != "renew" or run.status == 1:
                world.document(f"{command} {name}", run, "Error")
        world.document(f"--cluster-name {name}", world.run("init", "-o", "json", "--cluster-name", name, "--no-such-flag"), "Error")


def check_stdout(world):
    """A result that cannot be written is a failure, with one line on stderr and no second document."""
    pki = world.root / "k/pki"
    for command in COMMANDS:
        words = [*words_of(command, pki), "-o", "json"]
        if command == "undo":
            continue  # there is nothing to undo
        with open("/dev/full", "wb") as full:
            run = world.run(*words, stdout=full)
        world.expect(f"{command} > /dev/full", run.status == 1 and len(run.errors()) == 1 and "stdout" in run.errors()[0], run.status, run.stderr)
        done = subprocess.run(["bash", "-c", 'exec "$@" >&-', "bash", world.pkigen, *map(str, words)], capture_output=True, check=False)
        world.expect(f"{command} >&-", done.returncode == 1 and b"error: stdout" in done.stderr, done.returncode, done.stderr)


def main():
    world = harness.World(sys.argv[1])
    made = world.run("init", *NODE, "--with", "bootstrap-kubelet.conf", "--cert-dir", world.root / "k/pki", "-o", "json")
    world.document("init", made, "Plan")
    world.run("init", *NODE, "--cert-dir", world.root / "broken/pki")
    (world.root / "broken/pki/ca.crt").write_text("damaged\n")
    for cases in (usage_cases, configuration_cases, disk_cases):
        for case in cases(world):
            check(world, *case)
    check_lock(world)
    check_yaml(world)
    check_text_alone(world)
    check_octets(world)
    check_stdout(world)
    world.finish()


if __name__ == "__main__":
    main()
