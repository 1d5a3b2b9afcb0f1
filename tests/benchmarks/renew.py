#!/usr/bin/env python3
"""`renew all` against kubeadm, with both kinds of keys. pkigen also makes a backup and renews kubelet.conf."""

import common


def rows(bench):
    for algorithm, wanted in (("RSA-2048", 5), ("ECDSA-P256", 10)):
        with common.Place(bench, algorithm, bench.memory_dir) as mine, \
                common.Place(bench, algorithm, bench.memory_dir) as other:
            common.run(mine.init_command())
            command = [bench.pkigen, "renew", "all", "--cert-dir", mine.pki]
            peer = None
            if bench.kubeadm:
                common.run(*other.kubeadm_init_commands())
                words = [bench.kubeadm, "certs", "renew", "all", "--config", other.config(), "--kubeconfig-dir",
                         other.base / "k"]
                peer = lambda: common.run(words)
            ours, theirs = bench.paired(lambda: common.run(command), peer, bench.runs)
        yield common.Row(f"renew all, {algorithm}", "kubeadm", f"{wanted} times faster", common.milliseconds(ours),
                         common.milliseconds(theirs), wanted=wanted)


if __name__ == "__main__":
    common.main(rows)
