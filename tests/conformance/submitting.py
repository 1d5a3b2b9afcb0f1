# SPDX-License-Identifier: Apache-2.0
"""`pkigen csr submit`, `renew --use-api` and `user --use-api` before the API server and the controller manager that cluster_api.py
starts. Each host has the certificate of the CA and no key of it."""

import json
import re
import shutil
import subprocess

from cluster import ADDRESS, PORTS, wait_until
from common import ENVIRONMENT, run

API = "/apis/certificates.k8s.io/v1/certificatesigningrequests"
RBAC = "rbac.authorization.k8s.io/v1"
COMPONENTS = {"admin.conf": ("kubernetes-admin", {"kubeadm:cluster-admins"}), "kubelet.conf": ("system:node:cp-1", {"system:nodes"}),
              "controller-manager.conf": ("system:kube-controller-manager", set()), "scheduler.conf": ("system:kube-scheduler", set())}
# What each component may do, and may not.
RIGHTS = {"admin.conf": (["*", "*"], None), "kubelet.conf": (["create", "certificatesigningrequests.certificates.k8s.io"], ["list", "secrets"]),
          "controller-manager.conf": (["list", "secrets"], ["create", "clusterroles"]),
          "scheduler.conf": (["create", "pods", "--subresource=binding"], ["list", "secrets"])}
LIVE = (".conf", ".crt", ".key", ".pub")


class Submitting:
    def __init__(self, pkigen, cluster, asks):
        self.pkigen, self.cluster, self.folder, self.asks = pkigen, cluster, cluster.folder, asks

    # Hosts, and what they do

    def add_host(self, name):
        pki = self.folder / name / "pki"
        pki.mkdir(parents=True)
        shutil.copy(self.cluster.pki / "ca.crt", pki)

    def command(self, host, *arguments, conf="super-admin.conf", timeout="60s"):
        return [self.pkigen, "csr", "submit", *arguments, "--kubeconfig", self.folder / conf, "--timeout", timeout, "--cert-dir",
                self.folder / host / "pki", "--node-name", host, "--apiserver-advertise-address", ADDRESS, "--control-plane-endpoint",
                f"{ADDRESS}:{PORTS['kube-apiserver']}", "--encryption-algorithm", "ECDSA-P256", "-o", "json"]

    def submit(self, *arguments, **more):
        return run(self.command(*arguments, **more), check=False)

    def submit_while(self, do, host, row, *arguments, **more):
        """Submits a row without approval, and does something with the name of its request while pkigen waits."""
        before = self.requests(row)
        command = list(map(str, self.command(host, row, *arguments, **more)))
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT) as process:
            wait_until(60, f"{row} is requested", lambda: set(self.requests(row)) - set(before))
            name, = set(self.requests(row)) - set(before)
            do(name)
            out, err = process.communicate(timeout=300)
        return subprocess.CompletedProcess(command, process.returncode, out, err)

    def requests(self, row):
        items = json.loads(self.admin("get", "csr", "-o", "json").stdout)["items"]
        return {item["metadata"]["name"]: item for item in items if item["metadata"]["name"].startswith(f"pkigen-{row}-")}

    def admin(self, *arguments, **more):
        return self.cluster.kubectl("super-admin.conf", *arguments, **more)

    def apply(self, *objects):
        self.admin("apply", "-f", "-", data=json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}))

    def bind(self, role, kind, name):
        """Binds a ClusterRole to a group, or to a service account of the namespace default."""
        subject = {"kind": kind, "name": name, **({"namespace": "default"} if kind == "ServiceAccount" else {"apiGroup": "rbac.authorization.k8s.io"})}
        self.apply({"apiVersion": RBAC, "kind": "ClusterRoleBinding", "metadata": {"name": f"{role}:{name}"}, "subjects": [subject],
                    "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role}})

    def live(self, host):
        """What is in place on a host, apart from requests and backups."""
        return {str(path.relative_to(self.folder)): path.read_bytes() for path in (self.folder / host).rglob("*")
                if path.suffix in LIVE and ".pkigen" not in path.parts and path.is_file()}

    def waits(self, host):
        folder = self.folder / host / "pki/.pkigen/requests"
        return {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()} if folder.exists() else {}

    # Answers

    def imports(self, question, host, done, *rows):
        names = sorted(one["name"] for one in json.loads(done.stdout)["imported"]) if done.returncode == 0 else None
        self.asks(question, names == sorted(rows) and not self.waits(host), f"{names} {self.waits(host)} {done.stderr}")

    def refuses(self, question, host, done, code, *texts, before=None):
        """One error that has the texts; nothing is written that was not there before."""
        said = json.loads(done.stdout)
        self.asks(question, done.returncode == 1 and said["kind"] == "Error" and said["code"] == code and
                  all(text in said["message"] for text in texts) and len(said["problems"]) == 1, done.stdout + done.stderr)
        self.asks("as one error", re.findall(r"^error: ", done.stderr, re.M) == ["error: "], done.stderr)
        expected = before if before is not None else {f"{host}/pki/ca.crt"}
        self.asks("and nothing is in place that was not before", set(self.live(host)) == set(expected), str(set(self.live(host))))
        return said

    def is_whole(self, path, subject, purpose="sslclient"):
        """openssl verifies a certificate of a host, and that it is the one of its key."""
        base = self.folder / "judged"
        text = path.read_text()
        if path.suffix == ".conf":
            for kind, field in (("crt", "client-certificate-data"), ("key", "client-key-data")):
                base.with_suffix(f".{kind}").write_text(run(["base64", "-d"], data=re.search(field + r": (\S+)", text).group(1)).stdout)
        else:
            for kind in ("crt", "key"):
                shutil.copy(path.with_suffix(f".{kind}"), base.with_suffix(f".{kind}"))
        done = run(["openssl", "verify", "-x509_strict", "-purpose", purpose, "-CAfile", self.cluster.pki / "ca.crt", f"{base}.crt"], check=False)
        own = run(["openssl", "pkey", "-in", f"{base}.key", "-pubout"]).stdout == run(["openssl", "x509", "-noout", "-pubkey", "-in", f"{base}.crt"]).stdout
        names = run(["openssl", "x509", "-noout", "-subject", "-nameopt", "RFC2253", "-in", f"{base}.crt"]).stdout.strip()
        self.asks(f"openssl verifies {path.relative_to(self.folder)} for its key", "OK" in done.stdout and own and names == f"subject={subject}",
                  f"{done.stdout}{done.stderr}{own} {names}")
        return run(["openssl", "x509", "-noout", "-serial", "-in", f"{base}.crt"]).stdout

    def is_valid(self, host):
        done = run([self.pkigen, "check-expiration", "--cert-dir", self.folder / host / "pki", "--kubelet-dir", "", "-o", "json"], check=False)
        report = json.loads(done.stdout)
        bad = [row["name"] for row in report["certificates"] + report["certificateAuthorities"] if row["state"] != "valid"]
        self.asks(f"check-expiration finds {host} valid", done.returncode == 0 and not bad, f"{bad} {done.returncode} {report['notes']}")

    def may(self, conf, what):
        return self.cluster.kubectl(conf, "auth", "can-i", *what, "--all-namespaces", check=False).stdout.split(" ")[0].strip()

    def is_known(self, conf, user, groups):
        answer = json.loads(self.cluster.kubectl(conf, "auth", "whoami", "-o", "json").stdout)["status"]["userInfo"]
        self.asks(f"the API server takes {conf} for {user}", answer["username"] == user and
                  set(answer["groups"]) == groups | {"system:authenticated"}, str(answer))

    # What is requested

    def a_control_plane_renews_what_the_api_issues(self):
        """The host that has everything but the keys of its CAs."""
        shutil.copytree(self.cluster.pki, self.folder / "cp-1/pki", ignore=shutil.ignore_patterns("ca.key", "front-proxy-ca.key", ".pkigen"))
        for path in [*self.folder.glob("*.conf"), self.folder / "pkigen.yaml"]:
            if path.name in {*COMPONENTS, "super-admin.conf", "pkigen.yaml"}:
                shutil.copy(path, self.folder / "cp-1")
        old = self.live("cp-1")
        self.admin("apply", "-f", "-", data=run([self.pkigen, "rbac"]).stdout)
        wait_until(30, "admin.conf has rights", lambda: self.may("admin.conf", ["*", "*"]) == "yes")
        self.imports("an administrator requests and approves what is due", "cp-1", self.submit("cp-1", "--within", "400d", "--approve", conf="admin.conf"),
                     *COMPONENTS)
        new = self.live("cp-1")
        self.asks("and nothing else changes", {name for name in new if old.get(name) != new[name]} == {f"cp-1/{name}" for name in COMPONENTS} and
                  set(old) == set(new))
        for name, (user, groups) in COMPONENTS.items():
            self.is_whole(self.folder / "cp-1" / name, ",".join([f"CN={user}", *(f"O={group}" for group in groups)]))
            self.is_known(f"cp-1/{name}", user, groups)
            can, cannot = RIGHTS[name]
            found = [self.may(f"cp-1/{name}", what) for what in (can, cannot) if what]
            self.asks(f"{name} may what it may", found == ["yes", "no"][:len(found)], str(found))
        self.is_valid("cp-1")

    def a_node_joins_by_a_bootstrap_token(self):
        """Then it renews its own certificate, and gets one to serve with."""
        self.add_host("node-1")
        run([self.pkigen, "init", "bootstrap-kubelet.conf", "--with", "bootstrap-kubelet.conf", "--role", "worker", "--node-name", "node-1",
             "--control-plane-endpoint", f"{ADDRESS}:{PORTS['kube-apiserver']}", "--cert-dir", self.folder / "node-1/pki"])
        shutil.move(self.folder / "node-1/bootstrap-kubelet.conf", self.folder / "bootstrap.conf")
        (self.folder / "node-1/pkigen.yaml").unlink()
        done = self.cluster.kubectl("bootstrap.conf", "auth", "whoami", check=False)
        self.asks("a token that nobody registered is refused", done.returncode != 0 and "Unauthorized" in done.stderr, done.stdout + done.stderr)
        self.admin("apply", "-f", "-", data=run([self.pkigen, "bootstrap-token", "--kubeconfig", self.folder / "bootstrap.conf"]).stdout)
        self.imports("a bootstrap token requests kubelet.conf, which the controller manager approves", "node-1",
                     self.submit("node-1", "kubelet.conf", "--role", "worker", conf="bootstrap.conf"), "kubelet.conf")
        first = self.is_whole(self.folder / "node-1/kubelet.conf", "CN=system:node:node-1,O=system:nodes")
        self.is_known("node-1/kubelet.conf", "system:node:node-1", {"system:nodes"})
        for name, expected in (("node-1", True), ("node-2", False)):
            node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name}}
            done = self.cluster.kubectl("node-1/kubelet.conf", "create", "-f", "-", data=json.dumps(node), check=False)
            self.asks(f"it may{'' if expected else ' not'} register as {name}", (done.returncode == 0) == expected, done.stderr)
        self.imports("the kubelet renews its own certificate", "node-1",
                     self.submit("node-1", "kubelet.conf", "--within", "400d", conf="node-1/kubelet.conf"), "kubelet.conf")
        self.asks("which is another one", first != self.is_whole(self.folder / "node-1/kubelet.conf", "CN=system:node:node-1,O=system:nodes"))
        self.is_known("node-1/kubelet.conf", "system:node:node-1", {"system:nodes"})
        self.imports("somebody approves its serving certificate while pkigen waits", "node-1", self.submit_while(
            self.approve, "node-1", "kubelet-server", "--with", "kubelet-server", conf="node-1/kubelet.conf"), "kubelet-server")
        self.is_whole(self.folder / "node-1/pki/kubelet-server.crt", "CN=system:node:node-1,O=system:nodes", "sslserver")
        self.is_valid("node-1")

    def approve(self, name):
        self.admin("certificate", "approve", name)

    def verdicts_are_reported(self):
        self.add_host("cp-2")
        row = "scheduler.conf"
        before = set(self.requests(row))
        said = self.refuses("nobody approves", "cp-2", self.submit("cp-2", row, timeout="3s"), "api-request-pending", "was not approved within 3 s")
        name, = set(self.requests(row)) - before
        self.asks("the command that approves is shown", f"kubectl certificate approve {name}" in said["hint"], str(said))
        self.asks("the key waits", self.waits("cp-2") == {row: 0o600}, str(self.waits("cp-2")))
        self.approve(name)
        self.imports("after an approval the next run imports it", "cp-2", self.submit("cp-2", row), row)
        self.asks("from the request of the first", set(self.requests(row)) - before == {name})
        self.is_whole(self.folder / "cp-2" / row, "CN=system:kube-scheduler")

        self.add_host("cp-3")
        done = self.submit_while(lambda name: self.admin("certificate", "deny", name), "cp-3", row)
        self.refuses("somebody denies", "cp-3", done, "api-request-denied", "was denied", "KubectlDeny")
        self.refuses("what was denied cannot be approved", "cp-3", self.submit("cp-3", row, "--approve"), "api-request-denied", "KubectlDeny")
        run([self.pkigen, "csr", "cancel", row, "--cert-dir", self.folder / "cp-3/pki"])
        self.imports("a cancelled request is made anew", "cp-3", self.submit("cp-3", row, "--approve"), row)

        self.add_host("cp-4")
        self.refuses("the signer refuses", "cp-4", self.submit_while(self.refuse_as_signer, "cp-4", row), "api-request-failed",
                     "kubernetes.io/kube-apiserver-client refuses", "SignerValidationFailure: for a test")
        run([self.pkigen, "csr", "cancel", row, "--cert-dir", self.folder / "cp-4/pki"])
        self.refuses("somebody deletes the request", "cp-4", self.submit_while(lambda name: self.admin("delete", "csr", name), "cp-4", row),
                     "api", "was deleted")
        self.imports("and it is submitted again", "cp-4", self.submit("cp-4", row, "--approve"), row)

    def refuse_as_signer(self, name):
        """pkigen submits nothing that the controller manager refuses: cluster_api.py does that."""
        admin = self.cluster.context("super-admin.conf")
        request = json.loads(self.cluster.request("GET", f"{API}/{name}", context=admin)[1])
        request["status"] = {"conditions": [{"type": "Failed", "status": "True", "reason": "SignerValidationFailure", "message": "for a test"}]}
        answer = self.cluster.request("PUT", f"{API}/{name}/status", request, admin)
        self.asks("a signer may refuse", answer[0] == 200, str(answer))

    def what_no_signer_issues_is_not_requested(self):
        """The host with everything but the keys of its CAs."""
        for row, text in (("apiserver", "to kubelets alone"), ("super-admin.conf", "system:masters"), ("etcd-peer", "etcd-ca")):
            self.refuses(f"{row} has no signer", "cp-1", self.submit("cp-1", row, "--within", "400d", "--approve"), "api-signer-missing", text,
                         before=self.live("cp-1"))
            self.asks("and no request is made", not self.requests(row) and not self.waits("cp-1"))

    def callers_need_their_rights(self):
        """One right after the other: to request, to approve, and to approve for this signer."""
        row, host = "controller-manager.conf", "cp-5"
        self.add_host(host)
        before, rules = set(self.requests(row)), []
        run([self.pkigen, "user", "requester", "--group", "requesters", "--cert-dir", self.cluster.pki, "--out", self.folder / "requester.conf"])

        def submit():
            return self.submit(host, row, "--approve", conf="requester.conf")

        def grant(verbs, resource, **names):
            """kubectl auth can-i knows no signers, so the API server is asked itself."""
            rules.append({"apiGroups": ["certificates.k8s.io"], "resources": [resource], "verbs": verbs, **names})
            self.apply({"apiVersion": RBAC, "kind": "ClusterRole", "metadata": {"name": "requester"}, "rules": rules})
            name, _, below = resource.partition("/")
            review = {"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview", "spec": {"resourceAttributes": {
                "group": "certificates.k8s.io", "resource": name, "subresource": below, "verb": verbs[-1], "name": names.get("resourceNames", [""])[0]}}}
            wait_until(30, "the API server knows a right", lambda: json.loads(self.cluster.kubectl(
                "requester.conf", "create", "--validate=false", "-f", "-", "-o", "json", data=json.dumps(review)).stdout)["status"]["allowed"])

        self.refuses("a user without rights may not request", host, submit(), "api", "may not do this", "requester", "cannot create resource")
        self.bind("requester", "Group", "requesters")
        grant(["create", "get"], "certificatesigningrequests")
        self.refuses("one who may request may not approve", host, submit(), "api", "may not do this", 'cannot update resource "certificatesigningrequests/approval"')
        grant(["update"], "certificatesigningrequests/approval")
        self.refuses("nor for a signer that is another's", host, submit(), "api", "may not do this",
                     'not permitted to approve requests with signerName "kubernetes.io/kube-apiserver-client"')
        self.asks("all of it is one request", len(set(self.requests(row)) - before) == 1 and self.waits(host) == {row: 0o600})
        signer = "kubernetes.io/kube-apiserver-client"
        grant(["approve"], "signers", resourceNames=[signer])
        self.imports("with these rights alone a user requests and approves", host, submit(), row)
        self.is_known(f"{host}/{row}", "system:kube-controller-manager", set())

        self.add_host("cp-6")
        self.apply({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "requester", "namespace": "default"}})
        self.cluster.write_token_kubeconfig("account.conf", self.admin("create", "token", "requester").stdout.strip())
        self.refuses("a token has the rights of its account", "cp-6", self.submit("cp-6", row, "--approve", conf="account.conf"), "api",
                     "may not do this", "system:serviceaccount:default:requester")
        self.bind("requester", "ServiceAccount", "requester")
        wait_until(30, "the account has rights", lambda: self.may("account.conf", ["create", "certificatesigningrequests"]) == "yes")
        self.imports("and with them it requests and approves", "cp-6", self.submit("cp-6", row, "--approve", conf="account.conf"), row)

    def servers_may_be_away(self):
        row, host = "scheduler.conf", "cp-7"
        self.add_host(host)
        self.cluster.running["kube-controller-manager"].stop()
        said = self.refuses("the controller manager is away", host, self.submit(host, row, "--approve", timeout="3s"), "api-request-pending",
                            "was not signed, although it is approved")
        self.asks("and that is said", "controller manager" in said["hint"], str(said))
        self.cluster.running["kube-controller-manager"].start()
        self.imports("once it is back the next run imports", host, self.submit(host, row, timeout="120s"), row)

        def restart(name):
            self.cluster.running["kube-apiserver"].restart()
            wait_until(120, "the API server is ready again", self.cluster.ready, every=0.5)
            self.approve(name)

        self.add_host("cp-8")
        self.imports("the API server restarts while pkigen waits", "cp-8", self.submit_while(restart, "cp-8", row, timeout="240s"), row)

    def a_renewal_gets_what_cannot_be_signed_here(self):
        """A control plane with the keys of the other CAs, and with kubeadm's names: for the recommended ones of the API server's
        client there is no signer."""
        host, row = "cp-9", "apiserver-kubelet-client"
        where = self.folder / host
        self.add_host(host)
        for name in ("ca.key", "sa.key", "sa.pub"):
            shutil.copy(self.cluster.pki / name, where / "pki")
        run([self.pkigen, "init", "--cert-dir", where / "pki", "--node-name", host, "--apiserver-advertise-address", ADDRESS, "--naming", "kubeadm",
             "--control-plane-endpoint", f"{ADDRESS}:{PORTS['kube-apiserver']}", "--encryption-algorithm", "ECDSA-P256"])
        (where / "pki/ca.key").unlink()
        expected = {*COMPONENTS, row, "front-proxy-client", "etcd-server", "etcd-peer", "etcd-healthcheck-client", "apiserver-etcd-client"}

        def renew(*arguments, conf="super-admin.conf"):
            done = run([self.pkigen, "renew", *arguments, "--use-api", "--kubeconfig", self.folder / conf, "--cert-dir", where / "pki", "-o", "json"],
                       check=False)
            said = json.loads(done.stdout)
            return done, {one["name"] for one in said.get("rows", []) if one["action"] == "renewed"}

        old = self.live(host)
        done, rows = renew("scheduler.conf", "etcd-peer", "--timeout", "3s")
        self.asks("rows that are named are renewed together or not at all", done.returncode == 1 and self.live(host) == old, done.stderr)
        name, = [name for name in self.requests("scheduler.conf") if f"certificate approve {name}" in done.stderr]
        self.approve(name)
        done, rows = renew("scheduler.conf", "etcd-peer")
        self.asks("somebody approves what the first run requested", done.returncode == 0 and rows == {"scheduler.conf", "etcd-peer"}, done.stderr)
        done, rows = renew("all", "--approve")
        self.asks("the API signs what cannot be signed here", done.returncode == 0 and rows == expected, f"{sorted(rows)} {done.stderr}")
        self.asks("nothing waits", not self.waits(host), str(self.waits(host)))
        changed = {path for path, octets in self.live(host).items() if old[path] != octets and not path.endswith(".key")}
        self.asks("as many files", len(changed) == len(expected), str(sorted(changed)))
        self.is_whole(where / "pki/apiserver-kubelet-client.crt", "CN=kube-apiserver-kubelet-client,O=kubeadm:cluster-admins")
        for name, (user, groups) in COMPONENTS.items():
            self.is_known(f"{host}/{name}", user.replace("cp-1", host), groups)
        self.is_valid(host)

        done = self.submit_while(lambda name: self.admin("certificate", "deny", name), host, "scheduler.conf", "--within", "400d")
        done, rows = renew("all", "--approve")
        self.asks("a request that was denied is a failure of its row alone", done.returncode == 1 and rows == expected - {"scheduler.conf"} and
                  "KubectlDeny" in done.stderr, f"{sorted(rows)} {done.stderr}")
        hint = re.search("`pkigen (csr cancel scheduler.conf.*?)`", done.stderr)
        self.asks("which names what forgets it", hint is not None, done.stderr)
        run([self.pkigen, *hint.group(1).split()])
        done, rows = renew("all", "--approve", conf=f"{host}/admin.conf")
        self.asks("and then the row is renewed", done.returncode == 0 and rows == expected, f"{sorted(rows)} {done.stderr}")

    def people_get_kubeconfigs(self):
        out = self.folder / "jane.conf"

        def make(*arguments):
            out.unlink(missing_ok=True)
            return run([self.pkigen, *arguments, "--kubeconfig", self.folder / "super-admin.conf", "--approve", "--out", out], check=False)

        done = make("user", "jane", "--group", "developers", "--use-api")
        self.asks("user --use-api makes a kubeconfig", done.returncode == 0, done.stderr)
        self.is_known("jane.conf", "jane", {"developers"})
        done = make("csr", "submit", "--user", "Jane.", "--group", "developers", "--group", "testers", "--valid-for", "10m")
        self.asks("and so does csr submit --user", done.returncode == 0, done.stderr)
        self.is_known("jane.conf", "Jane.", {"developers", "testers"})
        done = make("user", "eve", "--group", "system:masters", "--allow-masters", "--use-api")
        self.asks("there is no signer for the group of all rights", done.returncode == 1 and "system:masters" in done.stderr and not out.exists(),
                  done.stderr)
        run(["openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", self.folder / "jane.key",
             "-subj", "/O=developers/CN=jane", "-out", self.folder / "jane.csr"])
        done = make("user", "jane", "--group", "developers", "--csr", self.folder / "jane.csr", "--use-api")
        self.asks("a request that a user has made is signed", done.returncode == 0, done.stderr)
        self.is_known("jane.conf", "jane", {"developers"})

    def everything(self):
        for step in (self.a_control_plane_renews_what_the_api_issues, self.a_node_joins_by_a_bootstrap_token, self.verdicts_are_reported,
                     self.what_no_signer_issues_is_not_requested, self.callers_need_their_rights, self.servers_may_be_away,
                     self.a_renewal_gets_what_cannot_be_signed_here, self.people_get_kubeconfigs):
            step()
