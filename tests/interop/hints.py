#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every kind of remedy is followed word for word, with the flags of the call; the complaint must end.

usage: hints.py PKIGEN

Each situation damages a PKI, runs a command, does what the hint of the complaint says, and runs the command again. The
situations together need every kind of remedy that pki/finding.hpp declares. The directory of each PKI has a blank and a
quote in its name: paths in hints are words of a shell.
"""

import base64
import datetime
import fcntl
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

from common import PKIGEN, expect, pkigen

FLAGS = ["--node-name", "cp-1", "--apiserver-advertise-address", "192.0.2.1", "--encryption-algorithm", "ECDSA-P256"]
HEADER = pathlib.Path(__file__).resolve().parents[2] / "include/pki/finding.hpp"


class World:
    """A PKI in a directory of its own, an intact copy of it (the backup that hints speak of), and the call's flags."""

    def __init__(self, root, *flags):
        self.root = pathlib.Path(root) / "it's here"
        self.root.mkdir()
        self.home = self.root / "kubernetes"
        self.pki = self.home / "pki"
        self.config = self.root / "cluster.yaml"
        result = pkigen("init", "--cert-dir", self.pki, *(flags or FLAGS))
        if result.returncode != 0:
            sys.exit(f"init failed: {result.stderr}")
        self.copy = self.root / "copy"
        shutil.copytree(self.home, self.copy)

    def kubeconfig(self, name):
        return self.home / f"{name}.conf"

    def certificate(self, row):
        if row.endswith(".conf"):
            return embedded(self.home / row, "client-certificate-data")
        return (self.pki / f"{row}.crt").read_bytes()

    def restore(self, path):
        path = pathlib.Path(path)
        source = self.copy / path.relative_to(self.home)
        path.parent.mkdir(exist_ok=True)
        shutil.copy2(source, path)

    def move_away(self, path):
        away = self.root / "away"
        away.mkdir(exist_ok=True)
        os.rename(path, away / pathlib.Path(path).name)

    def write_config(self, **fields):
        cluster = {"apiVersion": "kubeadm.k8s.io/v1beta4", "kind": "ClusterConfiguration", "certificatesDir": str(self.pki),
                   "encryptionAlgorithm": "ECDSA-P256"} | fields
        host = {"apiVersion": "kubeadm.k8s.io/v1beta4", "kind": "InitConfiguration", "nodeRegistration": {"name": "cp-1"},
                "localAPIEndpoint": {"advertiseAddress": "192.0.2.1"}}
        self.config.write_text(json.dumps(cluster) + "\n---\n" + json.dumps(host) + "\n")  # JSON is YAML


def embedded(path, field):
    return base64.b64decode(re.search(field + ": (.*)", path.read_text())[1])


def openssl(*arguments, data=None):
    return subprocess.run(["openssl", *map(str, arguments)], input=data, check=True, capture_output=True).stdout


def reissue(world, row, issuer, start=-30, end=300, subject=None, drop=(), more=()):
    """Has openssl sign the certificate of a row again, with dates in days from now, and other names or extensions."""
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        old = world.certificate(row)
        conf = world.home / row
        key = embedded(conf, "client-key-data") if row.endswith(".conf") else (world.pki / f"{row}.key").read_bytes()
        (scratch / "key").write_bytes(key)
        text = openssl("x509", "-noout", "-ext", "extendedKeyUsage,subjectAltName", data=old).decode()
        lines = ["basicConstraints=critical,CA:FALSE", "keyUsage=critical,digitalSignature", "authorityKeyIdentifier=keyid",
                 "extendedKeyUsage=" + ",".join(
                     word for word, title in (("serverAuth", "Server Auth"), ("clientAuth", "Client Auth")) if title in text)]
        names = [name.strip().replace("IP Address", "IP") for line in text.splitlines() if "DNS:" in line
                 for name in line.split(",")]
        names = [name for name in [*names, *more] if name not in drop]
        lines += ["subjectAltName=" + ",".join(names)] if names else []
        (scratch / "extensions").write_text("\n".join(lines) + "\n")
        for name in ("index", "index.attr"):
            (scratch / name).write_text("")
        (scratch / "cnf").write_text(
            f"[ca]\ndefault_ca=d\n[d]\nnew_certs_dir={scratch}\ndatabase={scratch}/index\nrand_serial=yes\n"
            "default_md=sha256\npolicy=p\nunique_subject=no\n[p]\ncommonName=optional\norganizationName=optional\n")
        if subject is None:
            subject = "/" + "/".join(reversed(openssl("x509", "-noout", "-subject", "-nameopt", "rfc2253", data=old)
                                              .decode().strip().removeprefix("subject=").split(",")))
        openssl("req", "-new", "-key", scratch / "key", "-subj", subject, "-out", scratch / "request")
        now = datetime.datetime.now(datetime.timezone.utc)
        first, last = ((now + datetime.timedelta(days)).strftime("%Y%m%d%H%M%SZ") for days in (start, end))
        openssl("ca", "-batch", "-notext", "-config", scratch / "cnf", "-in", scratch / "request",
                "-cert", world.pki / f"{issuer}.crt", "-keyfile", world.pki / f"{issuer}.key", "-startdate", first,
                "-enddate", last, "-extfile", scratch / "extensions", "-out", scratch / "new")
        new = (scratch / "new").read_bytes()
    if row.endswith(".conf"):
        conf.write_text(conf.read_text().replace(base64.b64encode(old).decode(), base64.b64encode(new).decode()))
    else:
        (world.pki / f"{row}.crt").write_bytes(new)


# Following hints.

WORD = r"(?:[^\s'\\`,;]|'[^']*'|\\')+"  # of a shell
WORDS = rf"{WORD}(?: and {WORD})*"


def words_in(text):
    return [word for word in shlex.split(text) if word != "and"]


def run_commands(hint, world):
    commands = re.findall("`pkigen ([^`]*)`", hint)
    if not commands:
        sys.exit(f"FAILED: no command in the hint: {hint}")
    for command in commands:
        result = pkigen(*shlex.split(command))
        if result.returncode != 0:
            sys.exit(f"FAILED: `pkigen {command}` ends with {result.returncode}: {result.stderr}")
        world.output = result.stdout


def follow_move(hint, world):
    for path in words_in(re.search(rf"move ({WORDS}) away", hint)[1]):
        world.move_away(path)
    run_commands(hint, world)


def follow_restore(hint, world):
    for path in words_in(re.match(rf"restore ({WORDS}) from a backup", hint)[1]):
        world.restore(path)


def follow_flags(hint, world):
    """A hint that names flags: they are added to the call."""
    world.more = shlex.split(re.search(r"(--[a-z-]+.*)$", hint)[1].replace("FILE", shlex.quote(str(world.config))))


def follow_directories(hint, world):
    """The directories themselves take the place of the links that the call named."""
    flags, _, commands = hint.partition("; ")
    world.pki = pathlib.Path(shlex.split(re.search(r"--cert-dir (.*)$", flags)[1])[0])
    run_in_shell(commands)


def follow_kubeconfigs(hint, world):
    world.more = [hint.split()[-1], str(world.root / "elsewhere")]


def follow_choice(hint, world):
    """Of "restore ..., or move ... away" the situation says which."""
    (follow_restore if world.way == "restore" else follow_move)(hint, world)


def follow_flag(hint, world):
    values = {"--apiserver-advertise-address": "192.0.2.1"}
    flag = hint.removeprefix("pass ")
    world.more += [flag, values[flag]]


def follow_option(hint, world):
    """A hint that names flags of the call, with values that the situations need."""
    values = {"NAME": "*.web.test", "TIME": "8h", "client|server|peer": "server"}
    for flag, value in re.findall(r"(--[a-z-]+)(?: ([^\s-]+))?(?= |$)", hint.replace(" and ", " ")):
        world.more += [flag, values[value]] if value else [flag]


def follow_with_hooks(hint, world):
    run_commands(hint.replace("` with", " --deploy-hook true` with"), world)


def follow_list(hint, world):
    """The call named a backup that does not exist: it is repeated with one of the list."""
    run_commands(hint, world)
    world.call = ["undo", world.output.split()[0]]


def run_in_shell(commands):
    subprocess.run(["sh", "-ec", commands], check=True)


def follow_advice(hint, world):
    """Advice may be commands of the shell, alone, in backquotes, or before a command of ours."""
    command = r"((?:chmod|chown|rm|mv) .*?)"
    if found := re.fullmatch(command + r"(?:; the certificates are renewed; (`.*` with the same hooks).*)?", hint):
        run_in_shell(found[1])
        if found[2]:
            world.by_hand(world, found[2])
    elif found := re.match(f"`{command}`", hint):
        run_in_shell(found[1])
    else:
        follow_by_hand(hint, world)


def follow_by_hand(hint, world):
    """What nobody else can do: the situation says how."""
    world.by_hand(world)


def follow_supply(hint, world):
    """Of "... requests it from the holder, or put the CA key at ..." the situation says which."""
    request = re.search(r"`pkigen csr create[^`]*` requests it from the holder of \S+, or ", hint)[0]
    if world.way == "request":
        (follow_move if " away, " in hint else run_commands)(hint.partition(request)[0] + request, world)
        run_commands(f"`pkigen csr import {sign_requests(world)} --cert-dir {shlex.quote(str(world.pki))}`", world)
        return
    world.restore(*words_in(re.search(rf"put the CA key at ({WORD})", hint)[1]))
    (follow_move if " away, " in hint else run_commands)(hint.replace(request, ""), world)


def sign_requests(world):
    """The holder of the CA signs what waits, knowing the configuration of the host; returns the file with the answers."""
    answers = world.root / "certificates.json"
    config = world.config if world.config.exists() else world.home / "pkigen.yaml"
    result = pkigen("csr", "sign", "requests.json", "--cert-dir", world.copy / "pki", "--config", config, "--bundle", answers)
    if result.returncode != 0:
        sys.exit(f"FAILED: csr sign ends with {result.returncode}: {result.stderr}")
    return shlex.quote(str(answers))


def follow_import(hint, world):
    run_commands(hint.replace(" FILE ", f" {sign_requests(world)} "), world)


FOLLOW = {
    "advice": (r".", follow_advice),
    "set_field": (r"^pass --[a-z-]+$", follow_flag),
    "set_option": (r"^(pass --allow-(san NAME|masters)|pass --profile client\|server\|peer and --valid-for TIME)$",
                   follow_option),
    "init": (r"^`pkigen init[^`]*` creates (it|them)$", run_commands),
    "renew": (r"^`pkigen renew[^`]*` corrects this$", run_commands),
    "prune_sans": (r"^add them to the configuration, or drop them with `pkigen renew --prune-sans [^`]*`$", run_commands),
    "restore": (rf"^restore {WORDS} from a backup or another control plane$", follow_restore),
    "restore_or_init": (rf"^restore {WORDS} from a backup, or move {WORDS} away and run `pkigen init [^`]*`$", follow_choice),
    "recreate": (rf"^move {WORDS} away and run `pkigen init [^`]*`$", follow_move),
    "supply_ca_key": (rf"^`pkigen csr create [^`]*` requests it from the holder of \S+, or put the CA key at {WORD} and run `pkigen renew [^`]*`$",
                      follow_supply),
    "supply_ca_key_to_init": (rf"^(move {WORDS} away, then )?`pkigen csr create [^`]*` requests it from the holder of \S+, "
                              rf"or put the CA key at {WORD} and run `pkigen init [^`]*`$", follow_supply),
    "import_answer": (r"^it was requested: import the certificate with `pkigen csr import FILE [^`]*`$", follow_import),
    "rotate_ca": (r"^replace \S+ and everything that it signed$", follow_by_hand),
    "rejoin_kubelet": (rf"^the kubelet renews it while it is valid; once it has expired, move {WORDS} away, run `[^`]*` and restart the kubelet$",
                       follow_move),
    "check_clock": (r"clock of this host", follow_by_hand),
    "name_config": (r"--config FILE$", follow_flags),
    "name_kubeconfigs": (r"^name their directory with --kubeconfig-dir$", follow_kubeconfigs),
    "list_backups": (r"^`pkigen backups[^`]*` lists them$", follow_list),
    "name_directories": (rf"^name the directories themselves: --cert-dir {WORD}(; chmod go-w( {WORD})+)?$", follow_directories),
    "recover": (r"^`pkigen recover[^`]*` finishes or undoes it", run_commands),
    "restart": (r"^`pkigen renew --if-needed --restart-static-pods[^`]*` restarts", run_commands),
    "run_hooks": (r"^`pkigen renew --if-needed[^`]*` with the deploy hooks runs them again$", follow_with_hooks),
}


def findings_of(world, call):
    arguments = [str(each) for each in [*call, "--cert-dir", world.pki, *world.flags, *world.more, "-o", "json"]]
    result = subprocess.run([*world.prefix, PKIGEN, *arguments], capture_output=True, text=True, timeout=120)
    try:
        saved = "--output-file" in arguments and result.returncode != 1
        document = json.loads(pathlib.Path(arguments[arguments.index("--output-file") + 1]).read_text() if saved else result.stdout)
    except ValueError:
        sys.exit(f"FAILED: no JSON from {arguments}: {result.stdout} {result.stderr}")
    found = []
    for name in ("notes", "warnings", "failures", "conflicts", "problems"):
        found += document.get(name, [])
    return result, found


def obey(kind, title, hint, world):
    pattern, follow = FOLLOW[kind]
    if not re.search(pattern, hint):
        sys.exit(f"FAILED: {title}: the hint has another form: {hint}")
    world.hint = hint
    follow(hint, world)


def check(kind, rule, subject, damage, call, flags=(), way=None, by_hand=None, made=(), prefix=()):
    with tempfile.TemporaryDirectory() as root:
        world = World(root, *made)
        os.chdir(world.root)  # hints write and read documents in the working directory
        world.way, world.by_hand, world.more, world.call, world.prefix = way, by_hand, [], call, prefix
        damage(world)
        world.flags = [str(flag).format(w=world) for flag in flags]
        title = f"{kind}: {rule} of {subject}, {' '.join(call)}"
        _, found = findings_of(world, call)
        complaints = [each for each in found if each["code"] == rule and (subject == "*" or subject in each["subject"])]
        if not complaints:
            sys.exit(f"FAILED: {title}: the command reports only {found}")
        hints = list(dict.fromkeys(each["hint"] for each in complaints if each["hint"])) or [""]  # one may be for all
        for hint in hints:
            obey(kind, title, hint, world)
        result, found = findings_of(world, world.call)
        left = [each for each in found if each["code"] == rule and (subject == "*" or subject in each["subject"])]
        alarms = [each for each in found if each["severity"] == "error"]
        expect(not left and not alarms, f"{title}: {hints[0]}" + (f": still {left or alarms}" if left or alarms else ""))
        expect(result.returncode == 0, f"and the status is 0 {result.stderr if result.returncode else ''}")


# The situations: what is wrong, which command says so.

def without(*names):
    def damage(world):
        for name in names:
            (world.home / name).unlink()
    return damage


def empty(name):
    return lambda world: (world.home / name).write_text("")


def cut(name):
    return lambda world: (world.home / name).write_bytes((world.home / name).read_bytes()[:200])


def opened(name, mode):
    return lambda world: (world.home / name).chmod(mode)


def emptied(world):
    shutil.rmtree(world.home)
    world.pki.mkdir(parents=True)


def kubeconfigs_elsewhere(world):
    (world.root / "elsewhere").mkdir()
    for path in [*world.home.glob("*.conf"), world.home / "pkigen.yaml"]:
        os.rename(path, world.root / "elsewhere" / path.name)


def linked(world):
    """The directory of the certificates is a link, as kubespray makes it."""
    os.rename(world.pki, world.home / "ssl")
    os.symlink("ssl", world.pki)


def linked_and_open(world):
    linked(world)
    (world.home / "ssl/etcd").chmod(0o777)


def etcd_linked(world):
    """etcd's directory is on another disk, by a link."""
    disk = world.root / "etcd's disk"
    os.rename(world.pki / "etcd", disk)
    os.symlink(disk, world.pki / "etcd")


def given_away(*names):
    def damage(world):
        for name in names:
            os.chown(world.home / name, 997, 997)
    return damage


def both(*damages):
    def damage(world):
        for each in damages:
            each(world)
    return damage


def given_away_and_open(world):
    given_away(".", "pki")(world)
    opened("pki", 0o775)(world)
    opened("pki/etcd", 0o777)(world)


def reports_open(world):
    (world.root / "reports").mkdir()
    (world.root / "reports").chmod(0o777)


def locked(world):
    world.lock = open(world.home / ".pki.pkigen.lock", "wb")
    fcntl.lockf(world.lock, fcntl.LOCK_EX)


def unlocked(world):
    """The hint names the process by a command."""
    command = re.search("`(fuser [^`]*)`", world.hint)[1]
    if shutil.which("fuser"):
        users = subprocess.run(["sh", "-c", command], check=True, capture_output=True, text=True).stdout.split()
        expect(str(os.getpid()) in users, f"{command} names the process")
    world.lock.close()


def open_hook(world):
    hooks = world.root / "hooks"
    hooks.mkdir()
    hook = hooks / "reload it's server"
    hook.write_text("#!/bin/sh\n")
    hook.chmod(0o777)
    hooks.chmod(0o755)


def foreign_hooks(world):
    open_hook(world)
    hooks = world.root / "hooks"
    (hooks / "reload it's server").chmod(0o755)
    os.chown(hooks, 997, 997)
    hooks.chmod(0o777)


def with_hook_dir(world, hint):
    run_commands(hint.replace("` with", f" --hook-dir {shlex.quote(str(world.root / 'hooks'))}` with"), world)


def expired(row, issuer="ca"):
    return lambda world: reissue(world, row, issuer, -400, -2)


def external(damage, issuer="ca"):
    """The same where the CA's key is not on this host."""
    def both(world):
        damage(world)
        (world.pki / f"{issuer}.key").unlink()
    return both


def requested(damage, row):
    """The same where the certificate was requested and the answer has not come."""
    def both(world):
        external(damage)(world)
        result = pkigen("csr", "create", "--bundle", "requests.json", row, "--cert-dir", world.pki)
        if result.returncode != 0:
            sys.exit(f"csr create failed: {result.stderr}")
    return both


def unmanaged(damage):
    """The same in a cluster that no configuration describes."""
    def both(world):
        (world.home / "pkigen.yaml").unlink()
        damage(world)
    return both


def config(**fields):
    return lambda world: world.write_config(**fields)


def exchanged_key(world):
    shutil.copy(world.pki / "apiserver.key", world.pki / "front-proxy-client.key")


def of_another_cluster(*names):
    def damage(world):
        with tempfile.TemporaryDirectory() as other:
            pkigen("init", "--cert-dir", f"{other}/pki", *FLAGS)
            for name in names:
                shutil.copy(f"{other}/{name}", world.home / name)
    return damage


def other_subject(row, issuer, subject):
    return lambda world: reissue(world, row, issuer, subject=subject)


def unnamed(world):
    names = openssl("x509", "-noout", "-ext", "subjectAltName", data=world.certificate("apiserver")).decode().splitlines()[1]
    reissue(world, "apiserver", "ca", drop=[name.strip().replace("IP Address", "IP") for name in names.split(",")])


def kubelet_elsewhere(world):
    path = world.kubeconfig("kubelet")
    text = re.sub("client-certificate-data: .*", "client-certificate: /nonexistent/kubelet-client-current.pem", path.read_text())
    path.write_text(re.sub("client-key-data: .*", "client-key: /nonexistent/kubelet-client-current.pem", text))


def admin_elsewhere(world):
    path = world.kubeconfig("admin")
    for end, field in (("crt", "certificate"), ("key", "key")):
        (world.home / f"admin.{end}").write_bytes(embedded(path, f"client-{field}-data"))
        (world.home / f"admin.{end}").chmod(0o600)
        path.write_text(re.sub(f"client-{field}-data: .*", f"client-{field}: {world.home}/admin.{end}", path.read_text()))


def kubelet_credential(world, conf):
    """The file that the kubelet maintains, with the credential of a kubeconfig."""
    path = world.root / "kubelet" / "kubelet-client-current.pem"
    path.parent.mkdir()
    path.write_bytes(embedded(conf, "client-certificate-data") + embedded(conf, "client-key-data"))
    return path


def foreign_kubelet(world):
    with tempfile.TemporaryDirectory() as other:
        pkigen("init", "--cert-dir", f"{other}/pki", *FLAGS)
        return kubelet_credential(world, pathlib.Path(other) / "kubelet.conf")


def joined_foreign_kubelet(world):
    """The same where kubelet.conf refers to the file."""
    path = world.kubeconfig("kubelet")
    file = foreign_kubelet(world)
    path.write_text(re.sub("(client-certificate|client-key)-data: .*", rf"\1: {file}", path.read_text()))


def client_as_server(world):
    """The kubelet serves with a certificate for clients."""
    file = kubelet_credential(world, world.kubeconfig("scheduler"))
    (file.parent / "kubelet.crt").write_bytes(embedded(world.kubeconfig("scheduler"), "client-certificate-data"))
    file.rename(file.parent / "kubelet.key")


def without_server_files(world):
    for name in ("kubelet.crt", "kubelet.key"):
        world.move_away(world.root / "kubelet" / name)


def no_ca_trusted(world):
    path = world.kubeconfig("scheduler")
    ca = embedded(path, "certificate-authority-data")
    more = openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "/dev/null",
                   "-subj", "/CN=server", "-addext", "basicConstraints=critical,CA:FALSE")
    path.write_text(path.read_text().replace(base64.b64encode(ca).decode(), base64.b64encode(ca + more).decode()))


def trust_restored(world):
    world.restore(world.kubeconfig("scheduler"))


def failed_hook(world):
    result = pkigen("renew", "apiserver", "--cert-dir", world.pki, "--deploy-hook", "exit 1")
    if result.returncode != 1:
        sys.exit("FAILED: a failing hook is not a failure")


def more_names_on_disk(world):
    reissue(world, "apiserver", "ca", more=["DNS:old.example.test"])


def other_ca_validity(world):
    world.write_config(caCertificateValidityPeriod="20000h")


def name_in_config(world):
    world.write_config(apiServer={"certSANs": ["old.example.test"]})
    world.more = ["--config", str(world.config)]


def renewed(world):
    run_commands(f"`pkigen renew apiserver --cert-dir {shlex.quote(str(world.pki))}`", world)


def write_state(world, name, text):
    state = world.pki / ".pkigen" / name
    state.parent.mkdir(mode=0o700, exist_ok=True)
    state.write_text(text)
    state.chmod(0o600)


def request_for(name, subject, *names):
    """A request that another program made, in the file NAME.csr."""
    def damage(_world):
        openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", f"{name}.key",
                "-subj", subject, "-out", f"{name}.csr", *(["-addext", "subjectAltName=" + ",".join(names)] if names else []))
    return damage


def manifest_away(world):
    manifests = world.root / "manifests"
    manifests.mkdir()
    (manifests / ".kube-scheduler.yaml.pkigen").write_text("# a manifest\n")
    write_state(world, "manifests-away", f"{manifests}/kube-scheduler.yaml\n")


def restart_pending(world):
    write_state(world, "restart-pending", f"scheduler.conf\n{world.root}/manifests\n")


def new_cluster(world):
    """Nothing short of a new CA helps, which nobody can have without new certificates."""
    shutil.rmtree(world.home)
    run_commands(f"`pkigen init --cert-dir {shlex.quote(str(world.pki))} {' '.join(FLAGS)}`", world)


def clock_set(world):
    reissue(world, "apiserver", "ca")


def situations(used):
    fp = [f"pki/front-proxy-{name}.{end}" for name in ("ca", "client") for end in ("crt", "key")]
    init, renew, due, report = ("init",), ("renew", "all"), ("renew", "--if-needed"), ("check-expiration",)
    configured = ("--config", "{w.config}")

    yield "init", "file-missing", "front-proxy-client.crt", without(*fp[2:]), renew
    yield "init", "file-missing", "front-proxy-client.crt", unmanaged(without(*fp[2:])), renew
    for call in (renew, due, ("renew", "admin.conf")):
        yield "init", "file-missing", "admin.conf", without("admin.conf"), call
    yield "init", "public-key-missing", "sa.pub", without("pki/sa.pub"), report
    yield "init", "ca-missing", "front-proxy-client.crt", without(*fp), ("init", "front-proxy-client")
    yield "init", "not-found", "pki", emptied, renew

    for row in ("apiserver.crt", "scheduler.conf", "kubelet.conf"):
        yield "renew", "expired", row, expired(row.removesuffix(".crt")), init
    yield "renew", "names-missing", "apiserver.crt", config(apiServer={"certSANs": ["more.test"]}), report, configured
    yield "renew", "names-missing", "etcd/server.crt", config(etcd={"local": {"serverCertSANs": ["more.test"]}}), report, configured
    yield "renew", "validity-differs", "apiserver.crt", lambda world: reissue(world, "apiserver", "ca", -30, 20), report
    yield "renew", "key-algorithm-differs", "*", config(encryptionAlgorithm="ECDSA-P384"), report, configured
    yield "renew", "validity-differs", "*", config(certificateValidityPeriod="20000h"), report, configured

    for call in (init, renew, ("renew", "apiserver"), due):
        rule = "expired" if call == init else "ca-key-missing"
        yield "supply_ca_key", rule, "apiserver.crt", external(expired("apiserver")), call
        if call == ("renew", "apiserver"):
            continue  # who names a certificate asks for one that is newer than the imported one
        yield "supply_ca_key", rule, "apiserver.crt", external(expired("apiserver")), call, (), "request"
        yield "import_answer", rule, "apiserver.crt", requested(expired("apiserver"), "apiserver"), call
    for way in (None, "request"):
        yield ("supply_ca_key", "names-missing", "apiserver.crt", external(config(apiServer={"certSANs": ["more.test"]})), report,
               configured, way)
        yield "supply_ca_key_to_init", "ca-key-missing", "front-proxy-client.crt", without(*fp[1:]), init, (), way
    yield "import_answer", "request-pending", "scheduler.conf", requested(expired("scheduler.conf"), "scheduler.conf"), report
    yield "supply_ca_key_to_init", "server-without-names", "apiserver.crt", external(unnamed), report, (), "request"
    yield "supply_ca_key_to_init", "server-without-names", "apiserver.crt", external(unnamed), report
    yield "advice", "names-unexplained", "apiserver.crt", external(more_names_on_disk), report, (), None, name_in_config

    yield "prune_sans", "names-unexplained", "apiserver.crt", more_names_on_disk, report
    yield "prune_sans", "names-unexplained", "apiserver.crt", more_names_on_disk, renew

    wrong = (
        ("key-missing", "apiserver.crt", without("pki/apiserver.key"), ("apiserver",)),
        ("certificate-missing", "apiserver.key", without("pki/apiserver.crt"), ("apiserver",)),
        ("key-mismatch", "front-proxy-client.key", exchanged_key, ("front-proxy-client",)),
        ("not-signed-by-ca", "apiserver-kubelet-client.crt",
         of_another_cluster("pki/apiserver-kubelet-client.crt", "pki/apiserver-kubelet-client.key"), ("apiserver-kubelet-client",)),
        ("kubeconfig-ca-differs", "scheduler.conf", of_another_cluster("scheduler.conf"), ("scheduler.conf",)),
        ("file-empty", "apiserver.crt", empty("pki/apiserver.crt"), ("apiserver",)),
        ("file-empty", "apiserver.key", empty("pki/apiserver.key"), ("apiserver",)),
        ("file-empty", "scheduler.conf", empty("scheduler.conf"), ("scheduler.conf",)),
        ("malformed", "apiserver.crt", cut("pki/apiserver.crt"), ("apiserver",)),
        ("malformed", "scheduler.conf", cut("scheduler.conf"), ("scheduler.conf",)),
    )
    for i, (rule, subject, damage, rows) in enumerate(wrong):
        for j, call in enumerate((report, init, ("renew", *rows), renew)):
            if rule != "kubeconfig-ca-differs" or call[0] != "renew":  # a renewal adds the CA
                yield "restore_or_init", rule, subject, damage, call, (), ("restore", "move")[(i + j) % 2]
        yield "restore", rule, subject, external(damage, "front-proxy-ca" if "front" in subject else "ca"), report

    yield "restore", "file-missing", "sa.key", without("pki/sa.key", "pki/sa.pub"), report
    yield "restore", "key-missing", "sa.pub", without("pki/sa.key"), report
    yield "restore", "certificate-missing", "front-proxy-ca.key", without(fp[0]), report
    yield "restore", "file-empty", "pki/ca.crt", empty("pki/ca.crt"), report
    yield "restore", "file-empty", "pki/sa.key", empty("pki/sa.key"), report

    for row, issuer in (("apiserver-kubelet-client", "ca"), ("scheduler.conf", "ca")):
        yield "recreate", "common-name-differs", row, other_subject(row, issuer, "/CN=somebody"), report
    yield "recreate", "organization-differs", "/admin.conf", other_subject("admin.conf", "ca", "/O=others/CN=kubernetes-admin"), report
    yield "recreate", "server-differs", "*", config(controlPlaneEndpoint="api.test:6443", apiServer={}), report, configured
    yield "recreate", "credentials-elsewhere", "/admin.conf", admin_elsewhere, ("renew", "admin.conf")
    yield "recreate", "server-without-names", "apiserver.crt", unnamed, report

    kubelet = ("--kubelet-dir", "{w.root}/kubelet")
    yield "recreate", "not-signed-by-ca", "kubelet-client-current.pem", foreign_kubelet, report, kubelet
    yield "recreate", "not-signed-by-ca", "kubelet.conf", joined_foreign_kubelet, report, kubelet
    yield "supply_ca_key_to_init", "not-signed-by-ca", "kubelet.conf", external(joined_foreign_kubelet), report, kubelet
    yield ("advice", "extended-key-usage-missing", "kubelet.crt", client_as_server, report, kubelet, None,
           without_server_files)
    yield "advice", "chain-refused", "scheduler.conf", no_ca_trusted, report, (), None, trust_restored

    yield "rejoin_kubelet", "credentials-elsewhere", "kubelet.conf", kubelet_elsewhere, ("renew", "kubelet.conf")
    for call in (report, renew):
        yield "name_kubeconfigs", "kubeconfigs-not-found", "kubernetes", kubeconfigs_elsewhere, call
    yield "run_hooks", "hooks-pending", "deploy-pending", failed_hook, report
    yield "name_config", "invalid-value", "", unmanaged(config()), ("renew", "--prune-sans", "apiserver")
    for mode in (0o644, 0o640):
        yield "advice", "file-open-mode", "apiserver.key", opened("pki/apiserver.key", mode), report
    for call, damage in ((("renew", "apiserver"), lambda world: None), (("init", "front-proxy-client"), without(*fp[2:])),
                         (due, lambda world: reissue(world, "apiserver", "ca", -30, 20))):
        yield "advice", "directory-unsafe", "/pki", both(damage, opened("pki", 0o777)), call
    for call in (init, ("recover",), ("undo",)):
        yield "advice", "directory-unsafe", "/kubernetes", both(renewed, opened(".", 0o777)), call
    yield "advice", "io", "/reports", reports_open, report, ("--output-file", "{w.root}/reports/it's.json")
    for call in (("renew", "etcd-server"), renew):
        yield "advice", "io", "/etcd", etcd_linked, call
    yield "advice", "directory-unsafe", "/kubernetes", both(etcd_linked, opened(".", 0o775)), ("renew", "apiserver")
    yield "advice", "locked", ".lock", locked, ("renew", "apiserver", "--lock-timeout", "0.1"), (), None, unlocked
    hooks = ("--hook-dir", "{w.root}/hooks")
    yield "advice", "hook-unsafe", "server", open_hook, ("renew", "apiserver"), hooks, None, with_hook_dir
    if os.getuid() == 0:
        yield "advice", "directory-unsafe", "/pki", given_away("pki"), ("renew", "apiserver")
        yield "advice", "directory-unsafe", "*", given_away(".", "pki", "pki/etcd"), renew
        yield "advice", "directory-unsafe", "*", given_away_and_open, renew
        yield "advice", "hook-unsafe", "/hooks", foreign_hooks, ("renew", "apiserver"), hooks, None, with_hook_dir
    yield "list_backups", "not-found", "", renewed, ("undo", "20200101T000000Z-renew")
    yield "name_directories", "file-linked", "/pki", linked, ("renew", "apiserver")
    yield "name_directories", "directory-unsafe", "/etcd", linked_and_open, ("renew", "etcd-server")
    web = request_for("web", "/CN=web", "DNS:web.test")
    sign, purpose = ("csr", "sign", "web.csr", "--out", "signed"), ("--profile", "server", "--valid-for", "8h")
    yield "set_option", "value-missing", "web.csr", web, sign
    yield "set_option", "names-unexplained", "web.csr", request_for("web", "/CN=web", "DNS:*.web.test"), sign, purpose
    yield "set_option", "organization-differs", "web.csr", request_for("web", "/O=system:masters/CN=web", "DNS:web.test"), sign, purpose
    yield "recover", "manifest-away", "kube-scheduler.yaml", manifest_away, report
    yield "restart", "restart-pending", "restart-pending", restart_pending, report
    yield ("rotate_ca", "ca-ends-soon", "/ca.crt", lambda world: None, report, (), None, new_cluster,
           [*FLAGS, "--ca-certificate-validity-period", "2000h"])
    yield "check_clock", "not-yet-valid", "apiserver.crt", lambda world: reissue(world, "apiserver", "ca", 5), init, (), None, clock_set
    if os.getuid() == 0 and subprocess.run(["unshare", "-n", "true"], stderr=subprocess.DEVNULL).returncode == 0:
        yield ("set_field", "value-missing", "advertise", lambda world: shutil.rmtree(world.home), ("init", "--node-name", "cp-1"),
               (), None, None, (), ("unshare", "-n"))
    else:
        used.add("set_field")  # this host has a default route, which answers for the field


def main():
    used = set()
    for situation in situations(used):
        check(*situation)
        used.add(situation[0])
    kinds = re.search(r"enum class Kind \{(.*?)\};", HEADER.read_text(), re.DOTALL)[1]
    kinds = set(re.findall(r"^\s+(\w+),", kinds, re.MULTILINE)) - {"none"}
    expect(used == kinds, f"every kind of remedy was followed, {len(kinds)} kinds: {kinds ^ used}")


if __name__ == "__main__":
    main()
