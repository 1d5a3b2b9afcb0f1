# SPDX-License-Identifier: Apache-2.0
"""A control plane of real programs on what pkigen made, in a network of its own: nothing but a loopback device."""

import base64
import fcntl
import http.client
import json
import pathlib
import re
import socket
import ssl
import struct
import subprocess
import threading
import time

from common import ENVIRONMENT, fail

ADDRESS = "192.0.2.10"
PORTS = {"kube-apiserver": 6443, "etcd": 2379, "etcd peer": 2380, "second etcd": 12379, "second etcd peer": 12380,
         "path to etcd": 12379 + 1000, "kubelet": 10250, "extension": 10443}
# Longer than any test takes: should this program be killed, its children end by themselves.
LIFE = "1800"


def bring_up_loopback():
    """The address of the node is one of the loopback device, and that is all there is in this network."""
    with socket.socket() as handle:
        for name, call, data in (("lo", 0x8914, struct.pack("h", 0x1 | 0x40)), ("lo:1", 0x8916, sockaddr(ADDRESS)),
                                 ("lo:1", 0x891C, sockaddr("255.255.255.255"))):
            fcntl.ioctl(handle, call, struct.pack("16s24s", name.encode(), data))


def sockaddr(address):
    return struct.pack("=HH4s", socket.AF_INET, 0, socket.inet_aton(address))


def wait_until(seconds, what, condition, every=0.2):
    end, last = time.monotonic() + seconds, None
    while time.monotonic() < end:
        try:
            if condition():
                return
        except (OSError, subprocess.SubprocessError, http.client.HTTPException, ValueError) as error:
            last = error
        time.sleep(every)
    fail(f"not within {seconds} s: {what}" + (f" ({last})" if last else ""))


class Program:
    """One process, started and ended by its id."""

    def __init__(self, name, command, folder):
        self.name, self.log = name, folder / f"{name.replace(' ', '-')}.log"
        self.command = ["timeout", "--kill-after=5", LIFE, *map(str, command)]
        self.process = None

    def start(self):
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(self.command, stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                                            env={**ENVIRONMENT, "HOME": str(self.log.parent)}, cwd=self.log.parent)

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait(30)

    def restart(self):
        self.stop()
        self.start()

    def alive(self):
        return self.process.poll() is None


class Path:
    """A way from the API server to etcd that can be cut, so that new handshakes are made."""

    def __init__(self, port, target):
        self.target, self.open = target, []
        self.listener = socket.create_server(("127.0.0.1", port))
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            near, _ = self.listener.accept()
            try:
                far = socket.create_connection(("127.0.0.1", self.target), 5)
                far.settimeout(None)
            except OSError:
                near.close()
                continue
            self.open += [near, far]
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=self.pump, args=(source, sink), daemon=True).start()

    @staticmethod
    def pump(source, sink):
        try:
            while data := source.recv(65536):
                sink.sendall(data)
        except OSError:
            pass
        for each in (source, sink):
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def cut(self):
        for each in self.open:
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        self.open = []


class Listener:
    """A server that the API server calls, a kubelet's or an extension's place: says who called, with which certificate."""

    def __init__(self, port, folder, ca):
        self.seen, pair = [], folder / f"listener-{port}"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=listener",
                        "-keyout", f"{pair}.key", "-out", f"{pair}.crt", "-days", "1"], check=True, capture_output=True, env=ENVIRONMENT)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(f"{pair}.crt", f"{pair}.key")
        self.context.load_verify_locations(ca)
        self.context.verify_mode = ssl.CERT_REQUIRED
        self.listener = socket.create_server((ADDRESS, port))
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            connection, _ = self.listener.accept()
            threading.Thread(target=self.answer, args=(connection,), daemon=True).start()

    def answer(self, connection):
        try:
            connection.settimeout(10)
            with self.context.wrap_socket(connection, server_side=True) as tls:
                request = b""
                while b"\r\n\r\n" not in request and (data := tls.recv(65536)):
                    request += data
                who = tls.getpeercert()
                name = dict(part[0] for part in who["subject"])["commonName"]
                headers = {line.split(":")[0].lower(): line.split(":", 1)[1].strip() for line in request.decode().split("\r\n") if ":" in line}
                self.seen.append((name, who["serialNumber"].lower().lstrip("0"), headers))
                body = json.dumps({"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": "demo.example/v1", "resources": [],
                                   "caller": name}).encode()
                tls.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(body)
                            + body)
        except (OSError, ValueError, KeyError):
            pass


class Cluster:
    """etcd of two members, API server, controller manager, scheduler."""

    def __init__(self, programs, folder):
        self.folder, self.pki = pathlib.Path(folder), pathlib.Path(folder) / "pki"
        self.keys = self.pki  # of the CAs
        self.programs, self.running = programs, {}
        self.audit = self.folder / "audit.log"

    def start(self):
        pki = self.pki
        self.path = Path(PORTS["path to etcd"], PORTS["etcd"])
        self.revoke()
        for name, client, peer in (("etcd", "etcd", "etcd peer"), ("second etcd", "second etcd", "second etcd peer")):
            self.run(name, self.etcd_command(name, PORTS[client], PORTS[peer]))
        self.kubelet = Listener(PORTS["kubelet"], self.folder, pki / "ca.crt")
        self.extension = Listener(PORTS["extension"], self.folder, pki / "front-proxy-ca.crt")
        self.run("kube-apiserver", self.apiserver_command())
        wait_until(240, "the API server is ready", self.ready, every=0.5)
        for name in ("kube-controller-manager", "kube-scheduler"):
            self.run(name, getattr(self, name.removeprefix("kube-").replace("-", "_") + "_command")())

    def ready(self):
        # It exits when etcd is slow to start; a kubelet would start it again, too.
        if not self.running["kube-apiserver"].alive():
            self.running["kube-apiserver"].start()
        return self.request("GET", "/readyz")[0] == 200

    def run(self, name, command):
        self.running[name] = Program(name, command, self.folder)
        self.running[name].start()

    def stop(self):
        for name in reversed(list(self.running)):
            self.running[name].stop()

    def etcd_command(self, name, client, peer):
        etcd = self.pki / "etcd"
        members = f"etcd=https://{ADDRESS}:{PORTS['etcd peer']},second etcd=https://{ADDRESS}:{PORTS['second etcd peer']}"
        return [self.programs["etcd"], "--name", name, "--data-dir", self.folder / name, "--unsafe-no-fsync",
                "--listen-client-urls", f"https://127.0.0.1:{client},https://{ADDRESS}:{client}", "--advertise-client-urls",
                f"https://{ADDRESS}:{client}", "--listen-peer-urls", f"https://{ADDRESS}:{peer}", "--initial-advertise-peer-urls",
                f"https://{ADDRESS}:{peer}", "--initial-cluster", members, "--cert-file", etcd / "server.crt", "--key-file",
                etcd / "server.key", "--client-cert-auth", "--trusted-ca-file", etcd / "ca.crt", "--peer-cert-file", etcd / "peer.crt",
                "--peer-key-file", etcd / "peer.key", "--peer-client-cert-auth", "--peer-trusted-ca-file", etcd / "ca.crt",
                "--client-crl-file", self.folder / "etcd.crl"]

    def apiserver_command(self):
        pki = self.pki
        (self.folder / "audit.yaml").write_text("apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n")
        return [self.programs["kube-apiserver"], f"--advertise-address={ADDRESS}", f"--bind-address={ADDRESS}",
                f"--secure-port={PORTS['kube-apiserver']}", "--allow-privileged=true", "--authorization-mode=Node,RBAC",
                f"--client-ca-file={pki}/ca.crt", "--enable-admission-plugins=NodeRestriction", "--enable-bootstrap-token-auth=true",
                f"--etcd-cafile={pki}/etcd/ca.crt", f"--etcd-certfile={pki}/apiserver-etcd-client.crt",
                f"--etcd-keyfile={pki}/apiserver-etcd-client.key", f"--etcd-servers=https://127.0.0.1:{PORTS['path to etcd']}",
                f"--kubelet-client-certificate={pki}/apiserver-kubelet-client.crt",
                f"--kubelet-client-key={pki}/apiserver-kubelet-client.key", "--kubelet-preferred-address-types=InternalIP",
                f"--proxy-client-cert-file={pki}/front-proxy-client.crt", f"--proxy-client-key-file={pki}/front-proxy-client.key",
                "--requestheader-allowed-names=front-proxy-client", f"--requestheader-client-ca-file={pki}/front-proxy-ca.crt",
                "--requestheader-extra-headers-prefix=X-Remote-Extra-", "--requestheader-group-headers=X-Remote-Group",
                "--requestheader-username-headers=X-Remote-User", "--enable-aggregator-routing=true",
                "--service-account-issuer=https://kubernetes.default.svc.cluster.local", f"--service-account-key-file={pki}/sa.pub",
                f"--service-account-signing-key-file={pki}/sa.key", "--service-cluster-ip-range=10.96.0.0/12",
                f"--tls-cert-file={pki}/apiserver.crt", f"--tls-private-key-file={pki}/apiserver.key",
                f"--audit-log-path={self.audit}", f"--audit-policy-file={self.folder}/audit.yaml"]

    def controller_manager_command(self):
        pki, conf = self.pki, self.folder / "controller-manager.conf"
        here = self.keys == pki  # otherwise it signs nothing
        signing = [f"--cluster-signing-cert-file={pki}/ca.crt", f"--cluster-signing-key-file={pki}/ca.key"] if here else []
        return [self.programs["kube-controller-manager"], f"--kubeconfig={conf}", f"--authentication-kubeconfig={conf}",
                f"--authorization-kubeconfig={conf}", "--bind-address=127.0.0.1", f"--client-ca-file={pki}/ca.crt",
                *signing,
                "--controllers=*,bootstrapsigner,tokencleaner", "--leader-elect=true", f"--requestheader-client-ca-file={pki}/front-proxy-ca.crt",
                f"--root-ca-file={pki}/ca.crt", f"--service-account-private-key-file={pki}/sa.key", "--use-service-account-credentials=true"]

    def scheduler_command(self):
        conf = self.folder / "scheduler.conf"
        return [self.programs["kube-scheduler"], f"--kubeconfig={conf}", f"--authentication-kubeconfig={conf}",
                f"--authorization-kubeconfig={conf}", "--bind-address=127.0.0.1", "--leader-elect=true"]

    def revoke(self, *serials):
        """etcd refuses the client certificates with these serials from now on."""
        base = self.folder / "crl"
        base.mkdir(exist_ok=True)
        # "openssl ca" takes whole octets only, and one serial in sixteen begins with a zero that nobody wrote.
        octets = [serial.zfill(len(serial) + len(serial) % 2) for serial in serials]
        (base / "index").write_text("".join(f"R\t351231235959Z\t250101000000Z\t{serial}\tunknown\t/CN=revoked\n" for serial in octets))
        (base / "conf").write_text(f"[ca]\ndefault_ca=a\n[a]\ndatabase={base}/index\ndefault_md=sha256\n"
                                    "crl_extensions=e\n[e]\nauthorityKeyIdentifier=keyid\n")
        etcd = self.pki / "etcd"
        subprocess.run(["openssl", "ca", "-config", base / "conf", "-gencrl", "-crldays", "1", "-cert", etcd / "ca.crt", "-keyfile", self.keys / "etcd/ca.key",
                        "-out", base / "new"], check=True, capture_output=True, env=ENVIRONMENT)
        done = subprocess.run(["openssl", "crl", "-in", base / "new", "-outform", "DER"], check=True, capture_output=True, env=ENVIRONMENT)
        (base / "der").write_bytes(done.stdout)
        (base / "der").rename(self.folder / "etcd.crl")

    # Asking

    def write_token_kubeconfig(self, name, token):
        """Writes a kubeconfig for whoever has the token."""
        text = re.sub(r"\n    client-(certificate|key)-data: \S+", "", (self.folder / "super-admin.conf").read_text())
        (self.folder / name).write_text(re.sub(r"user:\s*$", f"user:\n    token: {token}", text.rstrip()) + "\n")

    def context(self, kubeconfig=None, pair=None, ca="ca.crt"):
        """A TLS context of the client that a kubeconfig or a pair of files describes, or of nobody."""
        context = ssl.create_default_context(cafile=self.pki / ca)
        if kubeconfig:
            text = (self.folder / kubeconfig).read_text()
            pair = self.folder / f"{kubeconfig}.crt", self.folder / f"{kubeconfig}.key"
            for path, field in zip(pair, ("client-certificate-data", "client-key-data")):
                path.write_bytes(base64.b64decode(re.search(field + r": (\S+)", text).group(1)))
        if pair:
            context.load_cert_chain(*pair)
        return context

    def request(self, method, path, body=None, context=None, headers=None):
        connection = http.client.HTTPSConnection(ADDRESS, PORTS["kube-apiserver"], context=context or self.context(), timeout=20)
        try:
            connection.request(method, path, json.dumps(body) if body else None, {"Content-Type": "application/json", **(headers or {})})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def whoami(self, context=None, headers=None):
        """Status, user and groups that the API server takes the caller for."""
        body = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
        status, text = self.request("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", body, context, headers)
        info = json.loads(text).get("status", {}) if status == 201 else {}
        user = info.get("userInfo", {}) if isinstance(info, dict) else {}
        return status, user.get("username"), set(user.get("groups", []))

    def kubectl(self, kubeconfig, *arguments, data=None, check=True):
        command = [self.programs["kubectl"], "--kubeconfig", self.folder / kubeconfig, "--request-timeout=30s", *arguments]
        done = subprocess.run(list(map(str, command)), capture_output=True, text=True, input=data, timeout=120, check=False,
                              env={**ENVIRONMENT, "HOME": str(self.folder)})
        if check and done.returncode:
            fail(f"kubectl {' '.join(map(str, arguments))} with {kubeconfig}: {done.stderr}")
        return done

    def served_serial(self, port, client=False):
        """Serial of the certificate that a server shows."""
        context = ssl.create_default_context(cafile=self.pki / ("ca.crt" if port == PORTS["kube-apiserver"] else "etcd/ca.crt"))
        if client:
            context.load_cert_chain(self.pki / "etcd/peer.crt", self.pki / "etcd/peer.key")
        with socket.create_connection((ADDRESS, port), 10) as raw, context.wrap_socket(raw, server_hostname=ADDRESS) as tls:
            return tls.getpeercert()["serialNumber"].lower().lstrip("0")

    def last_credential(self, user):
        """Fingerprint of the certificate with which USER called last, from the API server's audit log."""
        last = None
        for line in self.audit.read_text().splitlines():
            if user in line:
                event = json.loads(line)
                ids = event["user"].get("extra", {}).get("authentication.kubernetes.io/credential-id", [])
                if event["user"]["username"] == user and ids and event["stage"] == "ResponseComplete":
                    last = ids[0]
        return last
