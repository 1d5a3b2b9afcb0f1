#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""pkigen started by a parent that closed descriptors, ignores signals, forbids threads, limits files, descriptors or
memory, or ends it during a hook.

usage: inherited.py PKIGEN [DESCRIPTORS]     the fewest descriptors that a process gets [3]
"""

import os
import pathlib
import resource
import signal
import subprocess
import sys
import tempfile
import time

from common import PKIGEN, expect, pkigen

FEWEST = int(sys.argv[2]) if len(sys.argv) > 2 else 3
FLAGS = ["--node-name", "cp-1", "--apiserver-advertise-address", "192.0.2.1", "--encryption-algorithm", "ECDSA-P256"]


def check_closed_descriptors(pki):
    lock = pki.parent / ".pki.pkigen.lock"
    for closed in ([2], [0], [0, 2], [0, 1, 2]):
        def close(descriptors=closed):
            for descriptor in descriptors:
                os.close(descriptor)

        result = pkigen("renew", "scheduler.conf", "--cert-dir", pki, "--deploy-hook", "echo hello; echo hello >&2",
                        preexec_fn=close)
        expect(not lock.read_text(), f"descriptors {closed} closed: nothing is written into the lock file")
        expect(1 in closed or result.returncode == 0, f"the renewal succeeds: {result.stderr}")
    result = pkigen("check-expiration", "--cert-dir", pki, preexec_fn=lambda: os.close(1))
    expect(result.returncode == 1, "a report that cannot be printed is a failure")


def check_ignored_signals(pki):
    def ignore():
        for number in (signal.SIGCHLD, signal.SIGPIPE):
            signal.signal(number, signal.SIG_IGN)

    certificate = (pki / "apiserver.crt").read_bytes()
    result = pkigen("renew", "apiserver", "--cert-dir", pki, "--pre-hook", "exit 7", preexec_fn=ignore)
    expect(result.returncode == 1 and "status 7" in result.stderr, "a pre-hook that fails is seen")
    expect((pki / "apiserver.crt").read_bytes() == certificate, "and nothing was renewed")
    result = pkigen("renew", "apiserver", "--cert-dir", pki, "--deploy-hook", "exit 3", preexec_fn=ignore)
    expect(result.returncode == 1 and "status 3" in result.stderr, "a deploy hook that fails is seen")
    result = pkigen("renew", "apiserver", "--cert-dir", pki, "--deploy-hook", "yes | head -n 1 >/dev/null; kill -PIPE $$",
                    preexec_fn=ignore)
    expect("signal 13" in result.stderr, f"hooks have the default signals: {result.stderr}")


def check_signal_during_a_hook(pki):
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        mark = pki.parent / f"hook-{number}"
        hook = f"trap 'echo ended >>{mark}; exit 1' TERM; echo $$ >{mark}; while :; do sleep 0.1; done"
        command = [PKIGEN, "renew", "apiserver", "--cert-dir", str(pki), "--deploy-hook", hook]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while not (mark.exists() and mark.read_text().endswith("\n")):
            time.sleep(0.01)
        process.send_signal(number)
        expect(process.wait(20) == -number, f"pkigen ends by signal {number}")
        expect(mark.read_text().endswith("ended\n"), "and its hook has been asked to end before")
        hook_process = int(mark.read_text().split()[0])
        expect(not pathlib.Path(f"/proc/{hook_process}").exists(), "and does not run any more")
    result = pkigen("renew", "--if-needed", "--cert-dir", pki, "--deploy-hook", f"echo again >{pki.parent}/again")
    expect(result.returncode == 0 and (pki.parent / "again").exists(), "the next run runs it again")


def check_no_threads(directory):
    if os.getuid() != 0:
        print("not checked: only root can become a user without processes")
        return
    user = 54321
    mine = pathlib.Path(directory) / "mine"
    mine.mkdir()
    os.chown(mine, user, user)
    os.chmod(directory, 0o755)

    def alone():
        os.setgroups([])
        os.setgid(user)
        os.setuid(user)
        resource.setrlimit(resource.RLIMIT_NPROC, (1, 1))

    for arguments in (["init", *FLAGS], ["check-expiration"], ["renew", "all"]):
        result = pkigen(*arguments, "--cert-dir", mine / "pki", preexec_fn=alone, cwd="/")
        expect(result.returncode == 0, f"{arguments[0]} works on one thread: {result.stderr}")


def check_limits(pki):
    limits = [(resource.RLIMIT_FSIZE, limit) for limit in (0, 1, 100, 1000, 4096)]
    limits += [(resource.RLIMIT_NOFILE, limit) for limit in range(FEWEST, FEWEST + 21)]
    limits += [(resource.RLIMIT_AS, limit << 20) for limit in range(4, 64, 6)]
    started = 0
    for kind, limit in limits:
        def restrict():
            resource.setrlimit(kind, (limit, limit))

        # Below some limit the dynamic loader cannot start a program.
        if kind != resource.RLIMIT_FSIZE and pkigen("version", preexec_fn=restrict).returncode != 0:
            continue
        started += 1
        leaves = [file for file in [*pki.glob("*.crt"), *pki.glob("etcd/*.crt")] if not file.name.endswith("ca.crt")]
        before = {file: file.read_bytes() for file in leaves}
        result = pkigen("renew", "all", "--cert-dir", pki, preexec_fn=restrict)
        what = f"limit {kind} of {limit}: {result.returncode}, {result.stderr}"
        expect(result.returncode in (0, 1), what)
        expect(result.returncode == 0 or "error:" in result.stderr, f"an error is reported: {what}")
        expect(pkigen("recover", "--cert-dir", pki).returncode == 0, what)
        changed = [file for file, content in before.items() if file.read_bytes() != content]
        expect(changed == (leaves if result.returncode == 0 else []), f"all are new, or none: {what}")
        expect(pkigen("check-expiration", "--cert-dir", pki).returncode == 0, f"the PKI is valid: {what}")
        if kind == resource.RLIMIT_AS:
            result = pkigen("check-expiration", "--cert-dir", pki, preexec_fn=restrict)
            expect(result.returncode in (0, 1), f"memory that is missing is no fault of the PKI: {result.stdout}")
    expect(started > 15, f"pkigen starts within {started} of {len(limits)} limits")


with tempfile.TemporaryDirectory() as directory:
    pki = pathlib.Path(directory) / "k/pki"
    expect(pkigen("init", "--cert-dir", pki, *FLAGS).returncode == 0, "init")
    check_closed_descriptors(pki)
    check_limits(pki)
    check_ignored_signals(pki)
    check_signal_during_a_hook(pki)
    check_no_threads(directory)
