#!/usr/bin/env python3
"""`check-expiration` over what init makes, against kubeadm: time and peak memory."""

import common


def rows(bench):
    for algorithm in ("RSA-2048", "ECDSA-P256"):
        with common.Place(bench, algorithm, bench.memory_dir) as place:
            common.run(place.init_command())
            command = [bench.pkigen, "check-expiration", "--cert-dir", place.pki]
            peer = [bench.kubeadm, "certs", "check-expiration", "--config", place.config()]
            ours, theirs = bench.paired(lambda: common.run(command),
                                        (lambda: common.run(peer)) if bench.kubeadm else None, bench.runs * 2)
        yield common.Row(f"check-expiration, {algorithm}", "kubeadm", "10 times faster", common.milliseconds(ours),
                         common.milliseconds(theirs), wanted=10)
        yield common.Row(f"check-expiration, {algorithm}, peak memory", "kubeadm", "a third", [c.memory for c in ours],
                         [c.memory for c in theirs], unit="MiB", faster=False, wanted=1 / 3)


if __name__ == "__main__":
    common.main(rows)
