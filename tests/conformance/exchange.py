#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Each tool on the other's files: kept, read, renewed, and kept again.

usage: exchange.py PKIGEN RESULTS PART     one of ours, kubeadms, external, old, missing, ending
"""

import json
import re
import sys
import time

from common import Results, Tools, fail, run, scratch
from configurations import CONFIGURATIONS
from differential import make_with_kubeadm, make_with_pkigen

CERTIFICATES = {"apiserver": "apiserver", "apiserver-kubelet-client": "apiserver-kubelet-client", "front-proxy-client":
                "front-proxy-client", "etcd-server": "etcd/server", "etcd-peer": "etcd/peer", "etcd-healthcheck-client":
                "etcd/healthcheck-client", "apiserver-etcd-client": "apiserver-etcd-client"}
OF_ETCD = {"etcd-server", "etcd-peer", "etcd-healthcheck-client", "apiserver-etcd-client"}
AUTHORITIES = {"ca": "ca", "front-proxy-ca": "front-proxy-ca", "etcd-ca": "etcd/ca"}
KUBECONFIGS = ["admin.conf", "super-admin.conf", "controller-manager.conf", "scheduler.conf"]
# What a renewal changes: dates, serial, key. All else is identity. kubeadm's own leaves had no key id, and its usages
# are of its own profile; ours have our profile.
RENEWED = {"validity.begin", "validity.span", "validity.end", "validity.until", "validity.form", "serial", "extensions", "extension.subjectKeyIdentifier",
           "extension.keyUsage"}


class Case:
    """A tree of one tool's making, and the two tools at work on it."""

    def __init__(self, tools, results, label, configuration, root, external=()):
        self.tools, self.results, self.label, self.root = tools, results, label, root
        self.configuration, self.etcd = configuration, "external" not in configuration.cluster.get("etcd", {})
        self.top, self.external = root / "etc/kubernetes", set(external)
        self.start = time.time()

    def expect(self, condition, what, detail=""):
        self.results.count("checks")
        if not condition:
            fail(f"{self.label}: {what}\n{detail}")

    def rows(self):
        return [name for name in CERTIFICATES if self.etcd or name not in OF_ETCD]

    def authorities(self):
        return [name for name in AUTHORITIES if self.etcd or name != "etcd-ca"]

    def snapshot(self):
        """Content, mode, inode and time of every file that both tools know."""
        return {str(path.relative_to(self.top)): (path.read_bytes(), path.stat().st_mode, path.stat().st_ino, path.stat().st_mtime_ns)
                for path in self.top.rglob("*") if path.is_file() and path.suffix in (".crt", ".key", ".pub", ".conf")}

    def facts(self):
        return self.tools.facts(self.top, self.start)

    def issuer(self, name):
        if name in OF_ETCD:
            return "etcd-ca"
        return "front-proxy-ca" if name == "front-proxy-client" else "ca"

    # kubeadm

    def kubeadm(self, *arguments, check=True):
        return self.tools.run_kubeadm(self.root, *arguments, "--config", "/kubeadm.yaml", check=check)

    def use_kubeadms_file(self):
        (self.root / "kubeadm.yaml").write_text(self.configuration.text("", self.tools.version))
        (self.root / "pkigen-config.yaml").write_text(self.configuration.text(self.root, self.tools.version))

    def kubeadm_keeps_everything(self):
        before = self.snapshot()
        said = self.kubeadm("init", "phase", "certs", "all").stdout
        for name in self.authorities():
            kind = "keyless certificate authority" if name in self.external else "certificate authority"
            self.expect(f"[certs] Using existing {AUTHORITIES[name]} {kind}" in said, f"kubeadm keeps {name}", said)
        for name in self.rows():
            self.expect(f"[certs] Using existing {CERTIFICATES[name]} certificate and key on disk" in said, f"kubeadm keeps {name}", said)
        self.expect('Using the existing "sa" key' in said or "Using existing sa keys" in said, "kubeadm keeps sa", said)
        said = self.kubeadm("init", "phase", "kubeconfig", "all").stdout
        for name in [*KUBECONFIGS, "kubelet.conf"]:
            phrase = f"Using user provided {name}" if "ca" in self.external else f'Using existing kubeconfig file: "/etc/kubernetes/{name}"'
            self.expect(phrase in said, f"kubeadm keeps {name}", said)
        self.expect("Generating" not in said and "Writing" not in said, "kubeadm makes nothing", said)
        self.expect(self.snapshot() == before, "kubeadm leaves every file as it was")

    def kubeadm_renews(self):
        before = self.facts()
        said = self.kubeadm("certs", "renew", "all").stdout
        renewed = self.compare_renewal(before, "kubeadm", profile=RENEWED | {"version", "extension.authorityKeyIdentifier"})
        lines = [line for line in said.splitlines() if line.endswith(" renewed") and not line.startswith("Detected")]
        self.expect(len(lines) == renewed, f"kubeadm says that it renewed {renewed}", said)
        self.expect(said.count("Detected external") == len(self.rows()) + len(KUBECONFIGS) - renewed, "and which it could not", said)

    def kubeadm_makes_again(self, *names):
        """A certificate that kubeadm makes again with our CA is valid to both."""
        for name in names:
            (self.top / f"pki/{CERTIFICATES[name]}.crt").unlink()
            (self.top / f"pki/{CERTIFICATES[name]}.key").unlink()
            self.kubeadm("init", "phase", "certs", name)

    # pkigen

    def pkigen(self, *arguments, check=True):
        return self.tools.run_pkigen(*arguments, check=check)

    def places(self):
        return ["--cert-dir", self.top / "pki", "--kubeconfig-dir", self.top]

    def pkigen_keeps_everything(self, naming=None):
        before = self.snapshot()
        chosen = ["--naming", naming] if naming else []
        done = self.pkigen("init", *chosen, "--config", self.root / "pkigen-config.yaml", "--kubeconfig-dir", self.top, "-o", "json")
        plan = json.loads(done.stdout)
        names = [warning for warning in plan["warnings"] if warning["code"] in ("common-name-differs", "organization-differs")]
        self.expect(not names, "pkigen knows the names that kubeadm writes", str(names))
        for step in plan["steps"]:
            external = "external" if step["name"] in self.external else "keep"
            self.expect(step["action"] in (external, "keep", "skip"), f"pkigen keeps {step['name']}", str(step))
        self.expect(self.snapshot() == before, "pkigen leaves every file as it was")

    def pkigen_renews(self, collect=True):
        before = self.facts()
        self.pkigen("renew", "all", *self.places())
        self.compare_renewal(before, "pkigen", profile=RENEWED)
        if collect:
            self.results.collect(self.top, re.sub(r"\W+", "-", self.label), self.made_by_kubeadm())

    def made_by_kubeadm(self):
        """Certificates that pkigen could not renew are still kubeadm's, and are not checked."""
        if "made by kubeadm" not in self.label:
            return set()
        left = {f"pki/{CERTIFICATES[name]}.crt" for name in self.rows() if self.issuer(name) in self.external}
        if "ca" in self.external:
            left |= {*KUBECONFIGS, "kubelet.conf"}
        return left | {f"pki/{path}.crt" for path in AUTHORITIES.values()}

    def compare_renewal(self, before, who, profile):
        """Everything that could be renewed has a new serial and key and the old identity; nothing else changed."""
        after, renewed = self.facts(), 0
        self.expect({path for path in after if not path.startswith(("pki/.", "."))} ==
                    {path for path in before if not path.startswith(("pki/.", "."))}, f"{who} adds and removes no file")
        paths = {f"pki/{CERTIFICATES[name]}.crt": (self.issuer(name), "") for name in self.rows()}
        paths |= {name: ("ca", "client.") for name in KUBECONFIGS}
        for path, (issuer, prefix) in paths.items():
            old, new = before[path], after[path]
            changed = {field for field in old.keys() | new.keys() if old.get(field) != new.get(field)}
            if issuer in self.external:
                self.expect(not changed, f"{who} leaves {path}, whose CA is external", str(changed))
                continue
            renewed += 1
            self.expect({f"~{prefix}serial", f"~{prefix}key.id"} <= changed, f"{who} renews {path}", str(changed))
            kept = {field for field in changed if not field.startswith("~")} - {prefix + field for field in profile}
            self.expect(not kept, f"{who} keeps the identity of {path}",
                        "\n".join(f"{field}: {old.get(field)} -> {new.get(field)}" for field in kept))
        for name in self.authorities():
            path = f"pki/{AUTHORITIES[name]}.crt"
            self.expect(before[path] == after[path], f"{who} leaves {path}")
        self.expect(before["pki/sa.pub"] == after["pki/sa.pub"], f"{who} leaves sa.pub")
        return renewed

    # both

    def both_report_the_same(self):
        """The reports of both at the same instant. pkigen adds a table of kubelet.conf and notes after kubeadm's tables, and the
        rows of an external etcd, which kubeadm leaves out."""
        same = (lambda theirs, ours: ours.startswith(theirs)) if self.etcd else self.same_lines
        theirs, ours = self.at_one_instant("text", same)
        behind = ours[len(theirs):] if self.etcd else ""
        alone = not behind or behind.startswith("\n")
        self.expect(alone, "pkigen has its own table apart", ours)
        if not behind:
            self.results.count("identical as a whole")
        for form in ("json", "yaml"):
            self.at_one_instant(form, lambda theirs, ours, form=form: self.same_document(form, theirs, ours))
        self.results.count("reports compared", 3)

    def at_one_instant(self, form, same):
        """Both outputs from within one second of the clock. Where the machine is too busy for that, kubeadm's is compared with
        what pkigen says for each second in which kubeadm ran, one of which was kubeadm's own; unless a second ended between
        its rows, for each of which it asks the clock anew: then it is asked again."""
        theirs_command = ["certs", "check-expiration", "--config", "/kubeadm.yaml", "-o", form]
        ours_command = ["check-expiration", *self.places(), "--config", self.root / "pkigen-config.yaml", "--kubelet-dir",
                        self.root / "none", "--exit-zero", "-o", form]
        for _ in range(12):
            if time.time() % 1.0 > 0.4:
                time.sleep(1.0 - time.time() % 1.0)
            begin = int(time.time())
            theirs = self.tools.run_kubeadm(self.root, *theirs_command).stdout
            end = int(time.time())
            ours = self.pkigen(*ours_command).stdout
            if same(theirs, ours) or int(time.time()) == begin:
                break
            instants = [time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(second)) for second in range(begin, end + 2)]
            candidates = (self.pkigen(*ours_command, "--as-of", instant).stdout for instant in instants)
            ours = next((each for each in candidates if same(theirs, each)), ours)
            if same(theirs, ours):
                break
        self.expect(same(theirs, ours), f"both print the same {form}", f"kubeadm:\n{theirs}\npkigen:\n{ours}")
        return theirs, ours

    @staticmethod
    def same_lines(theirs, ours):
        """The same rows but for those of an external etcd, whatever the width of the columns."""
        ours = [line.split() for line in ours.splitlines()]
        return all(line.split() in ours for line in theirs.splitlines())

    def same_document(self, form, theirs, mine):
        """kubeadm's document is found in ours: the same keys and values, in JSON in the same order, and perhaps more."""
        if form == "yaml":
            theirs, mine = (self.tools.yaml_to_json(text) for text in (theirs, mine))
        theirs, mine = json.loads(theirs), json.loads(mine)
        tables = ("certificates", "certificateAuthorities")
        same = [key for key in mine if key in theirs] == list(theirs)
        for table in tables:
            if not self.etcd:
                mine[table] = [row for row in mine[table] if row["name"] not in OF_ETCD and row["name"] != "etcd-ca"]
            same = same and len(mine[table]) == len(theirs[table])
            for row, wanted in zip(mine[table], theirs[table]):
                same = same and [(key, row[key]) for key in row if key in wanted] == list(wanted.items())
        return same and all(mine[key] == theirs[key] for key in theirs if key not in tables)


def made_by(maker, tools, results, name, configuration, root, naming="kubeadm", external=()):
    label = f"{name}, made by {maker}" + (f", naming {naming}" if naming != "kubeadm" else "")
    label += f", without the keys of {' and '.join(external)}" if external else ""
    case = Case(tools, results, label, configuration, root, external)
    if maker == "kubeadm":
        make_with_kubeadm(tools, configuration, root)
    else:
        make_with_pkigen(tools, configuration, root, naming)
    case.use_kubeadms_file()
    for authority in external:
        (case.top / f"pki/{AUTHORITIES[authority]}.key").unlink()
    results.count("trees")
    print(label, flush=True)
    return case


def on_ours(tools, results):
    """kubeadm on what pkigen made."""
    for name, naming in [("defaults", "kubeadm"), ("ecdsa-p256", "recommended"), ("ecdsa-p384", "kubeadm"),
                         ("further names", "recommended"), ("IPv6", "kubeadm"), ("external etcd", "recommended"),
                         ("validity, leaf longer than the CA", "kubeadm")]:
        with scratch() as root:
            case = made_by("pkigen", tools, results, name, CONFIGURATIONS[name], root, naming)
            case.kubeadm_keeps_everything()
            case.both_report_the_same()
            case.kubeadm_makes_again("apiserver", "front-proxy-client")
            case.kubeadm_renews()
            case.pkigen_keeps_everything(naming)
            case.pkigen_renews()
            case.kubeadm_keeps_everything()


def on_kubeadms(tools, results):
    """pkigen on what kubeadm made."""
    for name in ["defaults", "ecdsa-p256", "ecdsa-p384", "further names", "further names, many", "dual-stack", "IPv6", "external etcd",
                 "cluster name that YAML must quote", "validity, minutes and seconds", "node name of 64 characters"]:
        with scratch() as root:
            case = made_by("kubeadm", tools, results, name, CONFIGURATIONS[name], root)
            case.pkigen_keeps_everything()
            case.both_report_the_same()
            case.pkigen_renews()
            case.pkigen_keeps_everything()
            case.kubeadm_keeps_everything()
            case.both_report_the_same()
            case.kubeadm_renews()
            case.pkigen_keeps_everything()


def with_external_authorities(tools, results):
    for maker in ("pkigen", "kubeadm"):
        for external in (["ca"], ["front-proxy-ca"], ["etcd-ca"], ["ca", "front-proxy-ca", "etcd-ca"]):
            with scratch() as root:
                case = made_by(maker, tools, results, "ecdsa-p256", CONFIGURATIONS["ecdsa-p256"], root, external=external)
                case.kubeadm_keeps_everything()
                case.pkigen_keeps_everything()
                case.both_report_the_same()
                case.kubeadm_renews()
                case.pkigen_renews()
                case.both_report_the_same()
                case.kubeadm_keeps_everything()


def with_files_missing(tools, results):
    """Reports of trees that are not whole."""
    for missing in (["super-admin.conf"], ["pki/apiserver.crt"], ["pki/apiserver.key"], ["admin.conf", "scheduler.conf", "kubelet.conf"],
                    ["pki/etcd/server.crt", "pki/etcd/peer.crt"], ["pki/front-proxy-client.crt", "pki/front-proxy-ca.crt",
                                                                    "pki/front-proxy-ca.key"], ["kubelet.conf"]):
        with scratch() as root:
            case = made_by("pkigen", tools, results, "ecdsa-p256", CONFIGURATIONS["ecdsa-p256"], root)
            case.label += f", {' and '.join(missing)} removed"
            for name in missing:
                (case.top / name).unlink()
            case.both_report_the_same()


def near_the_end(tools, results):
    """Each rule of the residual time, and certificates that are past it."""
    for leaf in ("1s", "90s", "9m", "2h59m", "7h", "40h", "100h", "192h", "8000h", "17520h", "20000h", "70080h", "80000h"):
        with scratch() as root:
            configuration = CONFIGURATIONS["ecdsa-p256"]
            cluster = {**configuration.cluster, "certificateValidityPeriod": leaf, "caCertificateValidityPeriod": "100000h"}
            configuration = type(configuration)(cluster=cluster)
            case = made_by("kubeadm", tools, results, f"leaves of {leaf}", configuration, root)
            # The same tree under a configuration that pkigen takes: reports do not depend on it.
            case.configuration = CONFIGURATIONS["ecdsa-p256"]
            case.use_kubeadms_file()
            case.both_report_the_same()


def with_authorities_of_old(tools, results):
    """CAs as kubeadm made them years ago: serial 0 and no key id, so that leaves cannot name the key of their issuer."""
    for name, key in (("defaults", ["rsa:2048"]), ("ecdsa-p256", ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"])):
        with scratch() as root:
            pki = root / "etc/kubernetes/pki"
            (pki / "etcd").mkdir(parents=True)
            for base, common_name in (("ca", "kubernetes"), ("front-proxy-ca", "front-proxy-ca"), ("etcd/ca", "etcd-ca")):
                old_authority(pki / base, common_name, key)
            case = made_by("kubeadm", tools, results, name, CONFIGURATIONS[name], root)
            case.label += ", with CAs of old"
            case.expect(case.facts()["pki/ca.crt"]["serial"] == "not positive", "the CA has serial 0")
            case.expect("extension.authorityKeyIdentifier" not in case.facts()["pki/apiserver.crt"], "leaves do not name its key")
            case.pkigen_keeps_everything()
            case.both_report_the_same()
            case.pkigen_renews(collect=False)  # a strict verifier refuses such a CA
            case.pkigen_keeps_everything()
            case.kubeadm_keeps_everything()
            case.kubeadm_renews()
            case.pkigen_keeps_everything()


def old_authority(base, common_name, key):
    config = ("[req]\ndistinguished_name=d\nx509_extensions=e\nprompt=no\n[d]\nCN=" + common_name + "\n[e]\nbasicConstraints=critical,CA:TRUE\n"
              "keyUsage=critical,digitalSignature,keyEncipherment,keyCertSign\nsubjectKeyIdentifier=none\n")
    run(["openssl", "req", "-config", "/dev/stdin", "-x509", "-new", "-newkey", *key, "-nodes", "-set_serial", "0", "-days", "3650", "-keyout",
         f"{base}.key", "-out", f"{base}.crt"], data=config)


PARTS = {"ours": on_ours, "kubeadms": on_kubeadms, "external": with_external_authorities, "old": with_authorities_of_old,
         "missing": with_files_missing, "ending": near_the_end}


def main(pkigen, folder, part):
    tools, results = Tools(pkigen), Results(folder, f"exchange-{part}")
    PARTS[part](tools, results)
    results.done()


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
