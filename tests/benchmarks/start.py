#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the command costs before it does anything, the peak memory of init, and the size of the program."""

import pathlib
import shutil
import subprocess
import tempfile

import common


def rows(bench):
    openssl = shutil.which("openssl")
    ours, theirs = bench.paired(lambda: common.run([bench.pkigen, "version"]),
                                (lambda: common.run([openssl, "version"])) if openssl else None, bench.runs * 6)
    yield common.Row("start-up: version", "openssl version", "no slower", common.milliseconds(ours),
                     common.milliseconds(theirs), faster=False, wanted=1)
    for algorithm in ("RSA-2048", "ECDSA-P256"):
        costs, _ = common.init_costs(bench, algorithm, bench.memory_dir, 3)
        yield common.Row(f"init, {algorithm}, peak memory", "a limit", "below 16 MiB", [c.memory for c in costs],
                         [16.0] * len(costs), unit="MiB", faster=False, wanted=1)
    with tempfile.TemporaryDirectory() as folder:
        stripped = pathlib.Path(folder, "pkigen")
        subprocess.run(["strip", "-o", stripped, bench.pkigen], check=True)
        size = stripped.stat().st_size / 2**20
    peer = [pathlib.Path(bench.kubeadm).stat().st_size / 2**20] if bench.kubeadm else []
    yield common.Row("size of the stripped program", "kubeadm", "a tenth", [size], peer, unit="MiB", faster=False,
                     wanted=0.1, note="pkigen uses the system's OpenSSL")


if __name__ == "__main__":
    common.main(rows)
