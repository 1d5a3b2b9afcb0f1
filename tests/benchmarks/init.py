#!/usr/bin/env python3
"""Time of `pkigen init` against that of `openssl genpkey` for as many keys, in the same run.

usage: init.py PKIGEN [RUNS]

Prints a line an algorithm: the median of the wall times, how many cores were busy (user and system time over wall
time), and the ratio to openssl. `openssl` makes the keys one after another, as a shell script would.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time

PKIGEN = sys.argv[1]
RUNS = int(sys.argv[2]) if len(sys.argv) > 2 else 5
KEYS = 16  # three CAs, seven certificates, sa, five kubeconfigs
ALGORITHMS = {
    "RSA-2048": ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
    "ECDSA-P256": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
}


def measure(work):
    """Wall time, and user and system time of the children, of one call."""
    before, start = os.times(), time.monotonic()
    work()
    wall, after = time.monotonic() - start, os.times()
    busy = after.children_user - before.children_user + after.children_system - before.children_system
    return wall, busy / wall


def run(*command):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def init(algorithm):
    with tempfile.TemporaryDirectory() as directory:
        run(PKIGEN, "init", "--cert-dir", f"{directory}/pki", "--node-name", "cp-1", "--apiserver-advertise-address",
            "192.0.2.1", "--encryption-algorithm", algorithm)


def genpkey(options):
    for _ in range(KEYS):
        run("openssl", "genpkey", *options)


def main():
    print(f"{'algorithm':<12}{'pkigen init':>14}{'cores busy':>12}{f'{KEYS} x genpkey':>16}{'ratio':>8}")
    for algorithm, options in ALGORITHMS.items():
        ours = [measure(lambda: init(algorithm)) for _ in range(RUNS)]
        theirs = [measure(lambda: genpkey(options))[0] for _ in range(RUNS)]
        wall, other = statistics.median(w for w, _ in ours), statistics.median(theirs)
        cores = statistics.median(c for _, c in ours)
        print(f"{algorithm:<12}{wall * 1000:>11.0f} ms{cores:>12.2f}{other * 1000:>13.0f} ms{wall / other:>8.2f}")


main()
