#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Requests of kubeadm, openssl and cfssl are signed by pkigen, and theirs sign the requests of pkigen, which imports the answers.

usage: signing.py PKIGEN RESULTS
"""

import base64
import json
import pathlib
import re
import shutil
import sys

from common import Results, Tools, fail, peers, run, scratch

NODE = ["--node-name", "cp-1", "--apiserver-advertise-address", "192.168.10.11", "--encryption-algorithm", "ECDSA-P256"]
KUBEADM = """apiVersion: kubeadm.k8s.io/v1beta4
kind: InitConfiguration
nodeRegistration: {{name: cp-1, criSocket: "unix:///run/containerd/containerd.sock"}}
localAPIEndpoint: {{advertiseAddress: 192.168.10.11}}
---
apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
kubernetesVersion: {version}
encryptionAlgorithm: ECDSA-P256
"""
ISSUERS = {"apiserver": "ca", "etcd-server": "etcd/ca", "front-proxy-client": "front-proxy-ca", "scheduler.conf": "ca"}


class Case:
    def __init__(self, pkigen, results, root):
        self.pkigen, self.results, self.root = pkigen, results, root
        self.keys, self.host = root / "keys/pki", root / "etc/kubernetes/pki"

    def expect(self, condition, what, detail=""):
        self.results.count("checks")
        if not condition:
            fail(f"{what}: {detail}")
        print(f"ok: {what}", flush=True)

    def call(self, *arguments, check=True):
        return run([self.pkigen, *arguments], check=check)

    def make_authorities(self, naming):
        self.call("init", "--role", "ca-host", "--naming", naming, "--cert-dir", self.keys, *NODE)
        for name in ("ca.crt", "front-proxy-ca.crt", "etcd/ca.crt"):
            (self.host / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(self.keys / name, self.host / name)

    def is_valid(self, what):
        done = self.call("check-expiration", "--cert-dir", self.host, "--kubelet-dir", "", "-o", "json", check=False)
        report = json.loads(done.stdout)
        rows = report["certificates"] + report["certificateAuthorities"]
        bad = [row["name"] for row in rows if row["state"] != "valid"]
        self.expect(done.returncode == 0 and not bad, what, f"{bad} {report['notes']}")


def of_kubeadm(case, tools):
    """kubeadm makes the requests and the keys, and takes what comes back."""
    case.make_authorities("kubeadm")
    case.call("init", "sa", "--naming", "kubeadm", "--cert-dir", case.host, *NODE)
    config = case.root / "kubeadm.yaml"
    config.write_text(KUBEADM.format(version=tools.version))
    top = case.host.parent
    tools.run_kubeadm(case.root, "certs", "generate-csr", "--config", "/kubeadm.yaml")
    done = case.call("csr", "sign", case.host, top, "--cert-dir", case.keys, "--config", config, "--naming", "kubeadm", "--out", case.root / "signed")
    case.expect("12 certificates" in done.stdout, "all requests of kubeadm are signed", done.stdout)
    rows = {"etcd-server": "etcd/server", "etcd-peer": "etcd/peer", "etcd-healthcheck-client": "etcd/healthcheck-client"}
    for file in (case.root / "signed").iterdir():
        name = file.stem
        if name.endswith(".conf"):
            kubeconfig = top / name
            data, ca = (base64.b64encode(path.read_bytes()).decode() for path in (file, case.host / "ca.crt"))
            text = re.sub(r"(\n    client-key-data:)", rf"\n    client-certificate-data: {data}\1", kubeconfig.read_text())
            kubeconfig.write_text(re.sub(r"(\n    server:)", rf"\n    certificate-authority-data: {ca}\1", text))
        else:
            shutil.copy(file, case.host / f"{rows.get(name, name)}.crt")
    case.is_valid("what kubeadm requested and pkigen signed is valid")
    said = tools.run_kubeadm(case.root, "certs", "check-expiration", "--config", "/kubeadm.yaml").stdout
    case.expect(said.count(" 364d ") == 11 and "MISSING" not in said, "kubeadm reads all of it", said)
    case.results.collect(case.root / "etc/kubernetes", "requested by kubeadm")


def by_openssl(request, issuer, case, answer):
    key = case.keys / f"{issuer}.key"
    run(["openssl", "x509", "-req", "-in", request, "-CA", case.keys / f"{issuer}.crt", "-CAkey", key, "-days", "365", "-copy_extensions", "copyall",
         "-out", answer])


def by_cfssl(cfssl):
    def sign(request, issuer, case, answer):
        config = case.root / "cfssl.json"
        usages = ["digital signature", "server auth", "client auth"] if "etcd-server" in request.name else \
            ["digital signature", "server auth"] if "apiserver" in request.name else ["digital signature", "client auth"]
        config.write_text(json.dumps({"signing": {"default": {"expiry": "8760h", "usages": usages}}}))
        made = json.loads(run([cfssl, "sign", "-ca", case.keys / f"{issuer}.crt", "-ca-key", case.keys / f"{issuer}.key", "-config", config, request]).stdout)
        answer.write_text(made["cert"])
    return sign


def signed_by_others(case, name, sign):
    """pkigen requests, another program signs, pkigen imports."""
    case.make_authorities("recommended")
    case.call("csr", "create", *NODE, *ISSUERS, "--cert-dir", case.host, "--out", case.root / "requests")
    answers = case.root / "answers"
    answers.mkdir()
    for row, issuer in ISSUERS.items():
        request = case.root / f"requests/{row}.csr"
        text = run(["openssl", "req", "-in", request, "-noout", "-verify", "-text"]).stdout
        case.expect("Extended Key Usage" in text and "CA:FALSE" in text, f"the request for {row} says what the certificate is for")
        sign(request, issuer, case, answers / f"{row}.crt")
    done = json.loads(case.call("csr", "import", answers, "--cert-dir", case.host, "-o", "json").stdout)
    case.expect({one["name"] for one in done["imported"]} == set(ISSUERS), f"what {name} signed is imported", str(done))


def requested_by(case, name, make):
    """Another program requests the certificate of a client, pkigen signs."""
    case.make_authorities("recommended")
    request, key = make(case.root)
    case.call("csr", "sign", request, "--profile", "client", "--valid-for", "24h", "--cert-dir", case.keys, "--out", case.root / "signed")
    answer = case.root / f"signed/{request.stem}.crt"
    done = run(["openssl", "verify", "-x509_strict", "-purpose", "sslclient", "-CAfile", case.keys / "ca.crt", answer])
    certified = run(["openssl", "x509", "-in", answer, "-noout", "-pubkey"]).stdout
    public = run(["openssl", "pkey", "-in", key, "-pubout"]).stdout
    case.expect("OK" in done.stdout and public == certified, f"a request of {name} is signed for its key", done.stdout)


def request_of_openssl(root):
    request, key = root / "jane.csr", root / "jane.key"
    run(["openssl", "req", "-new", "-newkey", "rsa:2048", "-nodes", "-subj", "/O=developers/CN=jane", "-keyout", key, "-out", request])
    return request, key


def request_of_cfssl(cfssl):
    def make(root):
        question = root / "question.json"
        question.write_text(json.dumps({"CN": "jane", "key": {"algo": "ecdsa", "size": 256}, "names": [{"O": "developers"}]}))
        made = json.loads(run([cfssl, "genkey", question]).stdout)
        request, key = root / "jane.csr", root / "jane.key"
        request.write_text(made["csr"])
        key.write_text(made["key"])
        return request, key
    return make


def main(pkigen, folder):
    pkigen = pathlib.Path(pkigen).resolve()
    tools, cfssl = Tools(pkigen), peers("cfssl")["cfssl"]
    results = Results(folder, "signing")
    steps = [lambda case: of_kubeadm(case, tools)]
    steps += [lambda case, name=name, sign=sign: signed_by_others(case, name, sign)
              for name, sign in (("openssl", by_openssl), ("cfssl", by_cfssl(cfssl)))]
    steps += [lambda case, name=name, make=make: requested_by(case, name, make)
              for name, make in (("openssl", request_of_openssl), ("cfssl", request_of_cfssl(cfssl)))]
    for step in steps:
        with scratch() as root:
            step(Case(pkigen, results, root))
    results.done()


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
