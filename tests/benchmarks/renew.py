#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`renew all` against kubeadm, with both kinds of keys. pkigen also makes a backup and renews kubelet.conf.

kubeadm renews the kubeconfigs of /etc/kubernetes and no others, so it gets a root directory of its own, which takes
the rights of root.
"""

import os

import common


def rows(bench):
    for algorithm, wanted in (("RSA-2048", 5), ("ECDSA-P256", 10)):
        with common.Place(bench, algorithm, bench.memory_dir) as mine, \
                common.Place(bench, algorithm, bench.memory_dir) as other:
            common.run(mine.init_command())
            command = [bench.pkigen, "renew", "all", "--cert-dir", mine.pki]
            peer = None
            if bench.kubeadm and os.geteuid() == 0:
                common.run(*other.kubeadm_init_commands())
                (other.base / "etc").mkdir()
                (other.base / "etc/kubernetes").symlink_to("../k")
                inside = other.config("-inside").name
                words = [bench.kubeadm, "certs", "renew", "all", "--config", f"/{inside}", "--rootfs", other.base]
                peer = lambda: common.run(words)
            ours, theirs = bench.paired(lambda: common.run(command), peer, bench.runs)
        yield common.Row(f"renew all, {algorithm}", "kubeadm", f"{wanted} times faster", common.milliseconds(ours),
                         common.milliseconds(theirs), wanted=wanted)


if __name__ == "__main__":
    common.main(rows)
