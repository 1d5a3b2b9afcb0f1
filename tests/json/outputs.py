#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What each command prints for -o json or -o yaml fits its schema in doc/schema, whatever state the PKI is in.

usage: outputs.py PKIGEN
"""

import json
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import time

import harness

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "interop"))
import api_server  # pylint: disable=wrong-import-position

NODE = ["--node-name", "cp-1", "--apiserver-advertise-address", "192.168.10.11"]
CONFIG = """apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
encryptionAlgorithm: ECDSA-P256
certificateValidityPeriod: 9000h
noSuchField: 1
"""


def timeless(value):
    if isinstance(value, dict):
        return {key: timeless(item) for key, item in value.items() if key != "residualTime"}
    return [timeless(item) for item in value] if isinstance(value, list) else value


class Outputs(harness.World):
    def __init__(self, pkigen):
        super().__init__(pkigen)
        self.pki = self.root / "k/pki"

    def print(self, what, status, kind, *words, **more):
        run = super().run(*words, "-o", "json", **more)
        self.expect(what, run.status == status, f"exit status {run.status}, expected {status}:", run.stderr)
        return self.document(what, run, kind)

    def check(self, what, status, *words):
        words = ["check-expiration", "--cert-dir", self.pki, "--kubelet-dir", self.root / "kubelet", *words]
        document = self.print(what, status, "CertificateExpirationInfo", *words)
        self.compare_yaml(what, status, document, words)
        return document

    def compare_yaml(self, what, status, document, words):
        """The YAML of a report says the same as its JSON, but for the time that has passed."""
        run = super().run(*words, "-o", "yaml")
        self.expect(what, run.status == status, f"exit status {run.status} for YAML, expected {status}:", run.stderr)
        read = self.yaml_document(what, run, "CertificateExpirationInfo")
        self.expect(what, timeless(read) == timeless(document), "the YAML differs:", timeless(read), timeless(document))

    def check_report_of_token(self, pki):
        words = ["check-expiration", "--cert-dir", pki, "--kubelet-dir", self.root / "none"]
        report = self.print("a report of a token", 0, "CertificateExpirationInfo", *words)
        row = next(row for row in report["certificates"] if row["name"] == "bootstrap-kubelet.conf")
        self.expect("a report of a token", row["state"] == "valid" and row["expirationDate"] is None, row)

    def serial_on_disk(self, row):
        text = subprocess.run(["openssl", "x509", "-noout", "-serial", "-in", self.pki / f"{row}.crt"], capture_output=True, text=True, check=True)
        return text.stdout.strip().partition("=")[2].lower().lstrip("0")


def check_init(world):
    (world.root / "config.yaml").write_text(CONFIG)
    words = ["init", *NODE, "--cert-dir", world.pki, "--config", world.root / "config.yaml"]
    planned = world.print("init --dry-run", 0, "Plan", *words, "--dry-run")
    world.expect("init --dry-run", planned["dryRun"] is True and planned["changed"] is True and not world.pki.exists(), planned)
    world.expect("init --dry-run", all(step["serial"] is None for step in planned["steps"]), "serials of what is not made")
    made = world.print("init", 0, "Plan", *words)
    world.expect("init", made["dryRun"] is False and made["changed"] is True, made["changed"])
    world.expect("init and its dry run have the same members", made.keys() == planned.keys(), made.keys() ^ planned.keys())
    for step in made["steps"]:
        world.expect("init: serial", (step["serial"] is None) == (step["name"] == "sa"), step)
        if step["name"] in ("ca", "apiserver", "etcd-server"):
            stem = step["path"].removeprefix(f"{world.pki}/").removesuffix(".crt")
            world.expect("init: serial", step["serial"] == world.serial_on_disk(stem), step)
    codes = [warning["code"] for warning in made["warnings"]]
    world.expect("init: warnings", {"config-unknown-field", "validity-above-default", "ca-key-on-disk"} <= set(codes), codes)
    world.expect("init --dry-run: warnings", {"config-unknown-field"} <= {warning["code"] for warning in planned["warnings"]}, planned["warnings"])
    again = world.print("init again", 0, "Plan", *words)
    world.expect("init again", again["changed"] is False and {step["action"] for step in again["steps"]} == {"keep"}, again["changed"])
    world.expect("init again: serials", [step["serial"] for step in again["steps"]] == [step["serial"] for step in made["steps"]], "differ")
    world.expect("init again: dry run", world.print("init again", 0, "Plan", *words, "--dry-run")["changed"] is False, "")
    world.print("init of one row", 0, "Plan", "init", "apiserver", "--cert-dir", world.pki)


def check_requests(world):
    """A host with the certificates of CAs alone, and the holder of their keys."""
    ca, host = world.root / "ca/pki", world.root / "host/pki"
    world.print("init of CAs", 0, "Plan", "init", "--role", "ca-host", *NODE, "--encryption-algorithm", "ECDSA-P256", "--cert-dir", ca)
    (host / "etcd").mkdir(parents=True)
    for name in ("ca.crt", "front-proxy-ca.crt", "etcd/ca.crt"):
        shutil.copy(ca / name, host / name)
    files = world.root / "requests.json", world.root / "certificates.json"
    create = ["csr", "create", *NODE, "--encryption-algorithm", "ECDSA-P256", "--cert-dir", host]
    planned = world.print("csr create --dry-run", 0, "Plan", *create, "--dry-run")
    wanted = {step["name"] for step in planned["steps"] if step["action"] == "create"}
    world.expect("csr create --dry-run", len(wanted) == 12 and not (host / ".pkigen").exists(), wanted)
    made = world.print("csr create", 0, "RequestBundle", *create, "--bundle", files[0])
    world.expect("csr create", {one["name"] for one in made["requests"]} == wanted and json.loads(files[0].read_text()) == made, made["digest"])
    again = world.print("csr create again", 0, "RequestBundle", *create)
    world.expect("csr create again", again == made, "differs")
    waiting = world.print("csr status", 0, "RequestList", "csr", "status", "--cert-dir", host)
    world.expect("csr status", len(waiting["requests"]) == 12, waiting)
    report = world.print("a report of what was requested", 4, "CertificateExpirationInfo", "check-expiration", "--cert-dir", host, "--kubelet-dir", "")
    world.expect("a report of what was requested", [note["code"] for note in report["notes"]].count("request-pending") == 12, report["notes"])
    sign = ["csr", "sign", files[0], "--cert-dir", ca, "--config", world.root / "host/pkigen.yaml"]
    world.print("csr sign --dry-run", 0, "SigningPlan", *sign, "--dry-run")
    signed = world.print("csr sign", 0, "CertificateBundle", *sign, "--bundle", files[1])
    world.expect("csr sign", json.loads(files[1].read_text()) == signed, signed["digest"])
    world.print("csr cancel", 0, "Cancellation", "csr", "cancel", "scheduler.conf", "--cert-dir", host)
    world.print("csr import of a cancelled one", 1, "Error", "csr", "import", files[1], "--cert-dir", host)
    world.print("csr create of a cancelled one", 0, "RequestBundle", *create, "scheduler.conf", "--bundle", files[0])
    world.print("csr sign once more", 0, "CertificateBundle", *sign, "--bundle", world.root / "one.json")
    words = ["csr", "import", world.root / "one.json", "--cert-dir", host]
    stopped = world.print("csr import with a pre-hook that fails", 1, "Error", *words, "--pre-hook", "echo noise; exit 3")
    world.expect("csr import with a pre-hook that fails", stopped["code"] == "hook-failed", stopped)
    imported = world.print("csr import", 1, "Import", *words, "--deploy-hook", "echo noise; exit 3")
    world.expect("csr import", [one["name"] for one in imported["imported"]] == ["scheduler.conf"] and imported["changed"], imported)
    world.expect("csr import", [each["code"] for each in imported["failures"]] == ["hook-failed"], imported["failures"])
    (host / ".pkigen/requests/apiserver").rename(host / ".pkigen/requests/lost")
    listed = world.print("csr status of a lost row", 0, "RequestList", "csr", "status", "--cert-dir", host)
    lost = [one["name"] for one in listed["requests"] if not one["inCatalog"]]
    world.expect("csr status of a lost row", lost == ["lost"] and len(listed["requests"]) == 11, listed)
    cancelled = world.print("csr cancel all", 0, "Cancellation", "csr", "cancel", "all", "--cert-dir", host)
    world.expect("csr cancel all", cancelled["cancelled"] == 11, cancelled)


class ApiCa:
    """Signs what an API server is asked for, with the CA of a PKI."""
    answer = ""

    def __init__(self, pki):
        self.pki = pki

    def sign_as_asked(self, request):
        return api_server.sign_as_asked(self.pki / "ca", request)


def denied(api, method, path, _body, count):
    if method == "GET" and count > 1:
        api.objects[path.rpartition("/")[2]]["status"] = {
            "conditions": [{"type": "Denied", "status": "True", "reason": "NoReason", "message": "not for\nyou\x1b[2J \u2028"}]}


def failing(_api, _method, _path, _body, _count):
    return api_server.response(403, api_server.failure("Forbidden", "no \x1b[2J\n"))


def check_submissions(world):
    """A node with the certificate of the CA, and an API server that issues, denies, or fails."""
    pki, conf = world.root / "node/pki", world.root / "client.conf"
    pki.mkdir(parents=True)
    shutil.copy(world.pki / "ca.crt", pki)
    submit = ["csr", "submit", *NODE, "--control-plane-endpoint", "api.example:6443", "--cert-dir", pki, "--kubeconfig", conf, "--timeout", "20s"]

    def run(what, status, kind, *words, hook=None):
        api = api_server.Api(ApiCa(world.pki), hook=hook, status="sign")
        with api_server.over_tls(api, (world.pki / "apiserver.crt", world.pki / "apiserver.key")) as port:
            cluster = {"server": f"https://127.0.0.1:{port}", "tls-server-name": "kubernetes", "certificate-authority": str(world.pki / "ca.crt")}
            conf.write_text(json.dumps({
                "kind": "Config", "apiVersion": "v1", "current-context": "c", "contexts": [{"name": "c", "context": {"cluster": "k", "user": "u"}}],
                "clusters": [{"name": "k", "cluster": cluster}], "users": [{"name": "u", "user": {"token": "a-token"}}]}))
            return world.print(what, status, kind, *submit, *words)

    made = run("csr submit", 0, "Import", "kubelet.conf", "--approve")
    world.expect("csr submit", [one["name"] for one in made["imported"]] == ["kubelet.conf"] and made["changed"] and not made["failures"], made)
    nothing = run("csr submit of what cannot be", 1, "Error", "super-admin.conf")
    world.expect("csr submit of what cannot be", nothing["code"] == "api-signer-missing", nothing)
    refused = run("csr submit, denied", 1, "Error", "scheduler.conf", hook=denied)
    world.expect("csr submit, denied", refused["code"] == "api-request-denied", refused)
    failed = run("csr submit to a server that fails", 1, "Error", "scheduler.conf", "controller-manager.conf", hook=failing)
    world.expect("csr submit to a server that fails", failed["code"] == "api", failed)
    waiting = world.print("csr status of what was denied", 0, "RequestList", "csr", "status", "--cert-dir", pki)
    names = [one["name"] for one in waiting["requests"]]
    world.expect("csr status of what was denied", names == ["controller-manager.conf", "scheduler.conf"], names)
    conf.unlink()
    world.print("csr submit without a kubeconfig", 1, "Error", *submit, "scheduler.conf")


def check_users(world):
    user = ["user", "--cert-dir", world.pki]
    made = world.print("user", 0, "UserList", *user, "alice", "--group", "a", "--group", "b", "--out", world.root / "alice.conf")
    world.expect("user", made["users"][0]["groups"] == ["a", "b"] and (world.root / "alice.conf").stat().st_mode & 0o777 == 0o600, made)
    world.print("user without a file", 2, "Error", *user, "alice")
    world.print("user of the group system:masters", 2, "Error", *user, "alice", "--group", "system:masters", "--out", world.root / "m.conf")


def check_reports(world):
    world.check("a fresh report", 0)
    world.check("a report as of later", 3, "--as-of", "+360d")
    world.check("a report after the end of the leaves", 4, "--as-of", "+400d")
    world.check("a report after the end of the CAs", 4, "--as-of", "9999-12-31T23:59:59Z")
    world.check("a report before the beginning", 4, "--as-of", "1971-01-01")
    of_file = world.check("a report of another configuration", 0, "--config", world.root / "config.yaml")
    codes = [note["code"] for note in of_file["notes"]]
    world.expect("a report has the warnings of its configuration", {"config-unknown-field", "validity-above-default"} <= set(codes), codes)
    world.expect("such a warning is no alarm", not any(note["alarm"] for note in of_file["notes"]), of_file["notes"])
    world.check("a report that exits with 0", 0, "--as-of", "+400d", "--exit-zero")
    quiet = world.check("a quiet report", 4, "--as-of", "+400d", "--quiet")
    world.expect("a quiet report", quiet["certificates"], quiet)
    run = world.run("check-expiration", "--cert-dir", world.pki, "--kubelet-dir", world.root / "kubelet", "--quiet", "-o", "json")
    world.expect("a quiet report of nothing", run.status == 0 and run.stdout == b"", run.stdout)
    empty = ["check-expiration", "--cert-dir", world.root / "none/pki", "--kubelet-dir", ""]
    world.print("a report of nothing", 4, "CertificateExpirationInfo", *empty)


def check_foreign(world):
    """Files of others, with names that need escapes."""
    others = world.root / "others"
    others.mkdir()
    world.print("a PKI with odd names", 0, "Plan", "init", "--cluster-name", "caf\u00e9 \u2028 \"x\"", *NODE, "--encryption-algorithm", "ECDSA-P256",
                "--cert-dir", others / "b\u00fc\u00df/pki")
    for name, subject in (("utf8", "/CN=b\u00fc\u00df \"x\" \\\\ y"), ("control", "/CN=a\x1b[31m\x7fb")):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-utf8", "-subj", subject,
                        "-keyout", others / f"{name}.key", "-out", others / f"{name}.crt", "-addext",
                        "subjectAltName=DNS:a,IP:::1,email:a@b,URI:u:x,RID:1.2.3"], check=True, capture_output=True)
    (others / "damaged.crt").write_text("-----BEGIN CERTIFICATE-----\nMII=\n-----END CERTIFICATE-----\n")
    (others / "empty.crt").write_text("")
    shutil.copy(world.root / "k/admin.conf", others / "admin.conf")
    (others / "dangling.crt").symlink_to("nowhere")
    run = world.run("check-expiration", "--cert-dir", world.pki, "--kubelet-dir", "", "--also", others, "-o", "json")
    report = world.document("files of others", run, "CertificateExpirationInfo")
    world.compare_yaml("files of others", run.status, report,
                       ["check-expiration", "--cert-dir", world.pki, "--kubelet-dir", "", "--also", others])
    world.expect("files of others", len(report.get("others", [])) > 10, len(report.get("others", [])))
    kinds = {name["type"] for row in report.get("others", []) for name in row["subjectAltNames"]}
    world.expect("kinds of names", kinds >= {"DNS", "IP", "email", "URI", "other"}, kinds)
    world.print("a file that does not exist", 4, "CertificateExpirationInfo", "check-expiration", "--cert-dir", world.pki, "--kubelet-dir", "",
                "--also", world.root / "nowhere")


def check_live(world):
    """A server that serves a certificate of ours, one that is none, and a port where nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-cert", world.pki / "apiserver.crt", "-key",
                               world.pki / "apiserver.key", "-quiet"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        run = world.run("check-expiration", "--cert-dir", world.pki, "--kubelet-dir", "", "-o", "json", "--live", "--live-timeout", "2",
                        "--endpoint", f"127.0.0.1:{port}", "--endpoint", "127.0.0.1:1")
        report = world.document("servers", run, "CertificateExpirationInfo")
        world.expect("servers", {row["endpoint"] for row in report.get("served", [])} >= {f"127.0.0.1:{port}", "127.0.0.1:1"}, report.get("served"))
    finally:
        server.terminate()
        server.wait()


def check_renew(world):
    words = ["renew", "--cert-dir", world.pki]
    idle = world.print("renew --if-needed", 0, "Renewal", *words, "--if-needed")
    world.expect("renew --if-needed", idle["changed"] is False and idle["backup"] is None, idle["changed"])
    planned = world.print("renew --dry-run", 0, "Renewal", *words, "all", "--dry-run", "--detailed-exit-code")
    world.expect("renew --dry-run", planned["dryRun"] is True and planned["changed"] is True, planned["changed"])
    made = world.print("renew", 6, "Renewal", *words, "all", "--detailed-exit-code", "--pre-hook", "echo noise", "--deploy-hook", "echo noise",
                       "--post-hook", "echo '{}'")
    world.expect("renew", made["changed"] is True and made["backup"], made["changed"])
    row = next(row for row in made["rows"] if row["name"] == "apiserver")
    world.expect("renew: serial", row["new"]["serial"] == world.serial_on_disk("apiserver"), row["new"])
    world.expect("renew and its dry run have the same members", made.keys() == planned.keys(), made.keys() ^ planned.keys())
    with_config = world.print("renew with a configuration", 0, "Renewal", *words, "apiserver", "--config", world.root / "config.yaml")
    world.expect("renew: warnings", "config-unknown-field" in [each["code"] for each in with_config["warnings"]], with_config["warnings"])
    failed = world.print("a deploy hook that fails", 1, "Renewal", *words, "apiserver", "--deploy-hook", "echo noise; exit 3")
    world.expect("a deploy hook that fails", [each["code"] for each in failed["failures"]] == ["hook-failed"], failed["failures"])
    world.check("a report of pending hooks", 4)
    world.print("the hook again", 0, "Renewal", *words, "--if-needed", "--deploy-hook", "true")


def check_backups(world):
    listed = world.print("backups", 0, "BackupList", "backups", "--cert-dir", world.pki)
    world.expect("backups", len(listed["backups"]) >= 3, listed)
    undone = world.print("undo", 0, "Backup", "undo", "--cert-dir", world.pki)
    world.expect("undo", undone["id"] == listed["backups"][-1]["id"] and undone["replaced"] and undone["changed"] > 0, undone)
    unsaved = world.print("undo --no-backup", 0, "Backup", "undo", listed["backups"][0]["id"], "--no-backup", "--cert-dir", world.pki)
    world.expect("undo --no-backup", unsaved["replaced"] is None, unsaved)
    none = world.print("no backups", 0, "BackupList", "backups", "--cert-dir", world.root / "none/pki")
    world.expect("no backups", none["backups"] == [], none)
    world.expect("recover", world.print("recover", 0, "Recovery", "recover", "--cert-dir", world.pki)["recovered"] == [], "something")


def check_damaged(world):
    """Rows that are missing, invalid, external or open to others."""
    (world.pki / "ca.key").rename(world.root / "ca.key")
    world.check("an external CA", 0)
    world.print("init under an external CA", 0, "Plan", "init", "--cert-dir", world.pki)
    world.print("renewal under an external CA", 0, "Renewal", "renew", "all", "--dry-run", "--cert-dir", world.pki)
    key = f"file:{world.root / 'ca.key'}"
    world.print("init with the key of a CA elsewhere", 0, "Plan", "init", "--cert-dir", world.pki, "--ca-key", f"ca={key}")
    shown = world.check("a CA with its key elsewhere", 0)
    places = [row.get("signingKey") for row in shown["certificateAuthorities"]]
    world.expect("the place of a key", places == [key, None, None], places)
    world.print("init without that place", 0, "Plan", "init", "--cert-dir", world.pki, "--ca-key", "ca=")
    (world.root / "ca.key").rename(world.pki / "ca.key")
    (world.pki / "front-proxy-client.crt").unlink()
    (world.pki / "etcd/peer.crt").write_text("damaged\n")
    (world.pki / "apiserver.key").chmod(0o644)
    (world.root / "k/scheduler.conf").write_text("kind: Config\n")
    world.check("damaged rows", 4)
    partly = world.print("renewal of what can be renewed", 1, "Renewal", "renew", "all", "--cert-dir", world.pki)
    world.expect("renewal of what can be renewed", partly["changed"] is True and partly["failures"], partly["changed"])
    nothing = world.print("renewal of nothing that can be renewed", 1, "Error", "renew", "all", "--dry-run", "--cert-dir", only_damaged(world))
    world.expect("renewal of nothing that can be renewed", nothing["problems"], nothing)


def only_damaged(world):
    """A PKI with one row that is damaged beside CAs."""
    pki = world.root / "damaged/pki"
    pki.mkdir(parents=True)
    for name in ("ca.crt", "ca.key"):
        shutil.copy2(world.pki / name, pki)
    (pki / "apiserver.crt").write_text("damaged\n")
    return pki


def check_others(world):
    version = world.print("version", 0, "Version", "version")
    world.expect("version", version["version"] in world.run("version").stdout.decode(), version)
    check_bootstrap_token(world)
    binding = world.print("rbac", 0, "ClusterRoleBinding", "rbac")
    manifest = world.run("rbac").stdout.decode()
    world.expect("rbac", manifest == world.run("rbac", "-o", "yaml").stdout.decode(), "two manifests")
    read = world.yaml_document("rbac -o yaml", world.run("rbac", "-o", "yaml"), "ClusterRoleBinding")
    world.expect("rbac -o yaml", read == binding, read, binding)
    values = re.findall(r"^[- ]*\w+: (.+)$", manifest, re.M)
    world.expect("rbac in both formats", sorted(values) == sorted(leaves(binding)), values, binding)


def check_bootstrap_token(world):
    pki = world.root / "joining/pki"
    words = ["init", *NODE, "--encryption-algorithm", "ECDSA-P256", "--with", "bootstrap-kubelet.conf", "--cert-dir", pki]
    made = world.print("init with a token", 0, "Plan", *words)
    step = made["steps"][-1]
    world.expect("init with a token", step["name"] == "bootstrap-kubelet.conf" and step["action"] == "create", step)
    world.expect("init with a token", (step["algorithm"], step["notAfter"], step["serial"]) == ("", None, None), step)
    world.check_report_of_token(pki)
    words = ["bootstrap-token", "--kubeconfig", world.root / "joining/bootstrap-kubelet.conf"]
    manifests = world.print("bootstrap-token", 0, "List", *words)
    read = world.yaml_document("bootstrap-token -o yaml", world.run(*words, "-o", "yaml"), "List")
    world.expect("bootstrap-token -o yaml", len(read["items"]) == len(manifests["items"]), read)
    world.expect("bootstrap-token -o yaml", read["items"][1:] == manifests["items"][1:], read, manifests)


def leaves(value):
    if isinstance(value, str):
        return [value]
    items = value.values() if isinstance(value, dict) else value
    return [leaf for item in items for leaf in leaves(item)]


def check_schemas(world):
    world.expect("the schemas are strict", world.schemas.open_objects() == [], world.schemas.open_objects())
    world.expect("each member of a schema is printed", world.schemas.unseen() == [], world.schemas.unseen())
    good = json.loads(world.run("version", "-o", "json").stdout)
    for what, bad in (("a member too many", {**good, "more": 1}), ("a number", {**good, "version": 1}), ("an unknown kind", {**good, "kind": "Versions"}),
                      ("a member missing", {key: good[key] for key in good if key != "crypto"})):
        world.expect("the schemas refuse", world.schemas.errors(bad) != [], what)
    listed = {"kind": "BackupList", "apiVersion": "pkigen/v1", "backups": [{"id": "a", "command": "b", "made": "2026-01-01T00:00:00Z"}]}
    world.expect("a list of backups", world.schemas.errors(listed) == [], world.schemas.errors(listed))
    for date in ("2026-01-01", "2026-13-01T00:00:00Z", "2026-01-01T00:00:00", "2026-01-01T00:00:00+01:00", 1767225600):
        listed["backups"][0]["made"] = date
        world.expect("the schemas refuse a date", world.schemas.errors(listed) != [], date)


def main():
    world = Outputs(sys.argv[1])
    for step in (check_init, check_reports, check_foreign, check_live, check_renew, check_users, check_requests, check_submissions, check_backups, check_damaged, check_others):
        step(world)
    world.print("an error", 2, "Error", "version", "--no-such-flag")
    check_schemas(world)
    world.finish()


if __name__ == "__main__":
    main()
