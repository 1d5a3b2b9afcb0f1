# SPDX-License-Identifier: Apache-2.0
"""The configurations that both tools are given, as kubeadm's own YAML.

Values are those of one control-plane node; PREFIX is the path before /etc/kubernetes in the tree of the tool that
reads the file.
"""

PREFIX = "@PREFIX@"
EC = {"encryptionAlgorithm": "ECDSA-P256"}
# etcd's certificates have the node's name for common name, which X.509 bounds to 64 characters (RFC 5280, A.1).
NODE_OF_64 = "control-plane-01.rack-17.hall-3.datacentre-north.example-company"


class Configuration:
    def __init__(self, init=None, cluster=None, api="v1beta4", directory="/etc/kubernetes/pki"):
        self.api, self.directory = api, directory
        self.init = merged({"nodeRegistration": {"name": "cp-1"}, "localAPIEndpoint": {"advertiseAddress": "192.0.2.11"}}, init)
        self.cluster = {"certificatesDir": PREFIX + directory, **(cluster or {})}

    def text(self, prefix, release):
        documents = [("InitConfiguration", self.init), ("ClusterConfiguration", {"kubernetesVersion": release, **self.cluster})]
        parts = []
        for kind, fields in documents:
            body = {"apiVersion": f"kubeadm.k8s.io/{self.api}", "kind": kind, **fields}
            parts.append("\n".join(yaml_lines(body)))
        return "\n---\n".join(parts).replace(PREFIX, str(prefix)) + "\n"


def merged(base, more):
    result = dict(base)
    for key, value in (more or {}).items():
        result[key] = merged(base[key], value) if isinstance(value, dict) and isinstance(base.get(key), dict) else value
    return result


def yaml_lines(value, indent=""):
    for key, item in value.items():
        if isinstance(item, dict):
            yield f"{indent}{key}:" + ("" if item else " {}")
            yield from yaml_lines(item, indent + "  ")
        elif isinstance(item, (list, tuple)):
            yield f"{indent}{key}:" + ("" if item else " []")
            yield from (f"{indent}- {scalar(each)}" for each in item)
        else:
            yield f"{indent}{key}: {scalar(item)}"


def scalar(value):
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int) else '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'


def ec(init=None, **cluster):
    return Configuration(init, {**EC, **cluster})


def at(address, **more):
    return {"localAPIEndpoint": {"advertiseAddress": address, **more}}


def sans(*names):
    return {"certSANs": list(names)}


CONFIGURATIONS = {
    # Algorithms. RSA is slow to make, so only these have it.
    "defaults": Configuration(),
    "rsa-3072": Configuration(cluster={"encryptionAlgorithm": "RSA-3072"}),
    "rsa-4096": Configuration(cluster={"encryptionAlgorithm": "RSA-4096"}),
    "ecdsa-p256": ec(),
    "ecdsa-p384": Configuration(cluster={"encryptionAlgorithm": "ECDSA-P384"}),
    # Addresses.
    "dual-stack": ec(networking={"serviceSubnet": "10.112.0.0/16,fd00:10:112::/108"}),
    "dual-stack, IPv6 first": ec(at("2001:db8::11"), networking={"serviceSubnet": "fd00:10:112::/108,10.112.0.0/16"}),
    "IPv6": ec(at("2001:db8::11"), networking={"serviceSubnet": "fd00:10:96::/112"}),
    "IPv6 in full": ec(at("2001:0DB8:0:0:0:0:0:11"), networking={"serviceSubnet": "FD00:10:96:0::/112"}),
    "service subnet with host bits": ec(networking={"serviceSubnet": "172.20.5.7/16"}),
    "smallest service subnet": ec(networking={"serviceSubnet": "172.20.5.16/28"}),
    "largest service subnet": ec(networking={"serviceSubnet": "10.240.0.0/12"}),
    "another port": ec(at("192.0.2.11", bindPort=16443)),
    # Endpoints.
    "endpoint, name": ec(controlPlaneEndpoint="api.example.internal"),
    "endpoint, name and port": ec(controlPlaneEndpoint="api.example.internal:8443"),
    "endpoint, name of one label": ec(controlPlaneEndpoint="api:6443"),
    "endpoint, address": ec(controlPlaneEndpoint="192.0.2.100"),
    "endpoint, address and port": ec(controlPlaneEndpoint="192.0.2.100:8443"),
    "endpoint, the node itself": ec(controlPlaneEndpoint="192.0.2.11:6443"),
    "endpoint, IPv6": ec(controlPlaneEndpoint="2001:db8::100"),
    "endpoint, IPv6 in brackets and port": ec(controlPlaneEndpoint="[2001:db8:0::100]:8443"),
    "endpoint and another port": ec(at("192.0.2.11", bindPort=16443), controlPlaneEndpoint="api.example.internal"),
    "endpoint with a name of its own": ec(controlPlaneEndpoint="kubernetes.default.svc:6443"),
    # Further names.
    "further names": ec(apiServer=sans("lb.example.internal", "10.0.0.5", "2001:db8::5"),
                        etcd={"local": {"serverCertSANs": ["etcd.example.internal", "10.0.0.6"],
                                        "peerCertSANs": ["peer.example.internal", "2001:db8::7"]}}),
    "further names, wildcards": ec(apiServer=sans("*.apps.example.internal", "*.example.internal"),
                                   etcd={"local": {"serverCertSANs": ["*.etcd.example.internal"],
                                                   "peerCertSANs": ["*.peer.example.internal"]}}),
    "further names, twice": ec(apiServer=sans("lb.example.internal", "lb.example.internal", "kubernetes", "cp-1", "10.0.0.5",
                                              "10.0.0.5", "10.96.0.1", "192.0.2.11"),
                               controlPlaneEndpoint="lb.example.internal:6443",
                               etcd={"local": {"serverCertSANs": ["localhost", "127.0.0.1", "::1", "cp-1"],
                                               "peerCertSANs": ["localhost", "0:0:0:0:0:0:0:1", "192.0.2.11"]}}),
    "further names, upper case": ec(apiServer=sans("LB.Example.Internal", "2001:DB8::A", "*.Apps.Example.COM")),
    "further names, order": ec(apiServer=sans("z.example.internal", "10.0.0.9", "a.example.internal", "10.0.0.10", "10.0.0.1")),
    "further names, many": ec(apiServer=sans(*[f"name-{number}.example.internal" for number in range(60)],
                                             *[f"10.1.{number}.1" for number in range(60)])),
    "further names, digits": ec(apiServer=sans("10", "1a.2b.3c", "0x7f.example", "123.example")),
    # etcd elsewhere.
    "external etcd": ec(etcd={"external": {"endpoints": ["https://etcd-1.example.internal:2379"], "caFile": "/etc/etcd/ca.crt",
                                           "certFile": "/etc/etcd/client.crt", "keyFile": "/etc/etcd/client.key"}}),
    "external etcd without TLS": ec(etcd={"external": {"endpoints": ["http://192.0.2.50:2379", "http://192.0.2.51:2379"]}}),
    # Time.
    "validity": ec(certificateValidityPeriod="2160h", caCertificateValidityPeriod="43800h"),
    "validity, beyond the defaults": ec(certificateValidityPeriod="17520h", caCertificateValidityPeriod="175200h"),
    "validity, minutes and seconds": ec(certificateValidityPeriod="100h30m15s", caCertificateValidityPeriod="1000h0m1s"),
    "validity, beyond 2050": ec(certificateValidityPeriod="262800h", caCertificateValidityPeriod="438000h"),
    "validity, leaf as long as the CA": ec(certificateValidityPeriod="8760h", caCertificateValidityPeriod="8760h"),
    "validity, leaf longer than the CA": ec(certificateValidityPeriod="8760h", caCertificateValidityPeriod="4380h"),
    # Names and places.
    "other directory": Configuration(cluster=EC, directory="/etc/kubernetes/certificates/of this cluster"),
    "cluster name": ec(clusterName="prod.eu-1"),
    "cluster name that YAML must quote": ec(clusterName="yes: {a cluster}, 'quoted' # \"twice\""),
    "cluster name that looks like a number": ec(clusterName="12345"),
    "cluster name of other letters": ec(clusterName="grüne Wolke 云"),
    "cluster name that is long": ec(clusterName="long name " * 20 + "end"),
    "DNS domain": ec(networking={"dnsDomain": "k8s.example.internal"}),
    "node name with dots": ec({"nodeRegistration": {"name": "cp-1.rack-17.example.internal"}}),
    "node name of digits": ec({"nodeRegistration": {"name": "10"}}),
    "node name of 50 characters": ec({"nodeRegistration": {"name": NODE_OF_64[:50]}}),
    "node name of 64 characters": ec({"nodeRegistration": {"name": NODE_OF_64}}),
    "node name of 100 characters": ec({"nodeRegistration": {"name": NODE_OF_64 + ".and-yet-more.example.internal.cluster"[:36]}}),
    "node name of the host": Configuration({"nodeRegistration": {"name": ""}}, EC),
    # The older form of the file.
    "v1beta3": Configuration(api="v1beta3", cluster={"featureGates": {"PublicKeysECDSA": True}, "clusterName": "older",
                                                     "networking": {"serviceSubnet": "10.97.0.0/16"}}),
    "gate for ECDSA": Configuration(cluster={"featureGates": {"PublicKeysECDSA": True}}),
}
