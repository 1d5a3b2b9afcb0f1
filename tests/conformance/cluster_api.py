#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The library requests certificates from a real API server, which a real controller manager signs; so does pkigen (submitting.py).

usage: cluster_api.py PKIGEN RESULTS API_CLIENT
"""

import datetime
import json
import os
import re
import sys

from cluster import ADDRESS, Cluster, bring_up_loopback, wait_until
from common import Results, peers, run, scratch, skip
from submitting import Submitting

NETWORK = ["unshare", "--map-root-user", "--net", "--pid", "--fork", "--kill-child"]
CLIENT = "kubernetes.io/kube-apiserver-client"
CLIENT_USAGES = "digital signature,client auth"


class Run:
    def __init__(self, pkigen, results, client, programs, folder):
        self.pkigen, self.results, self.client, self.folder = pkigen, results, client, folder
        self.cluster = Cluster(programs, folder)

    def request(self, name, subject, sans=""):
        """Makes a key and a request for it."""
        extensions = ["-addext", f"subjectAltName={sans}"] if sans else []
        run(["openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", subject, *extensions,
             "-keyout", self.folder / f"{name}.key", "-out", self.folder / f"{name}.csr"])

    def call(self, do, name, cn, o, signer=CLIENT, usages=CLIENT_USAGES, conf="super-admin.conf", **more):
        arguments = {"do": do, "kubeconfig": self.folder / conf, "name": name, "request": self.folder / f"{name}.csr", "signer": signer,
                     "usages": usages, "timeout": 60000, "key": self.folder / f"{name}.key", "ca": self.cluster.pki / "ca.crt", "cn": cn, "o": o,
                     **more}
        done = run([self.client, *(f"{key}={value}" for key, value in arguments.items())], check=False)
        found = re.search("-----BEGIN.*-----END CERTIFICATE-----\n", done.stdout, re.S)
        if found:
            (self.folder / f"{name}.crt").write_text(found.group())
        return done

    def issues(self, question, done):
        self.results.asks(question, done.returncode == 0, done.stdout + done.stderr)

    def refuses(self, question, done, *texts):
        self.results.asks(question, done.returncode == 1 and all(text in done.stderr for text in texts), done.stdout + done.stderr)
        self.results.asks("in one line", done.stderr.count("\n") == 1, done.stderr)

    def validity(self, name):
        text = run(["openssl", "x509", "-noout", "-startdate", "-enddate", "-in", self.folder / f"{name}.crt"]).stdout
        first, last = (datetime.datetime.strptime(line.split("=")[1], "%b %d %H:%M:%S %Y GMT") for line in text.splitlines())
        return int((last - first).total_seconds())

    def users_get_certificates(self):
        self.request("jane", "/O=developers/CN=jane")
        self.issues("a user's request is approved, signed, and what was asked for",
                    self.call("submit,approve,wait,check", "jane", "jane", "developers", expiration=3600))
        self.results.asks("with the expiration that was asked for", self.validity("jane") == 3600 + 300, str(self.validity("jane")))
        answer = self.cluster.whoami(self.cluster.context(pair=[self.folder / f"jane.{kind}" for kind in ("crt", "key")]))
        self.results.asks("the API server knows the user", answer == (201, "jane", {"developers", "system:authenticated"}), str(answer))
        self.issues("the same request again is the one that is there", self.call("submit,wait,check", "jane", "jane", "developers", expiration=3600))
        names = json.loads(self.cluster.kubectl("super-admin.conf", "get", "csr", "-o", "json").stdout)["items"]
        self.results.asks("and is not made twice", [item["metadata"]["name"] for item in names].count("jane") == 1 and "jane-2" not in str(names))
        self.issues("it is deleted, and deleting it again is no error", self.call("submit,delete,delete", "jane", "jane", "developers"))
        gone = self.cluster.kubectl("super-admin.conf", "get", "csr", "jane", check=False)
        self.results.asks("it is gone", gone.returncode != 0 and "not found" in gone.stderr)
        self.request("long", "/O=developers/CN=long")
        self.issues("a request without an expiration", self.call("submit,approve,wait,check", "long", "long", "developers"))
        self.results.asks("gets that of the controller manager", self.validity("long") == 31_536_000, str(self.validity("long")))

    def components_get_certificates(self):
        self.request("kubelet-client", "/O=kubeadm:cluster-admins/CN=kube-apiserver-kubelet-client")
        self.issues("apiserver-kubelet-client with kubeadm's group", self.call(
            "submit,approve,wait,check", "kubelet-client", "kube-apiserver-kubelet-client", "kubeadm:cluster-admins"))
        self.request("node", "/O=system:nodes/CN=system:node:cp-1")
        self.issues("a kubelet's client certificate", self.call(
            "submit,approve,wait,check", "node", "system:node:cp-1", "system:nodes", f"{CLIENT}-kubelet", expiration=7200))
        self.request("serving", "/O=system:nodes/CN=system:node:cp-1", f"DNS:cp-1,IP:{ADDRESS}")
        self.issues("a kubelet's serving certificate", self.call(
            "submit,approve,wait,check", "serving", "system:node:cp-1", "system:nodes", "kubernetes.io/kubelet-serving",
            "digital signature,server auth", profile="server", sans=f"cp-1,{ADDRESS}"))

    def refusals_are_reported(self):
        self.request("boss", "/O=system:masters/CN=boss")
        self.refuses("system:masters is refused at once", self.call("submit", "boss", "boss", "system:masters"), "api: ", "403",
                     "system:masters group is not allowed")
        self.request("denied", "/O=developers/CN=denied")
        self.issues("a request waits", self.call("submit", "denied", "denied", "developers"))
        self.cluster.kubectl("super-admin.conf", "certificate", "deny", "denied")
        self.refuses("a denied request", self.call("submit,wait", "denied", "denied", "developers"), "api-request-denied", "KubectlDeny")
        self.refuses("cannot be approved", self.call("submit,approve", "denied", "denied", "developers"), "api-request-denied")
        self.request("failed", "/O=developers/CN=failed")
        self.refuses("a request that the signer refuses", self.call(
            "submit,approve,wait", "failed", "failed", "developers", usages=CLIENT_USAGES + ",server auth"),
            "api-request-failed", "SignerValidationFailure", "server auth")
        self.request("never", "/O=developers/CN=never")
        self.refuses("a request that nobody approves", self.call("submit,wait", "never", "never", "developers", timeout=3000),
                     "api-request-pending", "was not approved within 3 s")
        self.refuses("usages that do not exist", self.call("submit", "never", "never", "developers", usages="to rule the world"), "422")
        self.refuses("another signer's request is approved, and never signed", self.call(
            "submit,approve,wait", "never", "never", "developers", signer="example.com/mine", timeout=3000), "was not signed, although it is approved")

    def callers_are_told_apart(self):
        self.cluster.kubectl("super-admin.conf", "config", "view", "--raw")  # the file that the next ones are made of is valid
        whole = (self.folder / "super-admin.conf").read_text()
        wait_until(60, "the controller manager makes service accounts", lambda: self.cluster.kubectl(
            "super-admin.conf", "get", "serviceaccount", "default", check=False).returncode == 0)
        token = self.cluster.kubectl("super-admin.conf", "create", "token", "default").stdout.strip()
        self.cluster.write_token_kubeconfig("token.conf", token)
        self.refuses("a service account may not", self.call("submit", "never", "never", "developers", conf="token.conf"), "403",
                     "system:serviceaccount:default:default")
        (self.folder / "wrong.conf").write_text((self.folder / "token.conf").read_text().replace(token, token[:-10] + "AAAAAAAAAA"))
        self.refuses("a wrong token", self.call("submit", "never", "never", "developers", conf="wrong.conf"), "401")
        other = run(["base64", "-w0", self.cluster.pki / "etcd/ca.crt"]).stdout
        (self.folder / "other.conf").write_text(re.sub(r"(certificate-authority-data: )\S+", rf"\g<1>{other}", whole))
        self.refuses("an API server with another CA", self.call("submit", "never", "never", "developers", conf="other.conf"), "api-untrusted")
        self.refuses("an API server by another name", self.call("submit", "never", "never", "developers", conf=self.named("elsewhere", whole)),
                     "api-untrusted", "expected elsewhere")
        self.issues("the API server by its own name", self.call("submit", "never", "never", "developers", conf=self.named("kubernetes.default", whole)))

    def named(self, name, whole):
        text = whole.replace("    server:", f"    tls-server-name: {name}\n    server:")
        (self.folder / "named.conf").write_text(text)
        return "named.conf"

    def everything(self):
        run([self.pkigen, "init", "--cert-dir", self.cluster.pki, "--node-name", "cp-1", "--apiserver-advertise-address", ADDRESS,
             "--encryption-algorithm", "ECDSA-P256"], timeout=600)
        try:
            self.cluster.start()
            self.users_get_certificates()
            self.components_get_certificates()
            self.refusals_are_reported()
            self.callers_are_told_apart()
            Submitting(self.pkigen, self.cluster, self.results.asks).everything()
        finally:
            self.cluster.stop()


def main(pkigen, folder, client):
    programs = peers("etcd", "etcdctl", "kubectl", "kube-apiserver", "kube-controller-manager", "kube-scheduler")
    if "PKIGEN_INSIDE" not in os.environ:
        if run([*NETWORK, "true"], check=False).returncode:
            skip("this machine allows no network namespace")
        os.execvpe(NETWORK[0], [*NETWORK, sys.executable, "-B", __file__, pkigen, folder, client], {**os.environ, "PKIGEN_INSIDE": "1"})
    bring_up_loopback()
    results = Results(folder, "cluster-api")
    with scratch() as root:
        Run(pkigen, results, client, programs, root).everything()
    results.done()


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
