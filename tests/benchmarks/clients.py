#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The library: 10,000 client certificates of one CA in memory, against OpenSSL's functions in a loop; and on more cores."""

import os

import common

COUNT = 10_000


def rows(bench):
    cores = len(os.sched_getaffinity(0))

    def on(mode, threads):
        return lambda: bench.tool_number(mode, COUNT, threads)[0] * 1000

    ours, theirs = bench.paired(on("clients", cores), on("openssl-clients", cores), 5)
    yield common.Row(f"{COUNT:,} client certificates, ECDSA-P256, {cores} cores", "OpenSSL, key and signature in a loop",
                     "within 1.1", ours, theirs, faster=False, wanted=1.1,
                     note="ours are whole kubeconfigs, theirs two PEM texts")
    all_cores, one_core = bench.paired(on("clients", cores), on("clients", 1), 3)
    yield common.Row(f"the same on {cores} cores", "on one core", "scales", all_cores, one_core, wanted=0.8 * cores)


if __name__ == "__main__":
    common.main(rows)
