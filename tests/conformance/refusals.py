#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Go judges every row of the table in libpki/model/refusals.cpp: it refuses a certificate with the fault and accepts its
neighbour without it, and pkigen says so of the one and not of the other. client-go judges kubeconfigs: base64, types, and files beside data.

usage: refusals.py PKIGEN RESULTS
"""

import base64
import json
import pathlib
import re
import shutil
import sys

from common import HERE, Results, fail, peers, run, scratch

SOUND = {"basicConstraints": "critical,CA:FALSE", "keyUsage": "critical,digitalSignature,keyEncipherment",
         "extendedKeyUsage": "serverAuth", "subjectKeyIdentifier": "hash", "authorityKeyIdentifier": "keyid",
         "subjectAltName": "DNS:cp-1,IP:192.0.2.1"}

# code, extensions that differ (None: without), flags of openssl x509, names that a client asks for beside "cp-1"; the neighbours have
# no code.
ROWS = [
    (None, {}, []),
    ("serial-negative", {}, ["-set_serial", "-99"]),
    ("serial-negative", {}, ["-set_serial", "-1"]),
    (None, {}, ["-set_serial", "99"]),
    ("signature-weak", {}, ["-sha1"]),
    ("signature-weak", {}, ["-md5"]),
    (None, {}, ["-sha384"]),
    ("server-without-names", {"subjectAltName": None}, []),
    (None, {"subjectAltName": "DNS:cp-1"}, []),
    # Go 1.25.2 refused the certificate, the versions after it the name alone.
    ("name-refused", {"subjectAltName": "DNS:cp-1,DNS:api.example.com."}, [], "api.example.com"),
    (None, {"subjectAltName": "DNS:cp-1,DNS:api.example.com"}, [], "api.example.com"),
    ("name-refused", {"subjectAltName": "DNS:cp-1,DNS:m\u00fcller.example.com"}, []),
    ("name-refused", {"subjectAltName": "DNS:cp-1,email:m\u00fcller@example.com"}, []),
    (None, {"subjectAltName": "DNS:cp-1,DNS:a b,email:mueller@example.com,RID:1.2.3.4"}, []),
    (None, {"subjectAltName": "DNS:cp-1,DNS:*.example.com,DNS:xn--mller-kva.example.com,DNS:a_b"}, []),
    ("key-identifier-critical", {"subjectKeyIdentifier": "critical,hash"}, []),
    ("key-identifier-critical", {"authorityKeyIdentifier": "critical,keyid"}, []),
    (None, {"subjectKeyIdentifier": None, "authorityKeyIdentifier": None}, []),
]

# What may be in the place of base64 in a kubeconfig; {0} and {1} are its halves.
ENCODINGS = [
    "{0}{1}", "'{0}{1}'", "\n      {0}{1}", "|\n      {0}\n      {1}", ">\n      {0}{1}", ">\n      {0}\n\n      {1}",
    "{0}\n\n      {1}", "\"{0}\\\n      {1}\"", "\"{0}\\n{1}\"", "\"{0}\\r\\n{1}\"", "\"\\x4c{1}\"", "\"\\u004c{1}\"",
    "{0} {1}", "{0}\n      {1}", "\"{0}\n      {1}\"", "'{0}\n      {1}'", ">\n      {0}\n      {1}", "\"{0}{1} \"",
    "|\n      {0}\n       {1}", "|\n      {0}\t\n      {1}", "\"{0}\\t{1}\"", "\"{0}\\0{1}\"", "\"{0}\\ {1}\"", "\"{0}-{1}\"", "{0}={1}",
]


# What a kubeconfig has for a field FIELD besides FIELD-data (or in its place where there is no {data}), and whether client-go refuses it.
FILES = [
    ("{data}", False),
    ("{data}\n    {field}: {file}", True),
    ("{data}\n    {field}: /nonexistent.pem", True),
    ("{data}\n    {field}: ''", False),
    ("{data}\n    {field}:", False),
    ("{field}-data: ''\n    {field}: {file}", False),
    ("{field}: {file}", False),
]


# A field with a value of another type than client-go's, in the place of a kubeconfig that a key of this table names, and whether it is
# refused.
TYPES = {
    "    client-certificate-data:": [
        ("token: 12345", True), ("token: '12345'", False), ("token: true", True), ("token:", False), ("token: 12345x", False),
        ("tokenFile: 5", True), ("username: 007", True), ("password: 1e3", True), ("password: 2026-01-01", False), ("as: no", True),
        ("as-uid: 1000", True), ("as-groups: admins", True), ("as-groups: [admins, 5]", True), ("as-groups: [~]", False),
        ("as-user-extra: {a: b}", True), ("as-user-extra: {a: [b]}", False), ("as-user-extra: []", True), ("auth-provider: gcp", True),
        ("auth-provider: {name: gcp, config: {expiry: 5}}", True), ("exec: {command: 5}", True), ("exec: {args: eks}", True),
        ("exec: {env: [A]}", True), ("exec: {env: [{name: A, value: 1}]}", True), ("exec: {provideClusterInfo: 'true'}", True),
        ("extensions: {}", True), ("extensions: [{name: a, extension: {b: 5}}]", False), ("unknown: 5", False)],
    "    server:": [
        ("insecure-skip-tls-verify: 'false'", True), ("insecure-skip-tls-verify: 0", True), ("insecure-skip-tls-verify: no", False),
        ("insecure-skip-tls-verify:", False), ("tls-server-name: 0x1F", True), ("tls-server-name: 1_000", True),
        ("tls-server-name: 12:30:45", False), ("proxy-url: []", True), ("disable-compression: 'yes'", True), ("extensions: [1]", True)],
    "    user:": [("namespace: 5", True), ("namespace: default", False), ("namespace: yes", True)],
    "kind:": [("extensions: 5", True), ("extensions: []", False), ("colors: 5", False)],
}


def table():
    text = (HERE.parent.parent / "libpki/model/refusals.cpp").read_text()
    found = re.search(r"is_refusal.*?\{(.*?)\};", text, re.S)
    return {name.replace("_", "-") for name in re.findall(r"Rule::(\w+)", found.group(1))}


def make_ca(pki):
    pki.mkdir(parents=True)
    run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", pki / "ca.key", "-out", pki / "ca.crt", "-days", "3650",
         "-subj", "/CN=kubernetes-ca", "-addext", "keyUsage=critical,keyCertSign"])
    (pki / "ca.key").chmod(0o600)


def sign(pki, root, differences, flags):
    extensions = {**SOUND, **differences}
    (root / "extensions").write_text("".join(f"{name}={value}\n" for name, value in extensions.items() if value))
    run(["openssl", "req", "-new", "-key", pki / "apiserver.key", "-subj", "/CN=kube-apiserver", "-out", root / "request"])
    serial = [] if "-set_serial" in flags else ["-set_serial", "77"]
    run(["openssl", "x509", "-req", "-in", root / "request", "-CA", pki / "ca.crt", "-CAkey", pki / "ca.key", "-days", "300",
         "-extfile", root / "extensions", "-out", pki / "apiserver.crt", *serial, *flags])


def codes_of(pkigen, pki, name):
    done = run([pkigen, "check-expiration", "--cert-dir", pki, "--kubelet-dir", pki / "none", "-o", "json"], check=False)
    return {note["code"] for note in json.loads(done.stdout)["notes"] if note["alarm"] and name in note["subject"]}


def go_refuses(verifier, pki, names):
    job = {"certificate": str(pki / "apiserver.crt"), "issuer": str(pki / "ca.crt"), "purposes": ["server"], "not": [],
           "names": ["cp-1", *names]}
    verdict = json.loads(run([verifier, "verify"], data=json.dumps([job])).stdout)
    return [each["what"] for each in verdict["findings"] if each["verifier"].startswith("Go ")]


def check_certificates(pkigen, verifier, root, results):
    pki = root / "kubernetes" / "pki"
    make_ca(pki)
    run([pkigen, "init", "--cert-dir", pki, "--node-name", "cp-1", "--apiserver-advertise-address", "192.0.2.1"])
    (pki.parent / "pkigen.yaml").unlink()
    table_codes = table()
    for code, differences, flags, *names in ROWS:
        sign(pki, root, differences, flags)
        refused = go_refuses(verifier, pki, names)
        said = codes_of(pkigen, pki, "apiserver.crt")
        if bool(refused) != bool(code):
            fail(f"{code} {differences} {flags}: Go {'refuses: ' + refused[0] if refused else 'accepts'}")
        if said & table_codes != ({code} if code else set()) or (not code and said):
            fail(f"{code} {differences} {flags}: pkigen says {said}")
        results.count("refusals that Go confirms" if code else "neighbours that Go accepts")
    missing = table_codes - {code for code, *_ in ROWS}
    if missing:
        fail(f"no certificate is made for {missing}")


def check_kubeconfigs(pkigen, kubectl, root, results):
    pki = root / "kubernetes" / "pki"
    path = root / "kubernetes" / "admin.conf"
    text = path.read_text()
    for form in ENCODINGS:
        for field in ("client-certificate-data", "client-key-data"):
            own = re.search(rf"{field}: (\S+)", text).group(1)
            half = 1 if "4c" in form else 40  # base64 of PEM begins with "L", which \x4c spells
            written = form.format(own[:half], own[half:])
            path.write_text(text.replace(f"{field}: {own}", f"{field}: {written}"))
            accepted = run([kubectl, "config", "view", "--raw", "--kubeconfig", path], check=False).returncode == 0
            alarms = codes_of(pkigen, pki, "admin.conf")
            if accepted == bool(alarms):
                fail(f"{field} as {form!r}: client-go {'accepts' if accepted else 'refuses'} it, pkigen says {alarms}")
            results.count("encodings that client-go confirms")
    path.write_text(text)


def check_types(pkigen, kubectl, root, results):
    pki = root / "kubernetes" / "pki"
    path = root / "kubernetes" / "admin.conf"
    text = path.read_text()
    for place, fields in TYPES.items():
        for field, refused in fields:
            before, found, after = text.rpartition(place)
            if not found:
                fail(f"admin.conf has no {place}")
            indent = place[:len(place) - len(place.lstrip())]
            path.write_text(f"{before}{indent}{field}\n{found}{after}")
            said = run([kubectl, "config", "view", "--kubeconfig", path], check=False)
            alarms = codes_of(pkigen, pki, "admin.conf")
            if (said.returncode != 0) != refused or bool(alarms) != refused:
                fail(f"{field} above {place!r}: client-go says {said.stderr or 'nothing'}, pkigen says {alarms}")
            results.count("types of fields that client-go confirms")
    path.write_text(text)


def check_files(pkigen, kubectl, root, results):
    pki = root / "kubernetes" / "pki"
    path = root / "kubernetes" / "admin.conf"
    text = path.read_text()
    nowhere = re.sub(r"server: \S+", "server: https://127.0.0.1:1", text)
    for field in ("certificate-authority", "client-certificate", "client-key"):
        data = re.search(rf"{field}-data: (\S+)", text)
        (path.parent / f"{field}.pem").write_bytes(base64.b64decode(data[1]))
        for form, refused in FILES:
            written = form.format(data=data[0], field=field, file=f"{field}.pem")
            path.write_text(nowhere.replace(data[0], written))
            said = run([kubectl, "get", "--raw", "/livez", "--request-timeout", "9s", "--kubeconfig", path], check=False).stderr
            if ("both specified" in said) != refused or ("was refused" in said) == refused:
                fail(f"{field} as {form!r}: client-go says {said}")
            alarms = codes_of(pkigen, pki, "admin.conf")
            if alarms != ({"values-conflict"} if refused else set()):
                fail(f"{field} as {form!r}: client-go {'refuses' if refused else 'accepts'} it, pkigen says {alarms}")
            results.count("files beside data that client-go confirms")
    for value, refused in (("true", True), ("false", False)):
        path.write_text(nowhere.replace("    server:", f"    insecure-skip-tls-verify: {value}\n    server:"))
        said = run([kubectl, "get", "--raw", "/livez", "--request-timeout", "9s", "--kubeconfig", path], check=False).stderr
        alarms = codes_of(pkigen, pki, "admin.conf")
        if ("insecure flag is not allowed" in said) != refused or alarms != ({"values-conflict"} if refused else set()):
            fail(f"insecure-skip-tls-verify {value} beside a CA: client-go says {said}, pkigen says {alarms}")
        results.count("kubeconfigs without verification that client-go confirms")
    path.write_text(text)


def main():
    pkigen, folder = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2]
    if not shutil.which("openssl"):
        fail("no openssl here")
    found = peers("verifier", "kubectl")
    results = Results(folder, "refusals")
    with scratch() as root:
        check_certificates(pkigen, found["verifier"], root, results)
        check_kubeconfigs(pkigen, found["kubectl"], root, results)
        check_types(pkigen, found["kubectl"], root, results)
        check_files(pkigen, found["kubectl"], root, results)
    results.done()


main()
