#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Requests for certificates against API servers that are busy, broken, hostile or another one: each is a clear error
within the time limit, or is asked again.

usage: hostile_api_servers.py PKIGEN API_CLIENT
"""

import base64
import contextlib
import datetime
import gzip
import json
import os
import pathlib
import re
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

from api_server import PATH, SIGNER, Api, encoded, failure, over_tls, response, serving, sign_as_asked
from common import expect, pkigen

CLIENT = sys.argv[2]
LIMIT = 1.5  # seconds for the whole call, where nothing else is said


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


class Pki:
    """A CA, serving certificates of several kinds, a request, and answers to it."""

    def __init__(self, folder):
        self.folder = folder
        made = pkigen("init", "--cert-dir", folder / "k/pki", "--node-name", "cp-1", "--apiserver-advertise-address", "192.0.2.1",
                      "--apiserver-cert-extra-sans", "127.0.0.1,localhost", "--encryption-algorithm", "ECDSA-P256")
        expect(made.returncode == 0, f"init {made.stderr}")
        self.pki, self.conf = folder / "k/pki", folder / "k/admin.conf"
        self.server = self.pki / "apiserver.crt", self.pki / "apiserver.key"
        self.ca = self.pki / "ca"
        openssl("req", "-x509", *self.new_key("other"), "-subj", "/CN=kubernetes", "-days", "30", "-out", folder / "other.crt")
        for name in ("jane", "joan"):
            openssl("req", "-new", *self.new_key(name), "-subj", "/O=developers/CN=jane", "-out", folder / f"{name}.csr")
        self.request = (folder / "jane.csr").read_text()
        self.answer = self.sign("jane", self.ca, "extendedKeyUsage=clientAuth")

    def new_key(self, name):
        return ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", self.folder / f"{name}.key"]

    def sign(self, request, issuer, extensions, days=10):
        (self.folder / "ext").write_text(extensions + "\n")
        openssl("x509", "-req", "-in", self.folder / f"{request}.csr", "-CA", f"{issuer}.crt", "-CAkey", f"{issuer}.key", "-CAcreateserial",
                "-days", days, "-extfile", self.folder / "ext", "-out", self.folder / "answer.crt")
        return (self.folder / "answer.crt").read_text()

    def sign_as_asked(self, request):
        return sign_as_asked(self.ca, request)

    def serving(self, name, subject, extensions, days=10):
        """A serving certificate of the cluster's CA."""
        openssl("req", "-new", *self.new_key(name), "-subj", subject, "-out", self.folder / f"{name}.csr")
        (self.folder / f"{name}.crt").write_text(self.sign(name, self.ca, extensions, days))
        return self.folder / f"{name}.crt", self.folder / f"{name}.key"


def chunks_without_end(connection):
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        connection.sendall(b"10000\r\n" + b" " * 65536 + b"\r\n")


def body_without_end(connection):
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        connection.sendall(b" " * 65536)


def header_without_end(connection):
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    while True:
        connection.sendall(b"X-Header: " + b"x" * 1000 + b"\r\n")


def one_octet_at_a_time(connection):
    for octet in response(200, b"x" * 1000):
        connection.sendall(bytes([octet]))
        time.sleep(0.05)


def silence(_connection):
    time.sleep(8)


def drop(connection):
    """Ends the connection without TLS's own end."""
    reset(connection)


def reset(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def waited(process):
    """The seconds for which the first thread of a process could run and other processes had the processors."""
    try:
        return int(pathlib.Path(f"/proc/{process}/task/{process}/schedstat").read_text(encoding="ascii").split()[1]) / 1e9
    except OSError:
        return 0  # a kernel that does not count them


class Run:
    """One call of the client. `took` has no time in which the client, or who waits for its end, waited for a processor:
    a limit holds for what a server can do, whatever else the machine does."""

    def __init__(self, pki, port, do="submit,approve,wait,check", host="127.0.0.1", user=None, cluster="", limit=LIMIT, **more):
        conf = pki.folder / "client.conf"
        user = user or {"token": "a-token"}
        conf.write_text(json.dumps({
            "kind": "Config", "apiVersion": "v1", "current-context": "c", "contexts": [{"name": "c", "context": {"cluster": "k", "user": "u"}}],
            "clusters": [{"name": "k", "cluster": {"server": f"https://{host}:{port}", "certificate-authority": str(pki.pki / "ca.crt"),
                                                   **(cluster or {})}}],
            "users": [{"name": "u", "user": user}]}))
        arguments = {"do": do, "kubeconfig": conf, "name": "jane", "request": pki.folder / "jane.csr", "signer": SIGNER,
                     "usages": "digital signature,client auth", "timeout": int(limit * 1000), "key": pki.folder / "jane.key",
                     "ca": pki.pki / "ca.crt", "cn": "jane", "o": "developers", **more}
        with open(pki.folder / "stdout", "w+", encoding="utf-8") as out, open(pki.folder / "stderr", "w+", encoding="utf-8") as err:
            begin = time.monotonic()
            client = subprocess.Popen([CLIENT, *(f"{name}={value}" for name, value in arguments.items())], stdout=out, stderr=err)
            killer = threading.Timer(60, client.kill)
            killer.start()
            before = waited(os.getpid())  # it sleeps until the client ends, and may then wait until it goes on
            os.waitid(os.P_PID, client.pid, os.WEXITED | os.WNOWAIT)  # the client's counters are there until it is reaped
            self.took = time.monotonic() - begin - (waited(os.getpid()) - before) - waited(client.pid)
            self.status = client.wait()
            killer.cancel()
            out.seek(0)
            err.seek(0)
            self.lines, self.error = out.read().splitlines(), err.read().strip()


def refused(name, run, rule, text, within=LIMIT + 1.5):
    expect(run.status == 1, f"{name}: fails ({run.status}) {run.error} {run.lines}")
    expect(run.error.startswith(f"{rule}: ") and text in run.error, f"{name}: {run.error[:300]}")
    expect(run.took < within, f"{name}: takes {run.took:.1f} s")


def accepted(name, run):
    expect(run.status == 0 and any(line.startswith("checked 1") for line in run.lines), f"{name}: {run.error} {run.lines[:3]}")


def at(method, answer, times=10**6):
    """A hook that answers the first calls of a method itself."""
    calls = []

    def hook(_api, asked, _path, _body, _count):
        if asked != method or len(calls) >= times:
            return None
        calls.append(asked)
        return answer
    return hook


def check_usual(pki):
    api, names = Api(pki), []
    with over_tls(api, pki.server, names) as port:
        accepted("a request is submitted, approved and answered", Run(pki, port, do="submit,approve,wait,check,delete", expiration=3600))
        expect([seen[0] for seen in api.seen] == ["POST", "GET", "PUT", "GET", "DELETE"] and not api.objects, "by five calls")
        expect(all(seen[2]["authorization"] == "Bearer a-token" for seen in api.seen), "each with the token")
        spec = json.loads(api.seen[0][3])["spec"]
        expect(spec == {"request": encoded(pki.request), "signerName": SIGNER, "expirationSeconds": 3600,
                        "usages": ["digital signature", "client auth"]}, "the document is that of certificates.k8s.io/v1")
        accepted("by a name", Run(pki, port, host="localhost", name="by-name"))
    expect(set(names[:5]) == {None} and names[5] == "localhost", f"an address is not sent as a server name: {names}")
    with over_tls(Api(pki), pki.server, names) as port:
        accepted("by another name", Run(pki, port, cluster={"tls-server-name": "kubernetes"}))
    expect(names[-1] == "kubernetes", "which is the one that is asked for")
    (pki.folder / "token").write_text("\n  from-a-file \n")
    api = Api(pki)
    with over_tls(api, pki.server) as port:
        accepted("a token from a file", Run(pki, port, user={"token": "x", "tokenFile": "token"}))
        expect(api.seen[0][2]["authorization"] == "Bearer from-a-file", "takes precedence")
    api = Api(pki)
    with over_tls(api, pki.server) as port:
        run = Run(pki, port, do="submit", cluster={"server": f"https://127.0.0.1:{port}/k8s/clusters/c-1/"})
        refused("a server below a path is called there", run, "api", "not found")
        expect(api.seen[0][1] == "/k8s/clusters/c-1" + PATH, api.seen[0][1])


def check_client_certificate(pki):
    admin = pki.conf.read_text()
    data = {field: re.search(field + r": (\S+)", admin).group(1) for field in ("client-certificate-data", "client-key-data")}
    with over_tls(Api(pki), pki.server, client_ca=pki.pki / "ca.crt") as port:
        accepted("a client certificate is offered", Run(pki, port, user=data))
        refused("a client without one is refused", Run(pki, port), "api", "alert certificate required")
    with over_tls(Api(pki), pki.server, client_ca=pki.folder / "other.crt") as port:
        refused("one of another CA is refused", Run(pki, port, user=data), "api", "alert unknown ca")
    etcd = base64.b64encode((pki.pki / "etcd/peer.key").read_bytes()).decode()
    refused("a certificate with another key", Run(pki, 1, user={**data, "client-key-data": etcd}), "mismatch", "not that of its certificate")
    refused("a certificate without a key", Run(pki, 1, user={"client-certificate-data": data["client-certificate-data"]}), "malformed",
            "without its key")
    refused("nobody", Run(pki, 1, user={"token": ""}), "invalid-value", "neither")
    refused("a token file that is missing", Run(pki, 1, user={"tokenFile": "/nowhere/token"}), "io", "/nowhere/token")
    refused("a plugin", Run(pki, 1, user={"exec": {"command": "touch", "args": [str(pki.folder / "touched")]}}), "invalid-value", "exec")
    expect(not (pki.folder / "touched").exists(), "no program was started")


def check_servers_that_are_others(pki):
    other = pki.folder / "other.crt", pki.folder / "other.key"
    with over_tls(Api(pki), other) as port:
        refused("a server of another CA", Run(pki, port), "api-untrusted", "self")
    for name, subject, names, days in (("named", "/CN=127.0.0.1", "subjectAltName=DNS:elsewhere", 10), ("nameless", "/CN=127.0.0.1", "", 10),
                                       ("client", "/CN=x", "subjectAltName=IP:127.0.0.1\nextendedKeyUsage=clientAuth", 10)):
        api = Api(pki)
        with over_tls(api, pki.serving(name, subject, names, days)) as port:
            refused(f"a server with another certificate ({name})", Run(pki, port), "api-untrusted",
                    "unsuitable" if name == "client" else "mismatch, expected 127.0.0.1")
            expect(not api.seen, "no token was sent")
    with over_tls(Api(pki), pki.server) as port:
        refused("a certificate that has expired", Run(pki, port, now=4102444800), "api-untrusted", "expired")
        refused("one that is not valid yet", Run(pki, port, now=1000000000), "api-untrusted", "not yet valid")
        accepted("the same one now", Run(pki, port))

    def plain(connection):
        connection.recv(65536)
        connection.sendall(b"HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n")

    with serving(plain) as port:
        refused("a server without TLS", Run(pki, port), "api-untrusted", "no TLS handshake")
    with serving(silence) as port:
        refused("a server that says nothing", Run(pki, port), "api-unreachable", "no answer in time")
    with serving(reset) as port:
        refused("a server that resets connections", Run(pki, port), "api-unreachable", "not reachable")
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        refused("no server", Run(pki, unused.getsockname()[1], limit=10), "api-unreachable", "connection refused", 2)
    refused("a name that does not exist", Run(pki, 443, host="no-such-host.invalid", limit=3), "api-unreachable", "not reachable", 5)


def check_names(pki):
    api = Api(pki, others=("jane", "jane-2"))
    with over_tls(api, pki.server) as port:
        run = Run(pki, port)
        accepted("names that others have are left to them", run)
        expect(run.lines[0] == "submitted jane-3", run.lines[0])
        accepted("a request that is there already is used", Run(pki, port, do="submit,wait,check"))
        expect(len(api.objects) == 3, "and not made again")
        run = Run(pki, port, usages="client auth")
        expect(run.lines[0] == "submitted jane-4", "with other usages it is another request")
    with over_tls(Api(pki, others=["jane"] + [f"jane-{n}" for n in range(2, 11)]), pki.server) as port:
        # Twenty connections.
        refused("too many names", Run(pki, port, limit=15), "api", "other requests have the names jane to jane-10", 15)

    def carried_out(api, method, _path, body, count):
        if method == "POST" and count == 1:
            api.store(json.loads(body))
            return drop
        return None

    api = Api(pki, hook=carried_out)
    with over_tls(api, pki.server) as port:
        run = Run(pki, port, limit=5)
        accepted("a connection that breaks after the request was created", run)
        expect(list(api.objects) == ["jane"], "makes no second one")


def check_busy(pki):
    busy = failure("TooManyRequests", "too many requests")
    with over_tls(Api(pki, hook=at("POST", response(429, busy, Retry_After=1), 1)), pki.server) as port:
        run = Run(pki, port, limit=8)
        accepted("429 with Retry-After", run)
        expect(run.took > 1, f"waits as long as the server says: {run.took:.1f} s")
    with over_tls(Api(pki, hook=at("POST", response(429, busy, Retry_After=3600))), pki.server) as port:
        refused("429 with a long Retry-After", Run(pki, port, limit=8), "api", "the next call would be in 3600 s", 2)
    with over_tls(Api(pki, hook=at("GET", response(429, {**busy, "details": {"retryAfterSeconds": 1}}), 1)), pki.server) as port:
        run = Run(pki, port, limit=8)
        accepted("429 with a time in the status", run)
        expect(run.took > 1, f"waits, too: {run.took:.1f} s")
    for status in (500, 502, 503, 504):
        with over_tls(Api(pki, hook=at("PUT", response(status, b"oops"), 2)), pki.server) as port:
            accepted(f"{status}, twice", Run(pki, port, limit=8))
    with over_tls(Api(pki, hook=at("POST", response(500, failure("InternalError", "failed calling webhook")))), pki.server) as port:
        refused("500 for ever", Run(pki, port), "api", "failed calling webhook")
    with over_tls(Api(pki, hook=at("GET", drop, 2)), pki.server) as port:
        accepted("connections that break, twice", Run(pki, port, limit=8))


def check_answers_that_are_none(pki):
    deep = b"[" * 1_000_000
    valid = json.dumps({"kind": "CertificateSigningRequest", "apiVersion": "certificates.k8s.io/v1"}).encode()
    smuggling = {**json.loads(valid), "metadata": {"name": "jane HTTP/1.1\r\nX-Header: x", "uid": "u"}}
    table = [
        ("a truncated body", response(201, b"x" * 100)[:-50] + b"TRUNCATED", "api-unreachable", "not reachable"),
        ("chunks without end", chunks_without_end, "api-answer-invalid", "body limit exceeded"),
        ("a body without end", body_without_end, "api-answer-invalid", "body limit exceeded"),
        ("a header without end", header_without_end, "api-answer-invalid", "not a response of HTTP"),
        ("a slow body", one_octet_at_a_time, "api-unreachable", "no answer in time"),
        ("silence", silence, "api-unreachable", "no answer in time"),
        ("another protocol", b"SSH-2.0-OpenSSH_9.2\r\n", "api-answer-invalid", "not a response of HTTP"),
        ("HTML", response(200, b"<html>sign in</html>"), "api-answer-invalid", "not JSON"),
        ("nothing", response(200, b""), "api-answer-invalid", "not JSON"),
        ("deep JSON", response(201, deep), "api-answer-invalid", "too deep"),
        ("huge JSON", response(201, json.dumps({"a": "x" * 5_000_000}).encode()), "api-answer-invalid", "body limit exceeded"),
        ("JSON of another kind", response(200, {"kind": "Pod", "apiVersion": "v1"}), "api-answer-invalid", "no CertificateSigningRequest"),
        ("a request without a name", response(201, valid), "api-answer-invalid", "without name or uid"),
        ("a name that would end the first line of a request", response(201, smuggling), "api-answer-invalid", "not a DNS subdomain"),
        ("a compressed answer", response(200, gzip.compress(valid), Content_Encoding="gzip"), "api-answer-invalid", "compressed"),
        ("401", response(401, failure("Unauthorized", "Unauthorized")), "api", "does not accept the credentials"),
        ("403", response(403, failure("Forbidden", 'User "jane" cannot create resource')), "api", 'may not do this: status 403, User "jane"'),
        ("404", response(404, b"404 page not found"), "api", "does not know certificates.k8s.io/v1"),
        ("422", response(422, failure("Invalid", "spec.usages: Required value")), "api", "spec.usages: Required value"),
        ("418", response(418, b"\x1b[31mteapot"), "api", "status 418"),
        ("a hostile message", response(403, failure("x", "\x1b[2J\nerror: forged" + "x" * 100_000)), "api", "\\x1b[2J\\x0aerror: forged"),
    ]
    for name, answer, rule, text in table:
        with over_tls(Api(pki, hook=at("POST", answer)), pki.server) as port:
            run = Run(pki, port)
            refused(name, run, rule, text)
            expect(len(run.error) < 1500 and "\x1b" not in run.error and "\n" not in run.error, f"{name}: one short line")


def check_redirect(pki):
    target = Api(pki)
    with over_tls(target, pki.server) as elsewhere:
        for status in (301, 302, 307, 308):
            hook = at("POST", response(status, b"", Location=f"https://user:word@127.0.0.1:{elsewhere}{PATH}"))
            with over_tls(Api(pki, hook=hook), pki.server) as port:
                run = Run(pki, port)
                refused(f"{status}", run, "api", f"redirects to https://...@127.0.0.1:{elsewhere}/..., which is not followed")
                expect("word" not in run.error, "without the password")
    expect(not target.seen, "no redirect was followed")


def check_verdicts(pki):
    def ended(kind, reason, message):
        def hook(api, method, path, _body, count):
            if method == "GET" and count > 1:
                name = path.rpartition("/")[2]
                api.objects[name]["status"] = {"conditions": [{"type": kind, "status": "True", "reason": reason, "message": message}]}
            return None
        return hook

    with over_tls(Api(pki, hook=ended("Denied", "NoReason", "not for\nyou\x1b[2J")), pki.server) as port:
        refused("a denied request", Run(pki, port, do="submit,wait"), "api-request-denied",
                "the request jane was denied: NoReason: not for\\x0ayou\\x1b[2J")
        refused("is denied the next time, too", Run(pki, port), "api-request-denied", "was denied")
    with over_tls(Api(pki, hook=ended("Failed", "SignerValidationFailure", "invalid usage")), pki.server) as port:
        refused("a failed request", Run(pki, port, do="submit,wait"), "api-request-failed", "SignerValidationFailure: invalid usage")
    with over_tls(Api(pki), pki.server) as port:
        run = Run(pki, port, do="submit,wait")
        refused("a request that nobody approves", run, "api-request-pending", "was not approved within 2 s")
        expect(run.lines.count("waiting approved=0 ") > 5, "with progress")
    with over_tls(Api(pki, status={}), pki.server) as port:
        run = Run(pki, port)
        refused("one that nobody signs", run, "api-request-pending", "was not signed, although it is approved")
        expect("waiting approved=1 " in run.lines, "with progress")
    with over_tls(Api(pki, hook=at("GET", response(503, failure("x", "etcd is down")))), pki.server) as port:
        run = Run(pki, port, do="submit,wait")
        refused("a server that fails meanwhile", run, "api-request-pending", "etcd is down")
    extensions = "extendedKeyUsage=clientAuth"
    for name, request, issuer, content, rule in (
            ("an answer for another key", "joan", pki.ca, extensions, "key-mismatch"),
            ("an answer of another CA", "jane", pki.folder / "other", extensions, "not-signed-by-ca"),
            ("an answer with wider usages", "jane", pki.ca, "extendedKeyUsage=clientAuth,serverAuth", "usages-wider"),
            ("an answer with more names", "jane", pki.ca, extensions + "\nsubjectAltName=DNS:kubernetes", "names-unexplained"),
            ("a CA as an answer", "jane", pki.ca, extensions + "\nbasicConstraints=CA:TRUE", "leaf-is-ca")):
        with over_tls(Api(pki, status={"certificate": pki.sign(request, issuer, content)}), pki.server) as port:
            refused(name, Run(pki, port), rule, "request jane")
    for name, answer in (("an answer that is no certificate", "hello"), ("an answer that is cut", pki.answer[:200])):
        with over_tls(Api(pki, status={"certificate": answer}), pki.server) as port:
            refused(name, Run(pki, port), "malformed", "request jane")


def check_swapped(pki):
    def swapped(api, method, path, _body, count):
        if method == "GET" and count == 1:
            name = path.rpartition("/")[2]
            del api.objects[name]
            api.store({"metadata": {"name": name}, "spec": {"request": encoded("evil"), "signerName": SIGNER, "usages": ["client auth"]}})
            api.objects[name]["metadata"]["uid"] = "another"
        return None

    for do in ("submit,approve", "submit,wait"):
        api = Api(pki, hook=swapped)
        with over_tls(api, pki.server) as port:
            refused(f"a request that somebody replaced ({do})", Run(pki, port, do=do), "api", "another request has the name jane")
            expect(not any(seen[0] == "PUT" for seen in api.seen), "is not approved")

    def deleted(api, method, _path, _body, _count):
        if method == "GET":
            api.objects.clear()
        return None

    with over_tls(Api(pki, hook=deleted), pki.server) as port:
        refused("a request that somebody deleted", Run(pki, port), "api", "the request jane was deleted")

    def lost(api, method, path, _body, count):
        if method == "PUT" and count <= 2:
            return response(409, failure("Conflict", "the object has been modified"))
        return None

    with over_tls(Api(pki, hook=lost), pki.server) as port:
        accepted("an approval that others were faster than", Run(pki, port, limit=5))

    def another(_api, method, _path, body, _count):
        if method != "POST":
            return None
        document = json.loads(body)
        document["spec"]["signerName"] = "example.com/mine"
        return response(201, {**document, "metadata": {"name": "jane", "uid": "u"}})

    with over_tls(Api(pki, hook=another), pki.server) as port:
        refused("a server that changes the request", Run(pki, port), "api-answer-invalid", "is not what was submitted")
    api = Api(pki)
    with over_tls(api, pki.server) as port:
        run = Run(pki, port, do="submit,delete,delete")
        expect(run.status == 0 and not api.objects, f"deleting twice is no error: {run.error}")


def check_stop(pki):
    with over_tls(Api(pki, hook=at("POST", silence)), pki.server) as port:
        refused("a stop while the server is silent", Run(pki, port, stop=300, limit=30), "cancelled", "cancelled", 2)
    with over_tls(Api(pki), pki.server) as port:
        refused("a stop while nobody approves", Run(pki, port, do="submit,wait", stop=600, limit=30, interval=20000), "cancelled", "cancelled", 2)


def check_command(pki):
    """`pkigen csr submit` on a node that has the certificate of the CA alone."""
    host = pki.folder / "host"
    (host / "pki").mkdir(parents=True)
    (host / "pki/ca.crt").write_bytes((pki.pki / "ca.crt").read_bytes())
    waiting = host / "pki/.pkigen/requests"

    def submit(port, *words):
        Run(pki, port, do="")  # writes client.conf
        return pkigen("csr", "submit", *words, "--kubeconfig", pki.folder / "client.conf", "--cert-dir", host / "pki", "--node-name", "node-1",
                      "--apiserver-advertise-address", "192.0.2.7", "--control-plane-endpoint", "api.example:6443", "--encryption-algorithm",
                      "ECDSA-P256")

    api = Api(pki, status="sign")
    with over_tls(api, pki.server) as port:
        done = submit(port, "apiserver", "super-admin.conf")
        expect(done.returncode == 1 and "to kubelets alone" in done.stderr and "system:masters" in done.stderr, f"rows without signer {done.stderr}")
        expect(not waiting.exists() and not api.seen, "nothing is made for them")
        done = submit(port, "kubelet.conf", "--timeout", "1s")
        expect(done.returncode == 1 and "was not approved" in done.stderr, f"nobody approves {done.stderr}")
        name, = api.objects
        expect(f"kubectl certificate approve {name}" in done.stderr, "the command that approves is shown")
        expect(not (host / "kubelet.conf").exists() and (waiting / "kubelet.conf").exists(), "the key waits")
        done = submit(port, "kubelet.conf", "--approve", "-o", "json")
        expect(done.returncode == 0 and json.loads(done.stdout)["imported"][0]["name"] == "kubelet.conf", f"the next run imports {done.stderr}")
        expect(list(api.objects) == [name], "the request of the first")
        spec = api.objects[name]["spec"]
        expect(spec["signerName"] == SIGNER + "-kubelet" and spec["usages"] == ["digital signature", "client auth"], str(spec["usages"]))
        expect("client-key-data" in (host / "kubelet.conf").read_text(), "as a whole kubeconfig")
        expect(not (waiting / "kubelet.conf").exists(), "and nothing waits any more")
    before = sorted(str(path) for path in host.rglob("*"))
    with over_tls(Api(pki, status={"certificate": pki.answer}), pki.server) as port:
        done = submit(port, "controller-manager.conf", "--approve")
        expect(done.returncode == 1, f"an answer for another key {done.stderr}")
        expect(not (host / "controller-manager.conf").exists(), f"is not imported {before}")


class Host:
    """A control plane that has the CA of the cluster without its key."""

    def __init__(self, pki, name):
        self.pki, self.root = pki, pki.folder / name
        shutil.copytree(pki.folder / "k", self.root)
        (self.root / "pki/ca.key").unlink()

    def renew(self, port, *words):
        Run(self.pki, port, do="")  # writes client.conf
        return pkigen("renew", *words, "--use-api", "--kubeconfig", self.pki.folder / "client.conf", "--cert-dir", self.root / "pki")

    def content(self):
        return {path: path.read_bytes() for path in self.root.rglob("*") if path.is_file() and ".pkigen" not in path.parts}

    def changed(self, before):
        return {path.name.removesuffix(".crt") for path, octets in self.content().items()
                if before.get(path) != octets and path.suffix in (".crt", ".conf")}


OF_THE_API = {"admin.conf", "controller-manager.conf", "scheduler.conf", "kubelet.conf"}
LOCAL = {"apiserver-etcd-client", "server", "peer", "healthcheck-client", "front-proxy-client"}
WAITING = "waits for approval"


def check_renewal(pki):
    """`pkigen renew --use-api`: the API signs what the key of the CA is missing for, and the rest is signed here."""
    host = Host(pki, "renewing")
    api = Api(pki, status="sign")
    with over_tls(api, pki.server) as port:
        before = host.content()
        done = host.renew(port, "all", "--dry-run", "-o", "json")
        rows = {row["name"]: row["action"] for row in json.loads(done.stdout)["rows"]}
        expect(done.returncode == 0 and not api.seen and host.content() == before, f"a dry run asks nobody {done.stderr}")
        expect(all(rows[name] == "renewed" for name in OF_THE_API), f"and shows what would be {rows}")
        expect({rows[name] for name in ("apiserver", "apiserver-kubelet-client", "super-admin.conf")} == {"external"}, f"and what others have to sign {rows}")

        done = host.renew(port, "--if-needed", "--within", "1d")
        expect(done.returncode == 0 and not api.seen and host.content() == before, f"nothing is due {done.stderr}")

        done = host.renew(port, "controller-manager.conf", "etcd-server", "--timeout", "1s")
        expect(done.returncode == 1 and WAITING in done.stderr and "was not approved" in done.stderr, f"nobody approves {done.stderr}")
        expect(host.content() == before, "named rows are renewed together or not at all")
        expect("nothing was renewed" in done.stderr, f"and the last line says so {done.stderr}")
        name, = api.objects

        done = host.renew(port, "all", "--timeout", "1s")
        expect(done.returncode == 1 and done.stderr.count("was not approved") == len(OF_THE_API), f"each one that waits is named {done.stderr}")
        expect(host.changed(before) == LOCAL, f"what can be signed here is renewed {host.changed(before)}")
        expect(name in api.objects and len(api.objects) == len(OF_THE_API), "the first request is still the one of its row")

        before = host.content()
        log = host.root / "hook"
        done = host.renew(port, "all", "--approve", "-o", "json", "--deploy-hook", f'echo "$PKIGEN_RENEWED" >{log}')
        result = json.loads(done.stdout)
        rows = {row["name"]: row for row in result["rows"]}
        expect(done.returncode == 0 and not result["failures"], f"all are renewed {done.stderr}")
        expect(host.changed(before) == LOCAL | OF_THE_API, f"in one transaction {host.changed(before)}")
        expect(len(api.objects) == len(OF_THE_API), "with the requests that waited")
        expect(OF_THE_API <= set(log.read_text().split()), "hooks know of them")
        expect("kube-scheduler" in result["restart"], f"and so does the list of restarts {result['restart']}")
        end = rows["scheduler.conf"]["new"]["notAfter"]
        days = (datetime.datetime.fromisoformat(end.replace("Z", "+00:00")) - datetime.datetime.now(datetime.timezone.utc)).days
        expect(days in (9, 10), f"the dates are those of the answer {end}")
        expect(not list((host.root / "pki/.pkigen/requests").iterdir()), "nothing waits any more")
        report = pkigen("check-expiration", "--cert-dir", host.root / "pki", "--warn-within", "1d")
        expect(report.returncode == 0, f"and everything is valid {report.stdout}{report.stderr}")

        done = host.renew(port, "apiserver", "super-admin.conf", "--approve")
        expect(done.returncode == 1 and "to kubelets alone" in done.stderr and "system:masters" in done.stderr, f"no signer {done.stderr}")
        expect("external CA" not in done.stderr, "said once")

        before = host.content()
        done = host.renew(port, "all", "--approve", "--pre-hook", "exit 3")
        expect(done.returncode == 1 and host.content() == before, f"a pre-hook that fails {done.stderr}")
        done = host.renew(port, "scheduler.conf", "--approve")
        expect(done.returncode == 0 and host.changed(before) == {"scheduler.conf"}, f"is taken up by the next run {done.stderr}")
        before = host.content()
    check_renewal_with_bad_servers(pki)


def check_renewal_with_bad_servers(pki):
    host = Host(pki, "renewing-in-vain")
    for what, text, serve in (
            ("an answer for another key", "is for another key", lambda: over_tls(Api(pki, status={"certificate": pki.answer}), pki.server)),
            ("a server that refuses", "may not do this",
             lambda: over_tls(Api(pki, hook=lambda *_: response(403, failure("Forbidden", "no"))), pki.server)),
            ("a server with another name", "mismatch",
             lambda: over_tls(Api(pki), pki.serving("foreign", "/CN=other", "subjectAltName=DNS:other.example"))),
            ("no server", "refused", lambda: contextlib.nullcontext(1))):
        before = host.content()
        with serve() as port:
            done = host.renew(port, "all", "--approve", "--timeout", "2s")
        expect(done.returncode == 1 and host.changed(before) == LOCAL, f"{what}: what can be signed here is renewed {done.stderr}")
        expect(done.stderr.count("error: ") == (len(OF_THE_API) if what.startswith("an answer") else 1) and "please report" not in done.stderr,
               f"{what}: one cause is one error {done.stderr}")
        expect(text in done.stderr, f"{what}: {text}")
    before = host.content()
    done = pkigen("renew", "all", "--use-api", "--kubeconfig", host.root / "none.conf", "--cert-dir", host.root / "pki")
    expect(done.returncode == 1 and "none.conf" in done.stderr and host.content() == before, f"no kubeconfig {done.stderr}")


def check_users(pki):
    """`pkigen user --use-api` and `csr submit --user`."""
    out = pki.folder / "users"
    out.mkdir()

    def user(port, *words, command=("user",)):
        Run(pki, port, do="")
        return pkigen(*command, *words, "--kubeconfig", pki.folder / "client.conf")

    def subject(path):
        data = re.search("client-certificate-data: (.*)", path.read_text()).group(1)
        (out / "user.crt").write_bytes(base64.b64decode(data))
        shown = subprocess.run(["openssl", "x509", "-in", out / "user.crt", "-noout", "-subject"], check=True, capture_output=True, text=True)
        return shown.stdout.strip().replace(" ", "")

    api = Api(pki, status="sign")
    with over_tls(api, pki.server) as port:
        done = user(port, "jane", "--group", "developers", "--use-api", "--approve", "--valid-for", "8h", "--out", out / "jane.conf")
        expect(done.returncode == 0 and "cannot be revoked" in done.stderr, f"a user {done.stderr}")
        expect(subject(out / "jane.conf") == "subject=O=developers,CN=jane", subject(out / "jane.conf"))
        text = (out / "jane.conf").read_text()
        expect(f"https://127.0.0.1:{port}" in text and "client-key-data" in text, "server, CA and key are in the kubeconfig")
        expect(pki.pki.joinpath("ca.crt").read_bytes() in base64.b64decode(re.search("authority-data: (.*)", text).group(1)), "the CA")
        spec = list(api.objects.values())[0]["spec"]
        expect(spec["expirationSeconds"] == 8 * 3600 and spec["signerName"] == SIGNER, str(spec["expirationSeconds"]))

        done = user(port, "--user", "Joe.", "--approve", "--out", out / "joe.conf", command=("csr", "submit"))
        expect(done.returncode == 0 and subject(out / "joe.conf") == "subject=CN=Joe.", f"csr submit --user {done.stderr}")

        (out / "many").write_text("ann developers\nbob\n")
        done = user(port, "--many", out / "many", "--use-api", "--approve", "--out", out, "-o", "json")
        expect(done.returncode == 0 and subject(out / "bob.conf") == "subject=CN=bob", f"many {done.stderr}")

        openssl("req", "-new", "-key", pki.folder / "jane.key", "-subj", "/O=developers/CN=jane", "-addext", "extendedKeyUsage=clientAuth",
                "-out", out / "own.csr")
        done = user(port, "jane", "--group", "developers", "--csr", out / "own.csr", "--use-api", "--approve", "--out", out / "own.conf")
        expect(done.returncode == 0 and "client-key: jane.key" in (out / "own.conf").read_text(), f"a request of the user {done.stderr}")

        count = len(api.objects)
        for what, words, message in (
                ("another name", ("joan", "--csr", pki.folder / "jane.csr"), "has the common name"),
                ("another group", ("jane", "--group", "admins", "--csr", pki.folder / "jane.csr"), "has the organizations developers"),
                ("system:masters", ("eve", "--group", "system:masters", "--allow-masters"), "system:masters"),
                ("a public key", ("eve", "--public-key", pki.pki / "sa.pub"), "takes requests alone")):
            done = user(port, *words, "--use-api", "--approve", "--out", out / "none.conf")
            expect(done.returncode in (1, 2) and message in done.stderr, f"{what} {done.stderr}")
        done = user(port, "eve", "--use-api", "--timeout", "1s", "--out", out / "none.conf")
        expect(done.returncode == 1 and "kubectl certificate approve pkigen-user-eve" in done.stderr, f"nobody approves {done.stderr}")
        expect("its key is gone" in done.stderr.split("error:")[1], "and an approval after that is in vain")
        expect(len(api.objects) == count + 1 and not (out / "none.conf").exists(), "nothing is submitted or written for the others")
    with over_tls(Api(pki, status={"certificate": pki.answer}), pki.server) as port:
        done = user(port, "eve", "--use-api", "--approve", "--out", out / "none.conf")
        expect(done.returncode == 1 and "another key" in done.stderr and not (out / "none.conf").exists(), f"a wrong answer {done.stderr}")


with tempfile.TemporaryDirectory() as directory:
    made = Pki(pathlib.Path(directory))
    for check in (check_usual, check_client_certificate, check_servers_that_are_others, check_names, check_busy, check_answers_that_are_none,
                  check_redirect, check_verdicts, check_swapped, check_stop, check_command, check_renewal, check_users):
        check(made)
