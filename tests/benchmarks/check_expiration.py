#!/usr/bin/env python3
"""Measures `pkigen check-expiration` on what init makes and on thousands of certificates below one directory.

usage: check_expiration.py PKIGEN [CERTIFICATES]

Prints time and peak memory, and the ratio to `openssl x509 -enddate` called once a file on a sample: ratios hold on
any machine, times do not.
"""

import os
import pathlib
import subprocess
import sys
import tempfile
import time

SAMPLE = 200


def measured(*arguments):
    """Runs a command; gives seconds and peak memory in KiB of that child alone."""
    start = time.monotonic()
    child = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.monotonic() - start
    if os.waitstatus_to_exitcode(status) != 0:
        sys.exit(child.stderr.read().decode())
    return seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss


def best(runs, *arguments):
    return min((measured(*arguments) for _ in range(runs)), key=lambda result: result[1])


def show(title, result):
    print(f"{title:<48} {result[0] * 1000:9.0f} ms {result[1] * 1000:9.0f} ms cpu {result[2] / 1024:7.1f} MiB")


def main():
    pkigen, number = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 10_000
    with tempfile.TemporaryDirectory() as folder:
        base = pathlib.Path(folder)
        pki = base / "k/pki"
        subprocess.run([pkigen, "init", "--cert-dir", pki, "--node-name", "cp-1", "--apiserver-advertise-address", "192.0.2.1"],
                       check=True, capture_output=True)
        many = base / "many"
        certificate = (pki / "apiserver.crt").read_bytes()
        for i in range(number):
            place = many / f"{i // 100:03}"
            place.mkdir(parents=True, exist_ok=True)
            (place / f"{i:05}.crt").write_bytes(certificate)
        check = [pkigen, "check-expiration", "--cert-dir", str(pki), "--kubelet-dir", str(base / "none")]
        few = best(5, *check)
        show("what init makes", few)
        for output in ("text", "json", "prometheus"):
            result = best(3, *check, "--also", str(many), "-o", output)
            show(f"and {number} certificates, -o {output}", result)
            print(f"{'':<48} {(result[2] - few[2]) / number:9.2f} KiB a certificate")
            if output == "text":
                text = result
        sample = sorted(many.rglob("*.crt"))[:SAMPLE]
        start = time.monotonic()
        for path in sample:
            subprocess.run(["openssl", "x509", "-enddate", "-noout", "-in", path], check=True, stdout=subprocess.DEVNULL)
        each = (time.monotonic() - start) / len(sample)
        print(f"openssl x509 -enddate, once a file: {each * 1000:.2f} ms each; pkigen is {each * number / text[0]:.0f} times as fast")


if __name__ == "__main__":
    main()
