# SPDX-License-Identifier: Apache-2.0
"""A small API server: requests for certificates, over TLS at the loopback address."""

import base64
import contextlib
import json
import socket
import ssl
import subprocess
import threading

PATH = "/apis/certificates.k8s.io/v1/certificatesigningrequests"
SIGNER = "kubernetes.io/kube-apiserver-client"


def sign_as_asked(ca, request):
    """What the controller manager does: the names of the request. `ca` is the path of the CA without its ending."""
    done = subprocess.run(["openssl", "x509", "-req", "-CA", f"{ca}.crt", "-CAkey", f"{ca}.key", "-days", "10", "-copy_extensions", "copyall"],
                          input=request, check=True, capture_output=True, text=True)
    return done.stdout


class Api:
    """Answers as an API server does, as far as requests for certificates go; `hook` may answer first."""

    def __init__(self, pki, hook=None, status=None, others=()):
        self.pki, self.hook, self.seen, self.objects = pki, hook, [], {}
        self.status = status if status is not None else {"certificate": pki.answer}
        for name in others:
            self.store({"metadata": {"name": name}, "spec": {"request": encoded("foreign"), "signerName": SIGNER, "usages": ["client auth"]}})

    def store(self, document):
        name = document["metadata"]["name"]
        self.objects[name] = {"kind": "CertificateSigningRequest", "apiVersion": "certificates.k8s.io/v1",
                              "metadata": {"name": name, "uid": f"uid-{len(self.objects)}", "resourceVersion": "1"},
                              "spec": document["spec"], "status": {}}
        return self.objects[name]

    def answer(self, method, path, headers, body):
        self.seen.append((method, path, headers, body))
        count = sum(1 for seen in self.seen if seen[:2] == (method, path))
        if self.hook:
            found = self.hook(self, method, path, body, count)
            if found is not None:
                return found
        if method == "POST" and path == PATH:
            return self.create(json.loads(body))
        name = path.removeprefix(PATH + "/").removesuffix("/approval")
        if name not in self.objects:
            return response(404, failure("NotFound", f'certificatesigningrequests "{name}" not found'))
        if method == "PUT":
            return self.approve(name, json.loads(body))
        if method == "DELETE":
            if json.loads(body)["preconditions"]["uid"] != self.objects[name]["metadata"]["uid"]:
                return response(409, failure("Conflict", "the UID in the precondition does not match"))
            del self.objects[name]
            return response(200, {"kind": "Status", "status": "Success"})
        return response(200, self.objects[name])

    def create(self, document):
        name = document["metadata"]["name"]
        if name in self.objects:
            return response(409, failure("AlreadyExists", f'certificatesigningrequests "{name}" already exists'))
        return response(201, self.store(document))

    def approve(self, name, document):
        old = self.objects[name]
        if document["metadata"] != old["metadata"] or document["spec"] != old["spec"]:
            return response(409, failure("Conflict", "the object has been modified"))
        status = {"conditions": document["status"]["conditions"]}
        if self.status == "sign":
            status["certificate"] = encoded(self.pki.sign_as_asked(base64.b64decode(document["spec"]["request"]).decode()))
        elif "certificate" in self.status:
            status["certificate"] = encoded(self.status["certificate"])
        old["status"] = status
        return response(200, old)


def encoded(text):
    return base64.b64encode(text.encode()).decode()


def failure(reason, message):
    return {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": reason, "message": message}


def response(status, content, **headers):
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    lines = [f"HTTP/1.1 {status} Some Reason", "Content-Type: application/json", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def read_request(connection):
    octets = b""
    while b"\r\n\r\n" not in octets:
        more = connection.recv(65536)
        if not more:
            return None
        octets += more
    head, _, body = octets.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
    while len(body) < int(headers.get("content-length", "0")):
        body += connection.recv(65536)
    method, path, _ = lines[0].split(" ")
    return method, path, headers, body.decode()


@contextlib.contextmanager
def serving(handle):
    """A server at a free port of the loopback address, which calls `handle` with each connection; yields the port."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(16)

        def work(connection):
            with connection, contextlib.suppress(OSError, ValueError):
                handle(connection)

        def accept():
            with contextlib.suppress(OSError):
                while True:
                    threading.Thread(target=work, args=(server.accept()[0],), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)


def over_tls(api, pair, names=None, client_ca=None):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*pair)
    if names is not None:
        context.sni_callback = lambda _connection, name, _context: names.append(name)
    if client_ca:
        context.load_verify_locations(client_ca)
        context.verify_mode = ssl.CERT_REQUIRED

    def handle(connection):
        with context.wrap_socket(connection, server_side=True) as secure:
            request = read_request(secure)
            if request is None:
                return
            answer = api.answer(*request)
            if callable(answer):
                answer(secure)
            else:
                secure.sendall(answer)
                if not answer.endswith(b"TRUNCATED"):
                    with contextlib.suppress(OSError):
                        secure.unwrap()

    return serving(handle)
