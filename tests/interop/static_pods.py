#!/usr/bin/env python3
"""A stand-in for the kubelet runs TLS servers while their manifests are in place; renew --restart-static-pods must
restart just those that have to be, and see what the others serve.

usage: static_pods.py PKIGEN
"""

import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import time

PKIGEN = sys.argv[1]
PORTS = {"kube-controller-manager": 10257, "kube-scheduler": 10259, "etcd": 2379}


class Kubelet(threading.Thread):
    """Runs one server a manifest; hidden files are none. Counts the starts of each."""

    def __init__(self, root, answers=True):
        super().__init__(daemon=True)
        self.root, self.answers = root, answers
        self.servers, self.starts, self.done = {}, {}, False

    def start_server(self, name):
        etcd = self.root / "pki/etcd"
        pair = [etcd / "server.crt", etcd / "server.key"]
        command = ["openssl", "s_server", "-quiet", "-accept", f"127.0.0.1:{PORTS[name]}",
                   "-cert", pair[0], "-key", pair[1]]
        self.servers[name] = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                              stderr=subprocess.DEVNULL)
        self.starts[name] = self.starts.get(name, 0) + 1

    def run(self):
        while not self.done:
            present = {path.stem for path in (self.root / "manifests").glob("[!.]*.yaml")}
            for name in present - self.servers.keys():
                self.start_server(name)
            for name in self.servers.keys() - present if self.answers else []:
                self.servers[name].terminate()
                self.servers.pop(name).wait()
            time.sleep(0.1)

    def stop(self):
        self.done = True
        self.join()
        for server in self.servers.values():
            server.terminate()
            server.wait()


def expect(condition, what):
    if not condition:
        sys.exit(f"FAILED: {what}")
    print(f"ok: {what}")


def pkigen(*arguments):
    return subprocess.run([PKIGEN, *map(str, arguments)], capture_output=True, text=True, timeout=120)


def prepare(root, *processes):
    made = pkigen("init", "--cert-dir", root / "pki", "--node-name", "cp-1", "--apiserver-advertise-address",
                  "192.0.2.1", "--encryption-algorithm", "ECDSA-P256")
    expect(made.returncode == 0, "init")
    (root / "manifests").mkdir()
    for process in processes:
        (root / f"manifests/{process}.yaml").write_text(f"# {process}\n")


def renew(root, *arguments):
    return pkigen("renew", *arguments, "--cert-dir", root / "pki", "--restart-static-pods", "--manifests-dir",
                  root / "manifests", "--restart-timeout", "5")


def wait_for(kubelet, *names):
    for _ in range(100):
        if all(name in kubelet.servers for name in names):
            time.sleep(0.3)
            return
        time.sleep(0.1)
    sys.exit("FAILED: the servers did not start")


def restarts_those_that_must(root):
    prepare(root, "kube-controller-manager", "kube-scheduler")
    kubelet = Kubelet(root)
    kubelet.start()
    wait_for(kubelet, "kube-controller-manager", "kube-scheduler")
    result = renew(root, "controller-manager.conf")
    print(result.stderr, end="")
    expect(result.returncode == 0, "a renewal with a restart")
    expect(kubelet.starts == {"kube-controller-manager": 2, "kube-scheduler": 1}, "only the controller manager restarted")
    names = sorted(os.listdir(root / "manifests"))
    expect(names == ["kube-controller-manager.yaml", "kube-scheduler.yaml"], "the manifests are in place")
    kubelet.stop()


def reports_a_server_that_keeps_its_old_certificate(root):
    prepare(root, "etcd")
    kubelet = Kubelet(root)
    kubelet.start()
    wait_for(kubelet, "etcd")
    result = renew(root, "etcd-server")  # this server reads its files once, unlike a real etcd
    expect(result.returncode == 1 and "still serves the old certificate of etcd-server" in result.stderr,
           "a server that keeps its old certificate is reported")
    kubelet.stop()


def puts_a_manifest_back_without_a_kubelet(root):
    prepare(root, "kube-scheduler")
    kubelet = Kubelet(root, answers=False)
    kubelet.start()
    wait_for(kubelet, "kube-scheduler")
    result = renew(root, "scheduler.conf")
    expect(result.returncode == 1 and "still serves" in result.stderr, "a kubelet that does nothing is reported")
    expect(os.listdir(root / "manifests") == ["kube-scheduler.yaml"], "and the manifest is back")
    kubelet.stop()


def recover_puts_a_manifest_back(root):
    prepare(root)
    (root / "manifests/.kube-scheduler.yaml.pkigen").write_text("# kube-scheduler\n")
    result = pkigen("recover", "--cert-dir", root / "pki", "--manifests-dir", root / "manifests")
    expect(result.returncode == 0 and "put back" in result.stdout, "recover puts back what a killed restart moved away")
    expect(os.listdir(root / "manifests") == ["kube-scheduler.yaml"], "and it is in place")


for scenario in (restarts_those_that_must, reports_a_server_that_keeps_its_old_certificate,
                 puts_a_manifest_back_without_a_kubelet, recover_puts_a_manifest_back):
    with tempfile.TemporaryDirectory() as directory:
        print(f"-- {scenario.__name__.replace('_', ' ')}")
        scenario(pathlib.Path(directory))
