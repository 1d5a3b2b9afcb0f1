#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The whole `pkigen init` with ECDSA-P256, against kubeadm, on a disk and where a sync costs nothing."""

import common


def rows(bench):
    runs = bench.runs * 2  # short, and the disk varies
    ours, theirs = common.init_costs(bench, "ECDSA-P256", None, runs)
    yield common.Row("init, ECDSA-P256, on disk", "kubeadm, which syncs nothing", "10 times faster",
                     common.milliseconds(ours), common.milliseconds(theirs), wanted=10)
    if bench.memory_dir:
        free, peer = common.init_costs(bench, "ECDSA-P256", bench.memory_dir, runs)
        yield common.Row("init, ECDSA-P256, in memory (a sync is free)", "kubeadm", "10 times faster",
                         common.milliseconds(free), common.milliseconds(peer), wanted=10)


if __name__ == "__main__":
    common.main(rows)
