# SPDX-License-Identifier: Apache-2.0
"""Configuration texts, right and wrong, that both tools must take or refuse alike.

A case is a text; the values that are not its point are those of HEAD and CLUSTER. DIR is the certificates' directory.
"""

HEAD = """apiVersion: kubeadm.k8s.io/v1beta4
kind: InitConfiguration
nodeRegistration:
  name: cp-1
localAPIEndpoint:
  advertiseAddress: 192.0.2.11
"""
CLUSTER = """apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
kubernetesVersion: RELEASE
certificatesDir: DIR
encryptionAlgorithm: ECDSA-P256
"""


def cluster(more):
    return f"{HEAD}---\n{CLUSTER}{more}\n"


def plain_cluster(line):
    """The line instead of those of CLUSTER that say the same."""
    field = line.split(":")[0]
    kept = [each for each in CLUSTER.splitlines() if not each.startswith(field + ":")]
    return f"{HEAD}---\n" + "\n".join([*kept, line]) + "\n"


def init(more):
    return f"{HEAD}{more}\n---\n{CLUSTER}"


def head(text):
    return f"apiVersion: kubeadm.k8s.io/v1beta4\nkind: InitConfiguration\n{text}\n---\n{CLUSTER}"


def node(name):
    return head(f"nodeRegistration:\n  name: {name}\nlocalAPIEndpoint:\n  advertiseAddress: 192.0.2.11")


def endpoint(text):
    return head(f"nodeRegistration:\n  name: cp-1\nlocalAPIEndpoint:\n{text}")


def advertise(address):
    return endpoint(f"  advertiseAddress: {address}")


def san(*names):
    return cluster("apiServer:\n  certSANs:\n" + "\n".join(f"  - {name}" for name in names))


def each(label, make, values):
    return {f"{label} {value}": make(value) for value in values}


JOIN = """apiVersion: kubeadm.k8s.io/v1beta4
kind: JoinConfiguration
nodeRegistration:
  name: cp-2
discovery:
  bootstrapToken:
    apiServerEndpoint: api.example:6443
    token: abcdef.0123456789abcdef
    unsafeSkipCAVerification: true
"""
CONTROL_PLANE = "controlPlane:\n  localAPIEndpoint:\n    advertiseAddress: 192.0.2.12\n"
CONFIG_MAP = """apiVersion: v1
kind: ConfigMap
metadata:
  name: kubeadm-config
  namespace: kube-system
data:
  ClusterConfiguration: |
""" + "".join(f"    {line}\n" for line in CLUSTER.splitlines())
# With the fields of their time; the converted file of kubeadm 1.26 differs in nothing that certificates have.
OLD = """localAPIEndpoint:
  advertiseAddress: 192.0.2.11
  bindPort: 6443
---
apiVersion: kubeadm.k8s.io/VERSION
kind: ClusterConfiguration
kubernetesVersion: v1.19.0
certificatesDir: DIR
useHyperKubeImage: false
dns:
  type: CoreDNS
apiServer:
  certSANs:
  - a.example
  timeoutForControlPlane: 4m0s
featureGates:
  PublicKeysECDSA: true
"""


def old(version):
    head_of_old = f"apiVersion: kubeadm.k8s.io/{version}\nkind: InitConfiguration\nnodeRegistration:\n  name: cp-1\n"
    return head_of_old + OLD.replace("VERSION", version)


LABEL_63, NAME_253 = "a" * 63, ".".join(["a" * 63] * 3) + "." + "a" * 61

CORPUS = {
    # How the text is written.
    "as it is": HEAD + "---\n" + CLUSTER,
    "ClusterConfiguration first": CLUSTER + "---\n" + HEAD,
    "a leading mark": "---\n" + HEAD + "---\n" + CLUSTER,
    "a closing mark": HEAD + "---\n" + CLUSTER + "---\n",
    "a mark with a comment": HEAD + "--- # next\n" + CLUSTER,
    "dots after a document": HEAD + "...\n---\n" + CLUSTER,
    "an empty document between": HEAD + "---\n---\n" + CLUSTER,
    "a document of comments first": "# a comment\n---\n" + HEAD + "---\n" + CLUSTER,
    "a document of comments between": HEAD + "---\n# a comment\n---\n" + CLUSTER,
    "a document of comments last": HEAD + "---\n" + CLUSTER + "---\n# a comment\n",
    "comments": "# one\n" + HEAD.replace("nodeRegistration:", "nodeRegistration: # two") + "# three\n---\n# four\n" + CLUSTER,
    "a directive": "%YAML 1.1\n---\n" + HEAD + "---\n" + CLUSTER,
    "line ends of another system": (HEAD + "---\n" + CLUSTER).replace("\n", "\r\n"),
    "a byte order mark": "\ufeff" + HEAD + "---\n" + CLUSTER,
    "no line end at the end": (HEAD + "---\n" + CLUSTER).rstrip(),
    "blank lines": HEAD.replace("\n", "\n\n") + "---\n\n\n" + CLUSTER,
    "flow style": '{apiVersion: kubeadm.k8s.io/v1beta4, kind: InitConfiguration, nodeRegistration: {name: cp-1}, localAPIEndpoint: '
                  '{advertiseAddress: "192.0.2.11"}}\n---\n' + CLUSTER,
    "JSON": '{"apiVersion": "kubeadm.k8s.io/v1beta4", "kind": "InitConfiguration", "nodeRegistration": {"name": "cp-1"},\n'
            ' "localAPIEndpoint": {"advertiseAddress": "192.0.2.11"}}\n---\n' + CLUSTER,
    "an anchor": cluster("clusterName: &name prod\nnetworking:\n  dnsDomain: *name"),
    "a merged map": cluster("networking:\n  <<: {dnsDomain: a.example}\n  serviceSubnet: 10.1.0.0/16"),
    "a tab for indentation": cluster("networking:\n\tdnsDomain: a.example"),
    "an unclosed quote": cluster('clusterName: "prod'),
    "an unclosed list": cluster("apiServer: {certSANs: [a.example"),
    "a list where a map belongs": cluster("networking:\n- dnsDomain: a.example"),
    "a map where a list belongs": cluster("apiServer:\n  certSANs:\n    a: b"),
    "text where a map belongs": cluster("networking: yes please"),
    "a text that is folded": cluster("clusterName: >-\n  of two\n  lines"),
    "a key twice": cluster("clusterName: one\nclusterName: two"),
    "a key twice, deep": cluster("networking:\n  dnsDomain: a.example\n  dnsDomain: b.example"),
    "an unknown key": cluster("clusterNames: one"),
    "an unknown key, deep": cluster("networking:\n  dnsDomains: a.example"),
    "a key in other case": cluster("ClusterName: other"),
    "a key in other case, deep": cluster("networking:\n  DNSDomain: a.example"),
    "empty": "",
    "blanks": "\n \n",
    "a comment": "# nothing\n",
    "a word": "hello\n",
    "a list": "- a\n- b\n",
    # Documents.
    "ClusterConfiguration twice": HEAD + "---\n" + CLUSTER + "---\n" + CLUSTER,
    "InitConfiguration twice": HEAD + "---\n" + HEAD + "---\n" + CLUSTER,
    "InitConfiguration of two versions": HEAD + "---\n" + HEAD.replace("v1beta4", "v1beta3") + "---\n" + CLUSTER,
    "no kind": HEAD.replace("kind: InitConfiguration\n", "") + "---\n" + CLUSTER,
    "no apiVersion": HEAD.replace("apiVersion: kubeadm.k8s.io/v1beta4\n", "") + "---\n" + CLUSTER,
    "an empty kind": HEAD.replace("InitConfiguration", '""') + "---\n" + CLUSTER,
    "an unknown kind": HEAD + "---\n" + CLUSTER + "---\napiVersion: kubeadm.k8s.io/v1beta4\nkind: SomeConfiguration\n",
    "an unknown group": HEAD + "---\n" + CLUSTER + "---\napiVersion: example.com/v1\nkind: SomeConfiguration\n",
    "the core group": HEAD + "---\n" + CLUSTER + "---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n",
    "the kubelet's document": HEAD + "---\n" + CLUSTER + "---\napiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n"
                              "cgroupDriver: systemd\n",
    "kube-proxy's document": HEAD + "---\n" + CLUSTER + "---\napiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\n"
                             "mode: ipvs\n",
    "a JoinConfiguration beside": HEAD + "---\n" + CLUSTER + "---\napiVersion: kubeadm.k8s.io/v1beta4\nkind: JoinConfiguration\n"
                                  "discovery:\n  file:\n    kubeConfigPath: /etc/kubernetes/x.conf\n",
    "a JoinConfiguration alone": "apiVersion: kubeadm.k8s.io/v1beta4\nkind: JoinConfiguration\ndiscovery:\n  file:\n    kubeConfigPath: /x\n",
    "a JoinConfiguration of a control plane beside": HEAD + "---\n" + CLUSTER + "---\n" + JOIN + CONTROL_PLANE,
    "a JoinConfiguration of a control plane": JOIN + CONTROL_PLANE + "---\n" + CLUSTER,
    "a JoinConfiguration of a control plane, cluster first": CLUSTER + "---\n" + JOIN + CONTROL_PLANE,
    "a JoinConfiguration of a control plane alone": JOIN + CONTROL_PLANE,
    "a JoinConfiguration of a worker": JOIN + "---\n" + CLUSTER,
    "a JoinConfiguration with a bad address": JOIN + CONTROL_PLANE.replace("192.0.2.12", "192.0.2.300") + "---\n" + CLUSTER,
    "the ConfigMap of the cluster": HEAD + "---\n" + CONFIG_MAP,
    "the ConfigMap of the cluster with a bad name": HEAD + "---\n" + CONFIG_MAP + "    apiServer: {certSANs: [a_b]}\n",
    "the ConfigMap and ClusterConfiguration": HEAD + "---\n" + CONFIG_MAP + "---\n" + CLUSTER,
    "a ConfigMap of another matter": HEAD + "---\n" + CLUSTER + "---\n" + CONFIG_MAP.replace("  ClusterConfiguration:", "  other:"),
    "v1beta2 of its time": old("v1beta2"),
    "v1beta1 of its time": old("v1beta1"),
    "v1alpha3 of its time": old("v1alpha3"),
    "v1beta2": (HEAD + "---\n" + CLUSTER).replace("v1beta4", "v1beta2"),
    "v1beta1": (HEAD + "---\n" + CLUSTER).replace("v1beta4", "v1beta1"),
    "v1beta3": (HEAD + "---\n" + CLUSTER.replace("encryptionAlgorithm: ECDSA-P256", "featureGates:\n  PublicKeysECDSA: true")).replace(
        "v1beta4", "v1beta3"),
    "v1beta3 with fields of v1beta4": (HEAD + "---\n" + CLUSTER + "certificateValidityPeriod: 100h\nfeatureGates:\n"
                                       "  PublicKeysECDSA: true\n").replace("v1beta4", "v1beta3"),
    "v1beta3 and v1beta4": HEAD.replace("v1beta4", "v1beta3") + "---\n" + CLUSTER,
    "v1": (HEAD + "---\n" + CLUSTER).replace("v1beta4", "v1"),
    "v9": (HEAD + "---\n" + CLUSTER).replace("v1beta4", "v9"),
    "another group": (HEAD + "---\n" + CLUSTER).replace("kubeadm.k8s.io", "kubeadm.example.com"),
    # Scalars.
    "a number for a text": cluster("clusterName: 12345"),
    "a truth value for a text": cluster("clusterName: true"),
    "the word yes": cluster("clusterName: yes"),
    "the word on for a domain": cluster("networking:\n  dnsDomain: on"),
    "a quoted number for a text": cluster("clusterName: '12345'"),
    "a number with an exponent": cluster("clusterName: 1e3"),
    "a date": cluster("clusterName: 2001-01-01"),
    "a tagged text": cluster("clusterName: !!str 12345"),
    "a binary text": cluster("clusterName: !!binary cHJvZA=="),
    "nothing for a text": cluster("clusterName:"),
    "a tilde for a text": cluster("clusterName: ~"),
    "an empty text for the cluster's name": cluster('clusterName: ""'),
    "null for a map": cluster("networking: null"),
    "null for a list": cluster("apiServer:\n  certSANs: null"),
    "an empty list": cluster("apiServer:\n  certSANs: []"),
    "null in a list": cluster("apiServer:\n  certSANs: [null]"),
    "a number in a list": cluster("apiServer:\n  certSANs: [10]"),
    "a text for a list": cluster("apiServer:\n  certSANs: a.example"),
    **each("bindPort", lambda value: endpoint(f"  advertiseAddress: 192.0.2.11\n  bindPort: {value}"),
           ["0", "1", "65535", "65536", "-1", '"6443"', "6443.0", "6443.5", "6e3", "0x1f90", "010", "null", "true", "99999999999"]),
    # The node.
    **each("node name", node, ["Cp-1", "CP-1", "cp_1", "cp-1.", ".cp-1", "-cp", "cp-", "cp..1", "cp 1", '""', "10", "1.2.3.4", "192.0.2.11", "1.2.3.04", "1.2.3", '"2001:db8::7"', LABEL_63,
                               "a" * 64, NAME_253, NAME_253 + "b", "münchen", "'*.example'", "localhost", "' cp-1'", "cp-1,cp-2"]),
    **each("advertise address", advertise,
           ["0.0.0.0", "127.0.0.1", "localhost", '"::"', '"::1"', "224.0.0.1", "255.255.255.255", '"fe80::1"', "192.0.2.011", "192.0.2.256",
            "192.0.2", '"::ffff:192.0.2.11"', '"2001:DB8::11"', '"[2001:db8::11]"', '"fe80::1%eth0"', "192.0.2.11/24", "' 192.0.2.11'",
            "cp-1.example"]),
    "a certificateKey": init("certificateKey: " + "0123456789abcdef" * 4),
    "a certificateKey that is short": init("certificateKey: 0123"),
    "a bootstrap token": init("bootstrapTokens:\n- token: abcdef.0123456789abcdef\n  ttl: 1h0m0s"),
    "an invalid bootstrap token": init("bootstrapTokens:\n- token: nonsense"),
    "phases to skip": init("skipPhases:\n- addon/kube-proxy"),
    "time-outs": init("timeouts:\n  controlPlaneComponentHealthCheck: 1m0s"),
    "a taint list": head("nodeRegistration:\n  name: cp-1\n  taints: []\n  kubeletExtraArgs:\n  - name: v\n    value: '4'\n"
                         "localAPIEndpoint:\n  advertiseAddress: 192.0.2.11"),
    # The cluster.
    **each("endpoint", lambda value: cluster(f"controlPlaneEndpoint: {value}"),
           ["api.example", "api.example:6443", '"api.example:0"', '"api.example:65535"', '"api.example:65536"', '"api.example:"', '":6443"',
            '"api.example:abc"', '"api.example:-1"', '"api.example:+1"', '"api.example:06443"', "API.example", "api_x.example", "api.example.",
            "'*.example'", "https://api.example:6443", "api.example/path", '"[2001:db8::1]:6443"', '"[2001:db8::1]"', '"2001:db8::1"',
            '"2001:db8::1:6443"', '"[api.example]:6443"', "192.0.2.100", "192.0.2.300", "192.0.2.010", '"192.0.2.100:6443"', '""',
            '" api.example"', "0.0.0.0", '"::ffff:192.0.2.100"', '"a b"', '"fe80::1%eth0"', LABEL_63 + "a.example", NAME_253]),
    **each("service subnet", lambda value: cluster(f"networking:\n  serviceSubnet: {value}"),
           ["10.96.0.0/12", "10.96.0.0/11", "10.96.0.0/28", "10.96.0.0/29", "10.96.0.0/30", "10.96.0.0/32", "10.96.0.0", "10.96.0.0/33",
            "10.96.0.0/x", "010.96.0.0/12", "10.96.0.0/012", "0.0.0.0/12", "127.0.0.0/16", '""', '"10.96.0.0/16, fd00::/112"',
            '"10.96.0.0/16,10.97.0.0/16"', '"10.96.0.0/16,fd00::/112,fd01::/112"', '"10.96.0.0/16,"', '"fd00::/112"', '"fd00::/108"',
            '"fd00::/107"', '"fd00::/124"', '"fd00::/125"', '"fd00::/64"', '"fd00::/48"', '"::ffff:10.96.0.0/112"', '"fd00::1/112,10.96.3.4/16"',
            '"nonsense"']),
    **each("pod subnet", lambda value: cluster(f"networking:\n  podSubnet: {value}"), ["10.244.0.0/16", "nonsense", "10.244.0.0/30"]),
    **each("DNS domain", lambda value: cluster(f"networking:\n  dnsDomain: {value}"),
           ["Cluster.Local", "cluster_local", "cluster.local.", '""', "local", "a..b", "-a", "'*.a'", NAME_253[:200], NAME_253]),
    **each("directory", lambda value: plain_cluster(f"certificatesDir: {value}"), ["pki", "./pki", "../pki"]),
    **each("algorithm", lambda value: plain_cluster(f"encryptionAlgorithm: {value}"),
           ["RSA-2048", "rsa-2048", "RSA", "RSA-1024", "ECDSA-P256", "ecdsa-p256", "ECDSA-P384", "ECDSA-P521", "ED25519", "ML-DSA-44", "2048"]),
    **each("validity", lambda value: cluster(f"certificateValidityPeriod: {value}"),
           ["100h", "100h0m0s", "100.5h", "6000m30s", "100h1h", "1d", "365d", "100", "0", '""', "null", "100H", "+5h", "1h 1m", "360000s", "5000ms",
            "1500ms", "1us", "100h.5h", "100.h", "2000000h", "3000000h", "99999999999h", "1y", "abc", "{}"]),
    **each("validity of CAs", lambda value: cluster(f"caCertificateValidityPeriod: {value}"), ["1000h", "1d", "100000h", "x"]),
    "validity of nothing": cluster("certificateValidityPeriod: 0s"),
    "validity that is negative": cluster("certificateValidityPeriod: -1h"),
    "validity of CAs that is nothing": cluster("caCertificateValidityPeriod: 0s"),
    **each("name", san,
           ["a.example", "A.Example", "'*.a.example'", "'*.*.a.example'", "'*'", "'*.'", "a.*.example", "a*.example", "foo_bar.example",
            "a..example", "a.example.", ".a.example", "-a.example", "a-.example", "'a.example '", '""', "10.0.0.0/8", '"[2001:db8::1]"',
            "1.2.3.4.5", "010.000.000.005", "256.1.1.1", '"fe80::1%eth0"', "user@a.example", "https://a.example", "'a.example:6443'",
            "'a.example,b.example'", "'a.example\\0b'", '"a.example\\0b"', '"a.example\\n"', "0.0.0.0", '"::"', '"::1"', '"::ffff:1.2.3.4"',
            LABEL_63 + ".example", LABEL_63 + "a.example", NAME_253, NAME_253 + "b", "münchen.example", "xn--mnchen-3ya.example",
            "localhost", "0x7f000001", "'127.1'"]),
    "a good name and a bad one": san("a.example", "b_b.example"),
    "a number before a bad name": san("10", "a.example", "b_b.example"),
    "null between names": san("a.example", "null", "b.example"),
    **each("name of etcd's server", lambda value: cluster(f"etcd:\n  local:\n    serverCertSANs: [{value}]"),
           ["a.example", "A.example", "'*.a.example'", "a_b", "10.0.0.5", "010.0.0.5", '"2001:DB8::1"', '""']),
    **each("name of etcd's peer", lambda value: cluster(f"etcd:\n  local:\n    peerCertSANs: [{value}]"),
           ["a.example", "A.example", "'*.a.example'", "a_b", "10.0.0.5", '""']),
    "etcd here": cluster("etcd:\n  local:\n    dataDir: /var/lib/etcd"),
    "etcd here, relative": cluster("etcd:\n  local:\n    dataDir: var/lib/etcd"),
    "etcd here, nothing said": cluster("etcd:\n  local: {}"),
    "etcd, nothing said": cluster("etcd: {}"),
    "etcd here and there": cluster("etcd:\n  local:\n    dataDir: /a\n  external:\n    endpoints: [http://192.0.2.1:2379]"),
    "etcd elsewhere, nothing said": cluster("etcd:\n  external: {}"),
    "etcd elsewhere, no endpoint": cluster("etcd:\n  external:\n    endpoints: []"),
    "etcd elsewhere": cluster("etcd:\n  external:\n    endpoints: [https://192.0.2.1:2379]\n    caFile: /a/ca.crt\n    certFile: /a/c.crt\n"
                              "    keyFile: /a/c.key"),
    "etcd elsewhere, no CA": cluster("etcd:\n  external:\n    endpoints: [https://192.0.2.1:2379]\n    certFile: /a/c.crt\n    keyFile: /a/c.key"),
    "etcd elsewhere, no key": cluster("etcd:\n  external:\n    endpoints: [https://192.0.2.1:2379]\n    caFile: /a/ca.crt\n    certFile: /a/c.crt"),
    "etcd elsewhere, CA alone": cluster("etcd:\n  external:\n    endpoints: [https://192.0.2.1:2379]\n    caFile: /a/ca.crt"),
    "etcd elsewhere, relative": cluster("etcd:\n  external:\n    endpoints: [https://192.0.2.1:2379]\n    caFile: a/ca.crt\n    certFile: a/c.crt\n"
                                        "    keyFile: a/c.key"),
    "etcd elsewhere, files without TLS": cluster("etcd:\n  external:\n    endpoints: [http://192.0.2.1:2379]\n    caFile: /a/ca.crt\n"
                                                 "    certFile: /a/c.crt\n    keyFile: /a/c.key"),
    "etcd elsewhere, TLS without files": cluster("etcd:\n  external:\n    endpoints: [https://192.0.2.1:2379]"),
    "etcd elsewhere, no scheme": cluster("etcd:\n  external:\n    endpoints: ['192.0.2.1:2379']"),
    "etcd elsewhere, nonsense": cluster("etcd:\n  external:\n    endpoints: ['nonsense']"),
    "a gate": plain_cluster("encryptionAlgorithm: ECDSA-P384").rstrip() + "\nfeatureGates:\n  PublicKeysECDSA: true\n",
    "a gate that is closed": cluster("featureGates:\n  PublicKeysECDSA: false"),
    "a gate of another matter": cluster("featureGates:\n  NodeLocalCRISocket: true"),
    "a gate that is unknown": cluster("featureGates:\n  NoSuchGate: true"),
    "a gate that is neither": cluster("featureGates:\n  PublicKeysECDSA: maybe"),
    "extra arguments": cluster("apiServer:\n  extraArgs:\n  - name: authorization-mode\n    value: Node,RBAC\ncontrollerManager:\n  extraArgs:\n"
                               "  - name: v\n    value: '2'\nscheduler: {}"),
    "extra arguments of the older form": cluster("apiServer:\n  extraArgs:\n    authorization-mode: Node,RBAC"),
    "other images": cluster("imageRepository: registry.example/k8s\ndns:\n  imageTag: v1\nproxy:\n  disabled: true"),
    "an invalid version": plain_cluster("kubernetesVersion: nonsense"),
    "a version that is too old": plain_cluster("kubernetesVersion: v1.20.0"),
}
