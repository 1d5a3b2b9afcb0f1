#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The whole `pkigen init` with RSA-2048, against kubeadm and against the primes alone."""

import os

import common

PRIMES = 32  # of 16 keys


def rows(bench):
    ours, theirs = common.init_costs(bench, "RSA-2048", bench.memory_dir)
    yield common.Row("init, RSA-2048, 16 key pairs", "kubeadm", "faster", common.milliseconds(ours),
                     common.milliseconds(theirs), wanted=1)
    yield common.Row("the same, CPU of all cores", "kubeadm", "less", [c.cpu * 1000 for c in ours],
                     [c.cpu * 1000 for c in theirs], wanted=1)
    cores = len(os.sched_getaffinity(0))
    limits = [bench.tool_number("openssl-prime", 1024, 2 * PRIMES)[0] * PRIMES / cores for _ in ours]
    yield common.Row("the same", f"BN_generate_prime_ex2 on {cores} cores", "within 1.5", common.milliseconds(ours), limits,
                     faster=False, wanted=1.5, note="32 primes, nothing else")


if __name__ == "__main__":
    common.main(rows)
