#!/usr/bin/env python3
"""The whole `pkigen init` with RSA-2048, against kubeadm and against the arithmetic that no generator can do without."""

import os

import common

PRIMES = 32  # of 16 keys


def rows(bench):
    ours, theirs = common.init_costs(bench, "RSA-2048", bench.memory_dir)
    yield common.Row("init, RSA-2048, 16 key pairs", "kubeadm", "5 times faster", common.milliseconds(ours),
                     common.milliseconds(theirs), wanted=5)
    yield common.Row("the same, CPU of all cores", "kubeadm", "less", [c.cpu * 1000 for c in ours],
                     [c.cpu * 1000 for c in theirs], wanted=1)
    cores = len(os.sched_getaffinity(0))
    limits = [bench.tool_number("openssl-prime", 1024, 300)[0] * PRIMES / cores for _ in ours]
    yield common.Row("the same", f"arithmetic limit on {cores} cores", "within 1.5", common.milliseconds(ours), limits,
                     faster=False, wanted=1.5, note="sieve and exponentiations of 32 primes, nothing else")


if __name__ == "__main__":
    common.main(rows)
