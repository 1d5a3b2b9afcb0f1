#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Watches every system call of `pkigen check-expiration` and fails on one that changes anything.

usage: check_expiration_reads_only.py PKIGEN

Ends with 77 (skipped) where there is no strace or it may not trace.
"""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

# Calls that change a file system, a clock, another process, or speak to the network.
CHANGES = re.compile(
    r"\b(creat|mkdir|mkdirat|rmdir|unlink|unlinkat|rename|renameat2?|link|linkat|symlink|symlinkat|mknod|mknodat|"
    r"f?truncate|fallocate|f?chmod|fchmodat2?|f?chown|lchown|fchownat|utime|utimes|futimesat|utimensat|f?setxattr|lsetxattr|"
    r"f?removexattr|lremovexattr|fsync|fdatasync|sync|syncfs|flock|mount|umount2?|connect|bind|sendto|sendmsg|kill|tkill)\(")
WRITES_TO_FILE = re.compile(r"\b(pwrite64|pwritev2?|write|writev|sendfile|copy_file_range|splice)\((?!1<|2<|1,|2,)")
OPENS_FOR_WRITING = re.compile(r"\bopen(at2?)?\(.*O_(WRONLY|RDWR|CREAT|TRUNC|APPEND)")
LOCKS = re.compile(r"\bfcntl\(.*F_(OFD_)?SETLKW?\b")


def run(*arguments):
    return subprocess.run(arguments, capture_output=True, text=True, check=False)


def main():
    if not shutil.which("strace"):
        sys.exit(77)
    pkigen = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        base = pathlib.Path(folder)
        pki = str(base / "k/pki")
        made = run(pkigen, "init", "--cert-dir", pki, "--node-name", "cp-1", "--apiserver-advertise-address", "192.0.2.1",
                   "--encryption-algorithm", "ECDSA-P256")
        if made.returncode != 0:
            sys.exit(made.stderr)
        trace = base / "trace"
        for output in ("text", "wide", "json", "yaml", "prometheus"):
            traced = run("strace", "-f", "-y", "-o", str(trace), pkigen, "check-expiration", "--cert-dir", pki, "--also", pki, "-o", output)
            if not trace.exists() or "PTRACE" in traced.stderr:
                sys.exit(77)
            if traced.returncode != 0:
                sys.exit(traced.stderr)
            lines = trace.read_text(errors="replace").splitlines()
            if not any("apiserver.crt" in line for line in lines):
                sys.exit("the trace does not show that a certificate was opened")
            wrong = [line for line in lines for rule in (CHANGES, WRITES_TO_FILE, OPENS_FOR_WRITING, LOCKS) if rule.search(line)]
            if wrong:
                sys.exit(f"-o {output} changes something:\n" + "\n".join(wrong))
            print(f"-o {output}: {len(lines)} system calls, none of them changes anything")


if __name__ == "__main__":
    main()
