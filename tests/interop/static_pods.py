#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A stand-in for the kubelet runs TLS servers while their manifests are in place; renew --restart-static-pods must
restart just those that have to be, and see what the others serve.

usage: static_pods.py PKIGEN
"""

import atexit
import os
import pathlib
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time

from common import PKIGEN, expect, pkigen

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
        atexit.register(self.servers[name].kill)  # also when an expectation ends the script
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


def prepare(root, *processes):
    made = pkigen("init", "--cert-dir", root / "pki", "--node-name", "cp-1", "--apiserver-advertise-address",
                  "192.0.2.1", "--encryption-algorithm", "ECDSA-P256")
    expect(made.returncode == 0, "init")
    (root / "manifests").mkdir()
    for process in processes:
        (root / f"manifests/{process}.yaml").write_text(f"# {process}\n")


def renew_arguments(root, *arguments, timeout=5):
    return ["renew", *arguments, "--cert-dir", root / "pki", "--restart-static-pods", "--manifests-dir", root / "manifests",
            "--restart-timeout", timeout]


def renew(root, *arguments, timeout=5):
    return pkigen(*renew_arguments(root, *arguments, timeout=timeout))


def start_renew(root, *arguments, timeout):
    command = [PKIGEN, *map(str, renew_arguments(root, *arguments, timeout=timeout))]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def manifests(root):
    return sorted(os.listdir(root / "manifests"))


def wait_until(condition, what):
    for _ in range(2000):
        if condition():
            return
        time.sleep(0.005)
    sys.exit(f"FAILED: {what}")


def is_away(root, process):
    return (root / f"manifests/.{process}.yaml.pkigen").exists()


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
    expect(result.returncode == 1 and "still listens" in result.stderr, "a kubelet that does nothing is reported")
    expect(os.listdir(root / "manifests") == ["kube-scheduler.yaml"], "and the manifest is back")
    kubelet.stop()


def recover_puts_a_manifest_back(root):
    prepare(root)
    (root / "manifests/.kube-scheduler.yaml.pkigen").write_text("# kube-scheduler\n")
    result = pkigen("recover", "--cert-dir", root / "pki", "--manifests-dir", root / "manifests")
    expect(result.returncode == 0 and "put back" in result.stdout, "recover puts back what a killed restart moved away")
    expect(os.listdir(root / "manifests") == ["kube-scheduler.yaml"], "and it is in place")


def a_signal_puts_the_manifest_back_at_once(root):
    prepare(root, "kube-controller-manager", "kube-scheduler")
    kubelet = Kubelet(root, answers=False)
    kubelet.start()
    wait_for(kubelet, "kube-controller-manager", "kube-scheduler")
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        process = start_renew(root, "all", timeout=60)
        wait_until(lambda: is_away(root, "kube-controller-manager"), "the manifest is moved away")
        begin = time.monotonic()
        process.send_signal(number)
        _, messages = process.communicate()
        took = time.monotonic() - begin
        expect(process.returncode == -number, f"pkigen ends by signal {number}")
        expect(took < 3, f"after {took:.1f} s")
        expect("kube-controller-manager.yaml: interrupted" in messages and "kube-scheduler: interrupted" in messages,
               "what was not done is named")
        expect(manifests(root) == ["kube-controller-manager.yaml", "kube-scheduler.yaml"], "the manifests are in place")
    report = pkigen("check-expiration", "--cert-dir", root / "pki", "--kubelet-dir", root)
    expect(report.returncode == 4 and "--restart-static-pods" in report.stdout + report.stderr,
           "the report raises an alarm, and says what to do")
    kubelet.answers = True
    expect(renew(root, "--if-needed").returncode == 0, "the next run restarts")
    expect(kubelet.starts == {"kube-controller-manager": 2, "kube-scheduler": 2}, "both of them")
    expect(pkigen("check-expiration", "--cert-dir", root / "pki", "--kubelet-dir", root).returncode == 0,
           "and the alarm has ended")
    kubelet.stop()


def a_slow_answer_is_no_stop(root):
    prepare(root, "kube-scheduler")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(root / "pki/etcd/server.crt", root / "pki/etcd/server.key")

    def serve(connection):
        try:
            if is_away(root, "kube-scheduler"):
                time.sleep(2)
            connection.settimeout(3)
            context.wrap_socket(connection, server_side=True).close()
        except OSError:
            pass

    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind(("127.0.0.1", PORTS["kube-scheduler"]))
        server.listen(50)

        def accept():
            try:
                while True:
                    threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()
            except OSError:
                pass

        threading.Thread(target=accept, daemon=True).start()
        result = renew(root, "scheduler.conf", timeout=3)
        expect(result.returncode == 1 and "still listens" in result.stderr, "a process that never stopped was not restarted")
        expect(manifests(root) == ["kube-scheduler.yaml"], "and the manifest is back")
        server.shutdown(socket.SHUT_RDWR)


def a_manifest_that_cannot_be_moved_is_named(root):
    prepare(root, "kube-scheduler")
    kubelet = Kubelet(root)
    kubelet.start()
    wait_for(kubelet, "kube-scheduler")
    (root / "manifests/kube-scheduler.yaml").rename(root / "elsewhere.yaml")
    (root / "manifests/kube-scheduler.yaml").symlink_to(root / "elsewhere.yaml")
    result = renew(root, "scheduler.conf")
    expect(result.returncode == 1 and "kube-scheduler.yaml: no regular file" in result.stderr, "a link is named")
    expect(kubelet.starts == {"kube-scheduler": 1}, "and nothing was restarted")
    command = result.stderr.split("then `")[1].split("`")[0]
    subprocess.run(["sh", "-c", command], check=True)
    expect(pkigen("check-expiration", "--cert-dir", root / "pki", "--kubelet-dir", root).returncode == 0,
           "who follows the hint has no alarm any more")
    kubelet.stop()


def a_newer_manifest_is_kept(root):
    prepare(root, "kube-scheduler")
    kubelet = Kubelet(root)
    kubelet.start()
    wait_for(kubelet, "kube-scheduler")
    kubelet.answers = False
    process = start_renew(root, "scheduler.conf", timeout=2)
    wait_until(lambda: is_away(root, "kube-scheduler"), "the manifest is moved away")
    (root / "manifests/kube-scheduler.yaml").write_text("# newer\n")
    _, messages = process.communicate()
    expect(process.returncode == 1 and "exists as well" in messages, "a second manifest is named")
    expect((root / "manifests/kube-scheduler.yaml").read_text() == "# newer\n", "and kept")
    kubelet.stop()


def an_import_restarts_too(root):
    prepare(root, "kube-controller-manager", "kube-scheduler")
    kubelet = Kubelet(root, answers=False)
    kubelet.start()
    wait_for(kubelet, "kube-controller-manager", "kube-scheduler")
    (root / "pki/ca.key").rename(root / "ca.key")
    files = root / "requests.json", root / "certificates.json"
    here = ["--cert-dir", root / "pki"]
    pods = ["--restart-static-pods", "--manifests-dir", root / "manifests", "--restart-timeout", 5]
    expect(pkigen("csr", "create", "scheduler.conf", *here, "--bundle", files[0]).returncode == 0, "a request")
    signed = pkigen("csr", "sign", files[0], *here, "--ca-key", f"ca=file:{root / 'ca.key'}", "--bundle", files[1])
    expect(signed.returncode == 0, f"its certificate {signed.stderr}")
    result = pkigen("csr", "import", files[1], *here, *pods)
    expect(result.returncode == 1 and "still listens" in result.stderr and "imported" in result.stdout, "a pod that does not restart is reported")
    expect(manifests(root) == ["kube-controller-manager.yaml", "kube-scheduler.yaml"], "and its manifest is back")
    kubelet.answers = True
    expect(renew(root, "--if-needed").returncode == 0, "the next renewal restarts it")
    expect(kubelet.starts == {"kube-controller-manager": 1, "kube-scheduler": 2}, "and nothing else")
    expect(pkigen("csr", "create", "scheduler.conf", *here, "--bundle", files[0]).returncode == 0, "another request")
    signed = pkigen("csr", "sign", files[0], *here, "--ca-key", f"ca=file:{root / 'ca.key'}", "--bundle", files[1])
    result = pkigen("csr", "import", files[1], *here, *pods)
    expect(result.returncode == 0, f"an import with a restart {result.stderr}")
    expect(kubelet.starts == {"kube-controller-manager": 1, "kube-scheduler": 3}, "of what uses the file")
    kubelet.stop()


for scenario in (a_signal_puts_the_manifest_back_at_once, a_slow_answer_is_no_stop,
                 a_manifest_that_cannot_be_moved_is_named, a_newer_manifest_is_kept,
                 restarts_those_that_must, reports_a_server_that_keeps_its_old_certificate,
                 puts_a_manifest_back_without_a_kubelet, an_import_restarts_too, recover_puts_a_manifest_back):
    with tempfile.TemporaryDirectory() as directory:
        print(f"-- {scenario.__name__.replace('_', ' ')}")
        scenario(pathlib.Path(directory))
