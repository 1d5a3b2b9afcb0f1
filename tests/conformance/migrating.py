#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Follows doc/migrating-from-kubeadm.md word for word on a PKI that kubeadm made.

usage: migrating.py PKIGEN

The commands of the page run in their order, with a directory in place of /etc/kubernetes and /root. kubectl returns what the API server
would, and systemctl does nothing.
"""

import hashlib
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import common

PAGE = pathlib.Path(__file__).resolve().parents[2] / "doc/migrating-from-kubeadm.md"
CLUSTER = """apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
kubernetesVersion: {version}
controlPlaneEndpoint: api.example.internal:6443
certificatesDir: {etc}/pki
apiServer:
  certSANs: [api.example.org]
"""
NODE = """---
apiVersion: kubeadm.k8s.io/v1beta4
kind: InitConfiguration
localAPIEndpoint: {advertiseAddress: 192.168.10.11}
nodeRegistration: {name: cp-1, criSocket: "unix:///run/containerd/containerd.sock"}
"""
CONFIG_MAP = """apiVersion: v1
kind: ConfigMap
metadata: {name: kubeadm-config, namespace: kube-system}
data:
  ClusterConfiguration: |
"""
# The programs of the page, with the places of this test.
PROGRAMS = {
    "pkigen": """case $1 in
  check-expiration) set -- "$@" --kubelet-dir {root}/kubelet --live-timeout 1 ;;
  renew) case " $* " in *" --restart-static-pods "*) set -- "$@" --manifests-dir {root}/manifests ;; esac ;;
esac
exec {pkigen} "$@" --cert-dir {etc}/pki""",
    "kubeadm": 'exec {kubeadm} "$@" --cert-dir {etc}/pki --config {root}/cluster.yaml',
    "kubectl": 'case "$*" in *configmap*) cat {root}/config-map.yaml ;; esac',
    "systemctl": "exit 0",
}


class Migration:
    def __init__(self, root, pkigen, kubeadm):
        self.root, self.etc, self.errors = root, root / "kubernetes", ""
        (root / "bin").mkdir()
        (root / "manifests").mkdir()
        version = common.run([kubeadm, "version", "-o", "short"]).stdout.strip()
        cluster = CLUSTER.format(version=version, etc=self.etc)
        (root / "cluster.yaml").write_text(cluster + NODE)
        (root / "config-map.yaml").write_text(CONFIG_MAP + "".join(f"    {line}\n" for line in cluster.splitlines()))
        for phase in (["certs", "all"], ["kubeconfig", "all", "--kubeconfig-dir", self.etc]):
            common.run([kubeadm, "init", "phase", *phase, "--config", root / "cluster.yaml"])
        for name, text in PROGRAMS.items():
            program = root / "bin" / name
            program.write_text("#!/bin/sh\n" + text.format(root=root, etc=self.etc, pkigen=pkigen, kubeadm=kubeadm) + "\n")
            program.chmod(0o755)

    def follow(self, line):
        """Runs a line of the page and returns its standard output."""
        here = line.replace("/etc/kubernetes", str(self.etc)).replace("/root/", f"{self.root}/")
        done = subprocess.run(["/bin/sh", "-ec", here], cwd=self.root, capture_output=True, text=True, check=False,
                              env={**os.environ, "PATH": f"{self.root}/bin:{os.environ['PATH']}"})
        if done.returncode != 0:
            sys.exit(f"{PAGE.name}: {line}\nexit status {done.returncode}\n{done.stdout}{done.stderr}")
        self.errors = done.stderr
        return done.stdout

    def files(self):
        """Returns the digest of each file but those of pkigen itself."""
        return {str(path.relative_to(self.etc)): hashlib.sha256(path.read_bytes()).hexdigest()
                for path in sorted(self.etc.rglob("*")) if path.is_file() and "pkigen" not in str(path.relative_to(self.etc))}


def expect(what, condition, *details):
    if not condition:
        sys.exit("\n".join([f"{PAGE.name}: {what}", *map(str, details)]))


def steps():
    """Returns the lines of the shell blocks of the page by the number of their step; the last step has the number 0."""
    found = {}
    for section in re.split(r"^## ", PAGE.read_text(encoding="utf-8"), flags=re.M)[1:]:
        number = int(section[0]) if section[0].isdigit() else 0
        found[number] = [line for block in re.findall(r"^```sh\n(.*?)^```", section, flags=re.M | re.S) for line in block.splitlines()]
    return found


def changed(before, after):
    return sorted(name for name in before if before[name] != after.get(name))


def main():
    pkigen = str(pathlib.Path(sys.argv[1]).resolve())
    kubeadm = common.peers("kubeadm")["kubeadm"]
    page = steps()
    expect("six steps", sorted(page) == [0, 1, 2, 3, 4, 5] and all(page.values()), page)
    with tempfile.TemporaryDirectory() as directory:
        world = Migration(pathlib.Path(directory), pkigen, kubeadm)
        first = world.files()
        for line in page[1]:
            world.follow(line)
        expect("looking changes nothing", world.files() == first)
        dry = world.follow("; ".join(page[2][:2]))
        expect("the dry run warns of nothing", "warning" not in world.errors, world.errors)
        real = world.follow(page[2][2])
        actions = re.findall(r"^(\w+) +(?:[a-z-]+|[a-z-]+\.conf) {2,}", dry, flags=re.M)
        expect("each line of the dry run begins with keep", len(actions) == 16 and set(actions) == {"keep"}, dry)
        expect("the configuration is saved, and no other file changes", (world.etc / "pkigen.yaml").is_file() and world.files() == first, real)
        expect("kubeadm's naming is saved", "\nnaming: kubeadm\n" in (world.etc / "pkigen.yaml").read_text())
        world.follow(page[3][0])
        expect("admin.conf is renewed, and no other file", changed(first, world.files()) == ["admin.conf"])
        for line in page[3][1:]:
            world.follow(line)
        expect("undo restores each byte", world.files() == first)
        for line in page[4] + page[5]:
            world.follow(line)
        kept = sorted(set(first) - set(changed(first, world.files())))
        expect("CAs and service account key are kept, everything else is renewed", kept == [
            "pki/ca.crt", "pki/ca.key", "pki/etcd/ca.crt", "pki/etcd/ca.key", "pki/front-proxy-ca.crt", "pki/front-proxy-ca.key",
            "pki/sa.key", "pki/sa.pub"], kept)
        report = "".join(map(world.follow, page[0]))
        expect("kubeadm accepts what was renewed", "apiserver-kubelet-client" in report and "MISSING! apiserver" not in report, report)
        left = sorted(str(path.relative_to(world.etc)) for path in world.etc.rglob("*") if path.is_file())
        expect("pkigen's own files are removed", left == sorted(first), left)
    print(f"{PAGE.name}: {sum(map(len, page.values()))} commands followed")


main()
