#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""pkigen asks at the terminal for the passphrase of a CA key, and does not show what is typed. An interrupt ends it, the
terminal has its echo again, and nothing was written.

usage: asks_for_a_passphrase.py PKIGEN
"""

import os
import pathlib
import pty
import select
import subprocess
import sys
import tempfile
import termios
import time

PKIGEN = sys.argv[1]
SECRET = "correct horse"


def expect(condition, what):
    if not condition:
        sys.exit(f"FAILED: {what}")
    print(f"ok: {what}")


def make_ca(pki, key):
    """An encrypted key outside of the PKI, and its certificate in it."""
    passphrase = key.with_name("passphrase")
    passphrase.write_text(SECRET)
    pki.mkdir()
    subprocess.run(["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-aes256", "-pass",
                    f"file:{passphrase}", "-out", key], check=True, capture_output=True)
    subprocess.run(["openssl", "req", "-x509", "-key", key, "-passin", f"file:{passphrase}", "-subj", "/CN=kubernetes-ca",
                    "-days", "3650", "-out", pki / "ca.crt", "-addext",
                    "keyUsage=critical,digitalSignature,keyCertSign,cRLSign"], check=True, capture_output=True)
    passphrase.unlink()


def at_terminal(arguments, typed):
    """Runs pkigen at a terminal of its own and types when it asks. Returns its status, what was shown, and whether the
    terminal shows again what is typed."""
    child, terminal = pty.fork()
    if child == 0:
        os.execv(PKIGEN, [PKIGEN, *map(str, arguments)])
    shown = b""
    answered = False
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if not select.select([terminal], [], [], 1)[0]:
            continue
        try:
            part = os.read(terminal, 4096)
        except OSError:  # it has ended
            break
        if not part:
            break
        shown += part
        if not answered and b"Passphrase or PIN of ca" in shown:
            answered = True
            time.sleep(0.2)
            os.write(terminal, typed)
    echoes = bool(termios.tcgetattr(terminal)[3] & termios.ECHO)
    _, status = os.waitpid(child, 0)
    os.close(terminal)
    expect(answered, "it asks for the passphrase")
    return status, shown.decode(errors="replace"), echoes


def main():
    with tempfile.TemporaryDirectory() as directory:
        work = pathlib.Path(directory)
        pki = work / "pki"
        key = work / "ca.key"
        make_ca(pki, key)
        arguments = ["init", "--cert-dir", pki, "--node-name", "cp-1", "--apiserver-advertise-address", "192.168.10.11",
                     "--encryption-algorithm", "ECDSA-P256", "--ca-key", f"ca=file:{key}"]

        status, shown, echoes = at_terminal(arguments, b"\x03")
        expect(os.WIFSIGNALED(status), "an interrupt ends it as usual")
        expect(echoes, "the terminal shows again what is typed after an interrupt")
        expect(not (pki / "apiserver.crt").exists(), "nothing is written after an interrupt")

        status, shown, echoes = at_terminal(arguments, b"wrong horse\n")
        expect(os.waitstatus_to_exitcode(status) == 1, "a wrong passphrase is a failure")
        expect(shown.count("Passphrase or PIN") == 1, "it asks once")
        expect("horse" not in shown, "a wrong passphrase is not shown")
        expect(not (pki / "apiserver.crt").exists(), "nothing is written with a wrong passphrase")

        status, shown, echoes = at_terminal(arguments, SECRET.encode() + b"\n")
        expect(os.waitstatus_to_exitcode(status) == 0, "the right passphrase signs")
        expect("horse" not in shown, "the right passphrase is not shown")
        expect(echoes, "the terminal shows again what is typed after the passphrase")
        verified = subprocess.run(["openssl", "verify", "-CAfile", pki / "ca.crt", pki / "apiserver.crt"],
                                  capture_output=True, check=False)
        expect(verified.returncode == 0, "OpenSSL accepts what was signed")


main()
