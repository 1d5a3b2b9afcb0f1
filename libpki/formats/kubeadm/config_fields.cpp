#include "formats/kubeadm/config_fields.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "formats/kubeadm/config_values.hpp"

namespace pki::formats {

namespace {

using Node = YamlNode;
using Path = std::string;

constexpr unsigned both = v1beta3 | v1beta4;

constexpr std::array node_registration{
    Field{"name", both, &parse_node_name},
    Field{"criSocket", both},
    Field{"taints", both},
    Field{"kubeletExtraArgs", both},
    Field{"ignorePreflightErrors", both},
    Field{"imagePullPolicy", both},
    Field{"imagePullSerial", v1beta4},
};

constexpr std::array local_api_endpoint{
    Field{"advertiseAddress", both,
          [](ConfigReader& r, const Node& n, const Path& p) { assign(r.config().advertise_address, r.string(n, p)); }},
    Field{"bindPort", both, &parse_bind_port},
};

constexpr std::array init_fields{
    Field{"apiVersion", both},
    Field{"kind", both},
    Field{"nodeRegistration", both, nullptr, node_registration},
    Field{"localAPIEndpoint", both, nullptr, local_api_endpoint},
    Field{"bootstrapTokens", both},
    Field{"certificateKey", both},
    Field{"skipPhases", both},
    Field{"patches", both},
    Field{"dryRun", v1beta4},
    Field{"timeouts", v1beta4},
};

constexpr std::array networking{
    Field{"serviceSubnet", both, &parse_service_subnet},
    Field{"podSubnet", both},
    Field{"dnsDomain", both,
          [](ConfigReader& r, const Node& n, const Path& p) { assign(r.config().dns_domain, r.string(n, p)); }},
};

constexpr std::array api_server{
    Field{"certSANs", both, &parse_apiserver_sans},
    Field{"extraArgs", both},
    Field{"extraVolumes", both},
    Field{"extraEnvs", v1beta4},
    Field{"timeoutForControlPlane", v1beta3},
};

constexpr std::array local_etcd{
    Field{"serverCertSANs", both,
          [](ConfigReader& r, const Node& n, const Path& p) { assign(r.config().etcd_server_sans, r.strings(n, p)); }},
    Field{"peerCertSANs", both,
          [](ConfigReader& r, const Node& n, const Path& p) { assign(r.config().etcd_peer_sans, r.strings(n, p)); }},
    Field{"dataDir", both},
    Field{"extraArgs", both},
    Field{"extraEnvs", v1beta4},
    Field{"imageRepository", both},
    Field{"imageTag", both},
};

constexpr std::array external_etcd{
    Field{"endpoints", both,
          [](ConfigReader& r, const Node& n, const Path& p) {
            assign(r.config().external_etcd->endpoints, r.strings(n, p));
          }},
    Field{"caFile", both,
          [](ConfigReader& r, const Node& n, const Path& p) {
            assign(r.config().external_etcd->ca_file, r.string(n, p));
          }},
    Field{"certFile", both,
          [](ConfigReader& r, const Node& n, const Path& p) {
            assign(r.config().external_etcd->cert_file, r.string(n, p));
          }},
    Field{"keyFile", both,
          [](ConfigReader& r, const Node& n, const Path& p) {
            assign(r.config().external_etcd->key_file, r.string(n, p));
          }},
};

constexpr std::array etcd{
    Field{"local", both, nullptr, local_etcd},
    Field{"external", both, [](ConfigReader& r, const Node&, const Path&) { r.config().external_etcd.emplace(); },
          external_etcd},
};

constexpr std::array cluster_fields{
    Field{"apiVersion", both},
    Field{"kind", both},
    Field{"clusterName", both,
          [](ConfigReader& r, const Node& n, const Path& p) { assign(r.config().cluster_name, r.string(n, p)); }},
    Field{"controlPlaneEndpoint", both,
          [](ConfigReader& r, const Node& n, const Path& p) {
            assign(r.config().control_plane_endpoint, r.string(n, p));
          }},
    Field{"certificatesDir", both,
          [](ConfigReader& r, const Node& n, const Path& p) {
            assign(r.config().layout.certificates_dir, r.string(n, p));
          }},
    Field{"encryptionAlgorithm", v1beta4, &parse_algorithm},
    Field{"certificateValidityPeriod", v1beta4,
          [](ConfigReader& r, const Node& n, const Path& p) { assign(r.config().leaf_validity, r.duration(n, p)); }},
    Field{"caCertificateValidityPeriod", v1beta4,
          [](ConfigReader& r, const Node& n, const Path& p) { assign(r.config().ca_validity, r.duration(n, p)); }},
    Field{"networking", both, nullptr, networking},
    Field{"apiServer", both, nullptr, api_server},
    Field{"etcd", both, &check_one_etcd, etcd},
    Field{"featureGates", both, &parse_feature_gates},
    Field{"kubernetesVersion", both},
    Field{"controllerManager", both},
    Field{"scheduler", both},
    Field{"dns", both},
    Field{"proxy", v1beta4},
    Field{"imageRepository", both},
};

constexpr std::array pki_fields{
    Field{"apiVersion", pkigen_v1},
    Field{"kind", pkigen_v1},
    Field{"naming", pkigen_v1, &parse_naming},
    Field{"kubeconfigDir", pkigen_v1, &parse_kubeconfig_dir},
};

constexpr std::array kinds{
    Kind{kubeadm_group, "InitConfiguration", init_fields},
    Kind{kubeadm_group, "ClusterConfiguration", cluster_fields},
    Kind{kubeadm_group, "JoinConfiguration", {}},
    Kind{kubeadm_group, "UpgradeConfiguration", {}},
    Kind{kubeadm_group, "ResetConfiguration", {}},
    Kind{"kubelet.config.k8s.io", "KubeletConfiguration", {}},
    Kind{"kubeproxy.config.k8s.io", "KubeProxyConfiguration", {}},
    Kind{pkigen_group, "PkiConfiguration", pki_fields},
};

void warn_unknown(ConfigReader& reader, const YamlEntry& entry, const Path& path, bool elsewhere) {
  reader.warning(Rule::config_unknown_field, entry.line, path, "unknown field",
                 elsewhere ? "it belongs to another version of kubeadm.k8s.io" : "");
}

void read_field(ConfigReader& reader, const YamlEntry& entry, const Path& path, const Field& field, Version version) {
  const auto& value = entry.value;
  if (value.kind == Node::Kind::null) return;
  reader.found(path, entry.line);
  const bool object = !field.fields.empty();
  if (object && value.kind != Node::Kind::map) return reader.wrong_type(value, path, "an object");
  if (field.apply != nullptr) field.apply(reader, value, path);
  if (object) read_object(reader, value, path, field.fields, version);
}

}  // namespace

std::span<const Kind> document_kinds() noexcept { return kinds; }

void read_object(ConfigReader& reader, const YamlNode& object, const std::string& path, std::span<const Field> fields,
                 Version version) {
  for (const auto& entry : object.entries) {
    const auto here = field_path(path, entry.name);
    const auto field =
        std::find_if(fields.begin(), fields.end(), [&](const Field& each) { return each.name == entry.name; });
    if (field == fields.end() || (field->versions & version) == 0)
      warn_unknown(reader, entry, here, field != fields.end());
    else
      read_field(reader, entry, here, *field, version);
  }
}

}  // namespace pki::formats
