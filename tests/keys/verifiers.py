#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes RSA keys and has the openssl command and Go verify them.

usage: verifiers.py RSA_KEYS COUNT [--go]     RSA_KEYS is the program rsa-keys, which makes and checks the keys

Go is asked with --go, and where there is a go command.
"""

import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent


def accepts(pem):
    check = subprocess.run(["openssl", "rsa", "-check", "-noout"], input=pem, capture_output=True, text=True)
    return check.returncode == 0 and "RSA key ok" in check.stdout + check.stderr


def ask_openssl(path):
    pems = re.findall(r"-----BEGIN.*?-----END [^\n]*\n", path.read_text(), re.S)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        refused = sum(not accepted for accepted in pool.map(accepts, pems))
    print(f"openssl rsa -check: {len(pems) - refused} of {len(pems)} accepted")
    return not refused and pems


def ask_go(path, directory):
    if not shutil.which("go"):
        print("Go: not asked, there is no go command")
        return True
    environment = {**os.environ, "GO111MODULE": "off", "GOTOOLCHAIN": "local", "GOFLAGS": ""}
    program = f"{directory}/verifier"
    subprocess.run(["go", "build", "-o", program, HERE / "verifier.go"], check=True, env=environment, cwd=directory)
    return subprocess.run([program, path]).returncode == 0


def main():
    program, count = sys.argv[1:3]
    with tempfile.TemporaryDirectory() as directory:
        path = pathlib.Path(directory, "keys.pem")
        made = subprocess.run([program, count, path]).returncode == 0
        valid = made and ask_openssl(path) and ("--go" not in sys.argv or ask_go(path, directory))
    sys.exit(0 if valid else 1)


main()
