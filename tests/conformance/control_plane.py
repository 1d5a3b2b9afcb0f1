#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A real control plane runs on what `pkigen init` made and nothing else, is asked who it takes whom for, and has its
certificates renewed while it runs. With KEYS "elsewhere" the keys of its CAs never are on its disk: every certificate is requested,
signed where the keys are, and imported.

usage: control_plane.py PKIGEN RESULTS ALGORITHM NAMING KEYS
"""

import json
import os
import shutil
import ssl
import sys
import threading
import time

from cluster import ADDRESS, PORTS, Cluster, bring_up_loopback, wait_until
from common import Results, peers, run, scratch, skip

NETWORK = ["unshare", "--map-root-user", "--net", "--pid", "--fork", "--kill-child"]
GROUPS = {"recommended": {"system:masters"}, "kubeadm": {"kubeadm:cluster-admins"}}
USERS = {"admin.conf": ("kubernetes-admin", {"kubeadm:cluster-admins"}), "super-admin.conf": ("kubernetes-super-admin", {"system:masters"}),
         "kubelet.conf": ("system:node:cp-1", {"system:nodes"}), "controller-manager.conf": ("system:kube-controller-manager", set()),
         "scheduler.conf": ("system:kube-scheduler", set())}
RENEWED = {"apiserver": "apiserver", "apiserver-kubelet-client": "apiserver-kubelet-client", "apiserver-etcd-client": "apiserver-etcd-client",
           "front-proxy-client": "front-proxy-client", "etcd-server": "etcd/server", "etcd-peer": "etcd/peer"}


RESTARTED = {"kube-controller-manager", "kube-scheduler", "kubelet"}


class Run:
    def __init__(self, pkigen, results, programs, folder, algorithm, naming):
        self.pkigen, self.results, self.folder = pkigen, results, folder
        self.algorithm, self.naming = algorithm, naming
        self.cluster = Cluster(programs, folder)

    def call_pkigen(self, *arguments):
        return run([self.pkigen, *arguments], timeout=600).stdout

    def make(self):
        self.call_pkigen("init", "--cert-dir", self.cluster.pki, "--node-name", "cp-1", "--apiserver-advertise-address", ADDRESS,
                         "--naming", self.naming, "--encryption-algorithm", self.algorithm)
        self.collect("made")

    def collect(self, label):
        """What is in the PKI and the kubeconfigs; the certificates beside them are this test's own."""
        own = [path for path in self.folder.rglob("*.crt") if self.cluster.pki not in path.parents]
        self.results.collect(self.folder, label, [str(path.relative_to(self.folder)) for path in own])

    # Who is who

    def every_kubeconfig_is_its_user(self):
        for name, (user, groups) in USERS.items():
            answer = json.loads(self.cluster.kubectl(name, "auth", "whoami", "-o", "json").stdout)["status"]["userInfo"]
            self.results.asks(f"{name} is {user}", answer["username"] == user and set(answer["groups"]) == groups | {"system:authenticated"}, str(answer))

    def client_certificates_are_their_users(self):
        pair = [self.cluster.pki / f"apiserver-kubelet-client.{kind}" for kind in ("crt", "key")]
        answer = self.cluster.whoami(self.cluster.context(pair=pair))
        self.results.asks("apiserver-kubelet-client has its group", answer == (
            201, "kube-apiserver-kubelet-client", GROUPS[self.naming] | {"system:authenticated"}), str(answer))

    def other_clients_are_refused(self):
        status, _ = self.cluster.request("GET", "/api/v1/namespaces")
        self.results.asks("a client without a certificate is refused", status in (401, 403), str(status))
        for other in ("etcd/healthcheck-client", "front-proxy-client"):
            pair = [self.cluster.pki / f"{other}.{kind}" for kind in ("crt", "key")]
            status, _ = self.cluster.request("GET", "/api/v1/namespaces", context=self.cluster.context(pair=pair))
            self.results.asks(f"{other} is not a user", status in (401, 403), str(status))

    def front_proxy_headers_are_trusted(self):
        headers = {"X-Remote-User": "jane", "X-Remote-Group": "developers"}
        pair = [self.cluster.pki / f"front-proxy-client.{kind}" for kind in ("crt", "key")]
        answer = self.cluster.whoami(self.cluster.context(pair=pair), headers)
        self.results.asks("the front proxy speaks for jane", answer == (201, "jane", {"developers", "system:authenticated"}), str(answer))
        answer = self.cluster.whoami(self.cluster.context("admin.conf"), headers)
        self.results.asks("nobody else does", answer[1] == "kubernetes-admin", str(answer))

    def admin_gains_rights_from_rbac(self):
        may = ["auth", "can-i", "*", "*", "--all-namespaces"]
        before = self.cluster.kubectl("admin.conf", *may, check=False).stdout.strip()
        self.results.asks("admin.conf has no rights at first", before == "no", before)
        self.cluster.kubectl("super-admin.conf", "apply", "-f", "-", data=self.call_pkigen("rbac"))
        wait_until(30, "admin.conf has rights", lambda: self.cluster.kubectl("admin.conf", *may, check=False).stdout.strip() == "yes")
        self.results.asks("pkigen rbac grants admin.conf all rights", True)

    # Tokens and requests for certificates

    def tokens_are_accepted(self):
        wait_until(60, "the controller manager makes service accounts", lambda: self.cluster.kubectl(
            "admin.conf", "get", "serviceaccount", "default", check=False).returncode == 0)
        token = self.cluster.kubectl("admin.conf", "create", "token", "default").stdout.strip()
        answer = self.cluster.whoami(headers={"Authorization": f"Bearer {token}"})
        self.results.asks("a token of the API server, signed with sa.key, is accepted", answer[1] == "system:serviceaccount:default:default", str(answer))
        secret = {"apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/service-account-token",
                  "metadata": {"name": "old", "annotations": {"kubernetes.io/service-account.name": "default"}}}
        self.cluster.kubectl("admin.conf", "apply", "-f", "-", data=json.dumps(secret))
        fields = []

        def filled():
            nonlocal fields
            form = r'{.data.token}{"\n"}{.data.ca\.crt}'
            fields = self.cluster.kubectl("admin.conf", "get", "secret", "old", "-o", f"jsonpath={form}").stdout.split("\n")
            return len(fields) == 2 and all(fields)

        wait_until(60, "the controller manager signs a token", filled)
        token, ca = (run(["base64", "-d"], data=field).stdout for field in fields)
        answer = self.cluster.whoami(headers={"Authorization": f"Bearer {token}"})
        self.results.asks("so is one of the controller manager", answer[1] == "system:serviceaccount:default:default", str(answer))
        self.results.asks("its ConfigMap for pods holds our CA", ca == (self.cluster.pki / "ca.crt").read_text())
        wrong = token[:-8] + ("AAAAAAAA" if token[-8:] != "AAAAAAAA" else "BBBBBBBB")
        status, _ = self.cluster.request("GET", "/api", headers={"Authorization": f"Bearer {wrong}"})
        self.results.asks("a token with another signature is refused", status == 401, str(status))

    def requests_for_certificates_are_signed(self):
        base = self.folder / "jane"
        run(["openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/O=developers/CN=jane",
             "-keyout", f"{base}.key", "-out", f"{base}.csr"])
        request = run(["base64", "-w0", f"{base}.csr"]).stdout
        self.cluster.kubectl("admin.conf", "apply", "-f", "-", data=json.dumps(
            {"apiVersion": "certificates.k8s.io/v1", "kind": "CertificateSigningRequest", "metadata": {"name": "jane"},
             "spec": {"request": request, "signerName": "kubernetes.io/kube-apiserver-client", "usages": ["client auth"]}}))
        self.cluster.kubectl("admin.conf", "certificate", "approve", "jane")
        found = []

        def signed():
            found[:] = [self.cluster.kubectl("admin.conf", "get", "csr", "jane", "-o", "jsonpath={.status.certificate}").stdout]
            return bool(found[0])

        wait_until(60, "the controller manager signs", signed)
        (self.folder / "jane.crt").write_text(run(["base64", "-d"], data=found[0]).stdout)
        done = run(["openssl", "verify", "-x509_strict", "-purpose", "sslclient", "-CAfile", self.cluster.pki / "ca.crt", f"{base}.crt"])
        self.results.asks("a request for a certificate comes back signed by our CA", "OK" in done.stdout)
        answer = self.cluster.whoami(self.cluster.context(pair=(f"{base}.crt", f"{base}.key")))
        self.results.asks("and the API server accepts it", answer == (201, "jane", {"developers", "system:authenticated"}), str(answer))

    # The components among themselves

    def the_node_may_what_nodes_may(self):
        node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "cp-1"}}
        self.cluster.kubectl("kubelet.conf", "create", "-f", "-", data=json.dumps(node))
        self.results.asks("kubelet.conf makes its own node", True)
        other = {**node, "metadata": {"name": "cp-2"}}
        refused = self.cluster.kubectl("kubelet.conf", "create", "-f", "-", data=json.dumps(other), check=False)
        self.results.asks("and no other node", refused.returncode != 0 and "is not allowed" in refused.stderr, refused.stderr)
        status = {"status": {"addresses": [{"type": "InternalIP", "address": ADDRESS}],
                             "daemonEndpoints": {"kubeletEndpoint": {"Port": PORTS["kubelet"]}}, "capacity": {"cpu": "4", "memory": "8Gi", "pods": "9"},
                             "conditions": [{"type": "Ready", "status": "True", "reason": "Test", "message": "",
                                             "lastHeartbeatTime": now(), "lastTransitionTime": now()}]}}
        answer = self.cluster.request("PATCH", "/api/v1/nodes/cp-1/status", status, self.cluster.context("kubelet.conf"),
                                      {"Content-Type": "application/merge-patch+json"})
        self.results.asks("and keeps its state", answer[0] == 200, str(answer))

    def pods_are_scheduled(self, name):
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": {
            "tolerations": [{"operator": "Exists"}], "containers": [{"name": "a", "image": "none"}]}}
        self.cluster.kubectl("admin.conf", "apply", "-f", "-", data=json.dumps(pod))
        wait_until(60, "the scheduler works", lambda: self.cluster.kubectl(
            "admin.conf", "get", "pod", name, "-o", "jsonpath={.spec.nodeName}").stdout == "cp-1")
        self.results.asks(f"the scheduler binds the pod {name}", True)

    def the_api_server_shows_its_certificates(self):
        self.results.asks("the API server calls kubelets as kube-apiserver-kubelet-client",
                          self.called_kubelet() == ("kube-apiserver-kubelet-client", self.serial("apiserver-kubelet-client")))
        objects = [
            {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "demo"}, "spec": {"ports": [{"port": 443, "targetPort": PORTS["extension"]}]}},
            {"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4",
             "metadata": {"name": "demo", "labels": {"kubernetes.io/service-name": "demo"}},
             "endpoints": [{"addresses": [ADDRESS], "conditions": {"ready": True}}], "ports": [{"port": PORTS["extension"]}]},
            {"apiVersion": "apiregistration.k8s.io/v1", "kind": "APIService", "metadata": {"name": "v1.demo.example"}, "spec": {
                "group": "demo.example", "version": "v1", "groupPriorityMinimum": 100, "versionPriority": 100, "insecureSkipTLSVerify": True,
                "service": {"namespace": "default", "name": "demo", "port": 443}}}]
        self.cluster.kubectl("admin.conf", "apply", "-f", "-", data=json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}))
        wait_until(90, "the extension is reached", lambda: self.called_extension() is not None, every=1)
        name, serial, headers = self.called_extension()
        self.results.asks("it calls extensions as front-proxy-client", (name, serial) == ("front-proxy-client", self.serial("front-proxy-client")))
        self.results.asks("on behalf of the client that asked", headers.get("x-remote-user") == "kubernetes-admin", str(headers))

    def called_kubelet(self):
        """Name and serial that the kubelet sees when the API server calls it now."""
        del self.cluster.kubelet.seen[:]
        self.cluster.kubectl("super-admin.conf", "get", "--raw", "/api/v1/nodes/cp-1/proxy/healthz", check=False)
        return self.cluster.kubelet.seen[-1][:2] if self.cluster.kubelet.seen else None

    def called_extension(self):
        del self.cluster.extension.seen[:]
        done = self.cluster.kubectl("admin.conf", "get", "--raw", "/apis/demo.example/v1", check=False)
        if done.returncode:
            return None
        mine = [each for each in self.cluster.extension.seen if each[2].get("x-remote-user") == "kubernetes-admin"]
        return mine[-1] if mine else None

    def etcd_lets_in_who_belongs(self):
        for client in ("etcd/healthcheck-client", "apiserver-etcd-client"):
            done = self.etcdctl(client, "endpoint", "health", "--endpoints", f"https://{ADDRESS}:{PORTS['etcd']},https://{ADDRESS}:{PORTS['second etcd']}")
            self.results.asks(f"etcd answers {client}", done.stderr.count("is healthy") + done.stdout.count("is healthy") == 2, done.stderr)
        done = self.etcdctl("etcd/healthcheck-client", "member", "list", "-w", "json")
        self.results.asks("its two members trust each other", len(json.loads(done.stdout)["members"]) == 2)
        self.results.asks("etcd refuses a client without a certificate", self.etcdctl(None, "endpoint", "health").returncode != 0)
        self.results.asks("and a client with a certificate of another CA", self.etcdctl("apiserver-kubelet-client", "endpoint", "health").returncode != 0)

    def etcdctl(self, client, *arguments):
        pki = self.cluster.pki
        pair = ["--cert", pki / f"{client}.crt", "--key", pki / f"{client}.key"] if client else []
        where = [] if "--endpoints" in arguments else ["--endpoints", f"https://{ADDRESS}:{PORTS['etcd']}"]
        return run([self.cluster.programs["etcdctl"], "--cacert", pki / "etcd/ca.crt", *pair, *where, "--command-timeout", "20s", *arguments],
                   check=False, env={"HOME": str(self.folder)})

    # Renewal

    def serial(self, name):
        done = run(["openssl", "x509", "-noout", "-serial", "-in", self.cluster.pki / f"{RENEWED[name]}.crt"])
        return done.stdout.strip().split("=")[1].lower().lstrip("0")

    def fingerprint(self, kubeconfig):
        text = (self.folder / kubeconfig).read_text()
        data = [line.split()[-1] for line in text.splitlines() if "client-certificate-data" in line][0]
        pem = run(["base64", "-d"], data=data).stdout
        done = run(["openssl", "x509", "-noout", "-fingerprint", "-sha256"], data=pem)
        return "X509SHA256=" + done.stdout.strip().split("=")[1].replace(":", "").lower()

    def renewal_under_load(self):
        cluster = self.cluster
        old = {name: self.serial(name) for name in RENEWED}
        credentials = {name: self.fingerprint(f"{name}.conf") for name in ("controller-manager", "scheduler")}
        started = {name: program.process.pid for name, program in cluster.running.items()}
        load = Load(cluster)
        self.renew()
        self.collect("renewed")
        self.reloads_happen(old)
        self.restarts_are_needed(credentials)
        self.results.asks("only those named were restarted", all(
            program.alive() and (program.process.pid == started[name]) == (name not in RESTARTED)
            for name, program in cluster.running.items()))
        made, failures = load.end()
        self.results.asks(f"all of {made} requests during all that succeeded", made > 20 and not failures, "; ".join(failures[:3]))
        self.results.count("requests under renewal", made)
        self.etcd_sees_the_new_client(old)
        self.every_kubeconfig_is_its_user()
        self.pods_are_scheduled("after")

    def renew(self):
        said = json.loads(self.call_pkigen("renew", "all", "--cert-dir", self.cluster.pki, "-o", "json"))
        self.results.asks("pkigen reports what must restart", set(said["restart"]) == RESTARTED, str(said["restart"]))
        self.results.asks("and what reloads", set(said["reload"]) == {"kube-apiserver", "etcd"}, str(said["reload"]))

    def reloads_happen(self, old):
        new = {name: self.serial(name) for name in RENEWED}
        self.results.asks("all of them are renewed", all(old[name] != new[name] for name in RENEWED))
        cluster = self.cluster
        for name, served in {"apiserver": lambda: cluster.served_serial(PORTS["kube-apiserver"]),
                             "etcd-server": lambda: cluster.served_serial(PORTS["etcd"]),
                             "etcd-peer": lambda: cluster.served_serial(PORTS["etcd peer"], client=True),
                             "apiserver-kubelet-client": lambda: (self.called_kubelet() or (None, None))[1],
                             "front-proxy-client": lambda: (self.called_extension() or (None, None))[1]}.items():
            start = time.monotonic()
            wait_until(150, f"{name} is served anew without a restart", lambda served=served, name=name: served() == new[name], every=0.5)
            self.results.asks(f"{name}, new, is in use without a restart", True)
            print(f"    after {time.monotonic() - start:.1f} s", flush=True)
        text = run([self.pkigen, "check-expiration", "--cert-dir", cluster.pki, "--kubelet-dir", self.folder / "none", "--live", "-o", "json"], check=False).stdout
        rows = {row["name"]: row["reason"] for row in json.loads(text)["served"]}
        for name in ("apiserver", "etcd-server", "etcd-peer"):
            self.results.asks(f"check-expiration --live sees {name} as it is on disk", rows[name] == "as on disk", str(rows))

    def restarts_are_needed(self, credentials):
        """Who reads a kubeconfig goes on with what it read at its start, and has the new one after a restart."""
        for name in ("controller-manager", "scheduler"):
            program, user = self.cluster.running[f"kube-{name}"], f"system:kube-{name}"
            before = len(self.cluster.audit.read_text().splitlines())
            wait_until(60, f"{name} calls", lambda before=before, user=user: any(
                user in line for line in self.cluster.audit.read_text().splitlines()[before:]))
            self.results.asks(f"{name} shows its old certificate until it is restarted", self.cluster.last_credential(user) == credentials[name])
            program.restart()
            wait_until(120, f"{name} shows its new certificate", lambda name=name, user=user: self.cluster.last_credential(user) ==
                       self.fingerprint(f"{name}.conf"), every=1)
            self.results.asks(f"and its new one afterwards: {name} must restart, as pkigen says", True)

    def etcd_sees_the_new_client(self, old):
        """The connections to etcd are cut after etcd was configured to refuse the old certificate: only the new one is accepted."""
        self.cluster.revoke(old["apiserver-etcd-client"])
        self.cluster.path.cut()
        admin = self.cluster.context("admin.conf")
        wait_until(120, "the API server reaches etcd again", lambda: self.cluster.request(
            "GET", "/api/v1/namespaces/default", context=admin)[0] == 200, every=0.5)
        self.results.asks("apiserver-etcd-client, new, is in use without a restart", True)
        self.cluster.revoke(self.serial("apiserver-etcd-client"))
        self.cluster.path.cut()
        time.sleep(1)
        status = None
        try:
            status, _ = self.cluster.request("GET", "/readyz/etcd", context=admin)
        except OSError:
            pass
        self.results.asks("and the check can fail: with that one revoked as well etcd refuses every client", status != 200, str(status))
        self.cluster.revoke()
        self.cluster.path.cut()
        wait_until(120, "all is as it was", lambda: self.cluster.request("GET", "/readyz", context=admin)[0] == 200, every=0.5)

    def everything(self):
        self.make()
        try:
            self.cluster.start()
            for step in (self.every_kubeconfig_is_its_user, self.client_certificates_are_their_users, self.other_clients_are_refused,
                         self.front_proxy_headers_are_trusted, self.admin_gains_rights_from_rbac, self.tokens_are_accepted,
                         self.requests_for_certificates_are_signed, self.the_node_may_what_nodes_may, self.etcd_lets_in_who_belongs,
                         self.the_api_server_shows_its_certificates):
                step()
            self.pods_are_scheduled("before")
            self.renewal_under_load()
        finally:
            self.cluster.stop()


class RunWithoutCaKeys(Run):
    """The same with requests in place of keys of CAs."""

    def make(self):
        self.keys = self.cluster.keys = self.folder / "elsewhere/pki"
        node = ["--node-name", "cp-1", "--apiserver-advertise-address", ADDRESS, "--naming", self.naming, "--encryption-algorithm", self.algorithm]
        self.call_pkigen("init", "--cert-dir", self.keys, "--role", "ca-host", *node)
        for name in ("ca.crt", "front-proxy-ca.crt", "etcd/ca.crt"):
            (self.cluster.pki / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(self.keys / name, self.cluster.pki / name)
        self.call_pkigen("init", "sa", "--cert-dir", self.cluster.pki, *node)
        self.round_trip(*node)
        self.collect("made")

    def round_trip(self, *options):
        """Requests, signs and imports; returns what was asked for."""
        requests, certificates = self.folder / "requests.json", self.folder / "certificates.json"
        made = json.loads(self.call_pkigen("csr", "create", "--cert-dir", self.cluster.pki, "--bundle", requests, "-o", "json", *options))
        self.call_pkigen("csr", "sign", requests, "--cert-dir", self.keys, "--config", self.folder / "pkigen.yaml", "--bundle", certificates)
        done = json.loads(self.call_pkigen("csr", "import", certificates, "--cert-dir", self.cluster.pki, "-o", "json"))
        self.results.asks("all that was requested is imported", len(done["imported"]) == len(made["requests"]) == 12, str(done))
        keys = [path for path in self.folder.rglob("*") if path.name == "ca.key" and self.keys not in path.parents]
        self.results.asks("no key of a CA is on the control plane", not keys, str(keys))

    def renew(self):
        self.round_trip("--within", "400d")

    def requests_for_certificates_are_signed(self):
        """The controller manager has no key to sign with."""


class Load:
    """Reads and writes without a pause, each over a new connection or an old one, with the certificate of the start."""

    def __init__(self, cluster):
        self.cluster, self.context = cluster, cluster.context("super-admin.conf")
        self.made, self.failures, self.done = 0, [], threading.Event()
        self.thread = threading.Thread(target=self.work, daemon=True)
        self.thread.start()

    def work(self):
        number = 0
        while not self.done.is_set():
            number += 1
            body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"generateName": "load-"}, "data": {"number": str(number)}}
            for method, path, data in (("POST", "/api/v1/namespaces/default/configmaps", body), ("GET", "/api/v1/namespaces", None)):
                try:
                    status, text = self.cluster.request(method, path, data, self.context)
                    if status >= 300:
                        self.failures.append(f"{method} {path}: {status} {text[:200]}")
                except (OSError, ssl.SSLError) as error:
                    self.failures.append(f"{method} {path}: {error}")
                self.made += 1
            self.done.wait(0.1)

    def end(self):
        self.done.set()
        self.thread.join(60)
        return self.made, self.failures


def now():
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def main(pkigen, folder, algorithm, naming, keys):
    programs = peers("etcd", "etcdctl", "kubectl", "kube-apiserver", "kube-controller-manager", "kube-scheduler")
    if "PKIGEN_INSIDE" not in os.environ:
        if run([*NETWORK, "true"], check=False).returncode:
            skip("this machine allows no network namespace")
        # Whoever ends this process ends all that follows, too.
        os.execvpe(NETWORK[0], [*NETWORK, sys.executable, "-B", __file__, pkigen, folder, algorithm, naming, keys],
                   {**os.environ, "PKIGEN_INSIDE": "1"})
    bring_up_loopback()
    results = Results(folder, "-".join(["control-plane", algorithm, naming] + ([keys] if keys != "here" else [])))
    with scratch() as root:
        try:
            kind = RunWithoutCaKeys if keys == "elsewhere" else Run
            kind(pkigen, results, programs, root, algorithm, naming).everything()
        except SystemExit:
            for log in sorted(root.glob("*.log")):
                if log.name != "audit.log":
                    print(f"-- {log.name}", *log.read_text(errors="replace").splitlines()[-15:], sep="\n", file=sys.stderr)
            raise
    results.done()


if __name__ == "__main__":
    if len(sys.argv) != 6:
        sys.exit(__doc__)
    main(*sys.argv[1:])
