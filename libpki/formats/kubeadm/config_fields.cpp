// SPDX-License-Identifier: Apache-2.0
#include "formats/kubeadm/config_fields.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "formats/kubeadm/config_rows.hpp"
#include "formats/kubeadm/config_values.hpp"

namespace pki::formats {

namespace {

using Node = YamlNode;
using Path = std::string;

constexpr unsigned since_v1beta3 = v1beta3 | v1beta4;
constexpr unsigned since_v1beta2 = v1beta2 | since_v1beta3;
constexpr unsigned all = v1beta1 | since_v1beta2;
constexpr unsigned until_v1beta2 = v1beta1 | v1beta2;
constexpr unsigned until_v1beta3 = until_v1beta2 | v1beta3;

constexpr std::array node_registration{
    Field{"name", all, &parse_node_name},
    Field{"criSocket", all},
    Field{"taints", all},
    Field{"kubeletExtraArgs", all},
    Field{"ignorePreflightErrors", since_v1beta2},
    Field{"imagePullPolicy", since_v1beta3},
    Field{"imagePullSerial", v1beta4},
};

constexpr std::array local_api_endpoint{
    Field{"advertiseAddress", all,
          [](ConfigReader& r, const Node& n, const Path& p) { assign(r.config().advertise_address, r.string(n, p)); }},
    Field{"bindPort", all, &parse_bind_port},
};

constexpr std::array init_fields{
    Field{"apiVersion", all},
    Field{"kind", all},
    Field{"nodeRegistration", all, nullptr, node_registration},
    Field{"localAPIEndpoint", all, nullptr, local_api_endpoint},
    Field{"bootstrapTokens", all},
    Field{"certificateKey", since_v1beta2},
    Field{"skipPhases", since_v1beta3},
    Field{"patches", since_v1beta3},
    Field{"dryRun", v1beta4},
    Field{"timeouts", v1beta4},
};

constexpr std::array control_plane{
    Field{"localAPIEndpoint", all, nullptr, local_api_endpoint},
    Field{"certificateKey", since_v1beta2},
};

constexpr std::array join_fields{
    Field{"apiVersion", all},
    Field{"kind", all},
    Field{"nodeRegistration", all, nullptr, node_registration},
    Field{"controlPlane", all, nullptr, control_plane},
    Field{"caCertPath", all},
    Field{"discovery", all},
    Field{"skipPhases", since_v1beta3},
    Field{"patches", since_v1beta3},
    Field{"dryRun", v1beta4},
    Field{"timeouts", v1beta4},
};

constexpr std::array networking{
    Field{"serviceSubnet", all, &parse_service_subnet},
    Field{"podSubnet", all},
    Field{"dnsDomain", all,
          [](ConfigReader& r, const Node& n, const Path& p) { assign(r.config().dns_domain, r.string(n, p)); }},
};

constexpr std::array api_server{
    Field{"certSANs", all, &parse_apiserver_sans},
    Field{"extraArgs", all},
    Field{"extraVolumes", all},
    Field{"extraEnvs", v1beta4},
    Field{"timeoutForControlPlane", until_v1beta3},
};

constexpr std::array local_etcd{
    Field{"serverCertSANs", all,
          [](ConfigReader& r, const Node& n, const Path& p) { assign(r.config().etcd_server_sans, r.strings(n, p)); }},
    Field{"peerCertSANs", all,
          [](ConfigReader& r, const Node& n, const Path& p) { assign(r.config().etcd_peer_sans, r.strings(n, p)); }},
    Field{"dataDir", all},
    Field{"extraArgs", all},
    Field{"extraEnvs", v1beta4},
    Field{"imageRepository", all},
    Field{"imageTag", all},
};

constexpr std::array external_etcd{
    Field{"endpoints", all,
          [](ConfigReader& r, const Node& n, const Path& p) {
            assign(r.config().external_etcd->endpoints, r.strings(n, p));
          }},
    Field{"caFile", all,
          [](ConfigReader& r, const Node& n, const Path& p) {
            assign(r.config().external_etcd->ca_file, r.string(n, p));
          }},
    Field{"certFile", all,
          [](ConfigReader& r, const Node& n, const Path& p) {
            assign(r.config().external_etcd->cert_file, r.string(n, p));
          }},
    Field{"keyFile", all,
          [](ConfigReader& r, const Node& n, const Path& p) {
            assign(r.config().external_etcd->key_file, r.string(n, p));
          }},
};

constexpr std::array etcd{
    Field{"local", all, nullptr, local_etcd},
    Field{"external", all, [](ConfigReader& r, const Node&, const Path&) { r.config().external_etcd.emplace(); },
          external_etcd},
};

constexpr std::array cluster_fields{
    Field{"apiVersion", all},
    Field{"kind", all},
    Field{"clusterName", all,
          [](ConfigReader& r, const Node& n, const Path& p) { assign(r.config().cluster_name, r.string(n, p)); }},
    Field{"controlPlaneEndpoint", all,
          [](ConfigReader& r, const Node& n, const Path& p) {
            assign(r.config().control_plane_endpoint, r.string(n, p));
          }},
    Field{"certificatesDir", all,
          [](ConfigReader& r, const Node& n, const Path& p) {
            assign(r.config().layout.certificates_dir, r.string(n, p));
          }},
    Field{"encryptionAlgorithm", v1beta4, &parse_algorithm},
    Field{"certificateValidityPeriod", v1beta4,
          [](ConfigReader& r, const Node& n, const Path& p) { assign(r.config().leaf_validity, r.duration(n, p)); }},
    Field{"caCertificateValidityPeriod", v1beta4,
          [](ConfigReader& r, const Node& n, const Path& p) { assign(r.config().ca_validity, r.duration(n, p)); }},
    Field{"networking", all, nullptr, networking},
    Field{"apiServer", all, nullptr, api_server},
    Field{"etcd", all, &check_one_etcd, etcd},
    Field{"featureGates", all, &parse_feature_gates},
    Field{"kubernetesVersion", all},
    Field{"controllerManager", all},
    Field{"scheduler", all},
    Field{"dns", all},
    Field{"proxy", v1beta4},
    Field{"useHyperKubeImage", until_v1beta2},
    Field{"imageRepository", all},
};

constexpr std::array pki_fields{
    Field{"apiVersion", pkigen_v1},
    Field{"kind", pkigen_v1},
    Field{"naming", pkigen_v1, &parse_naming},
    Field{"role", pkigen_v1, &parse_host_role},
    Field{"kubeconfigDir", pkigen_v1, &parse_kubeconfig_dir},
    Field{"signingKeys", pkigen_v1, &parse_signing_keys},
    Field{"optionalRows", pkigen_v1, &parse_optional_rows},
    Field{"certificateAuthorities", pkigen_v1, &parse_authorities},
    Field{"certificates", pkigen_v1, &parse_leaves},
    Field{"overrides", pkigen_v1, &parse_overrides},
};

constexpr std::array kinds{
    Kind{kubeadm_group, init_kind, init_fields},
    Kind{kubeadm_group, cluster_kind, cluster_fields},
    Kind{kubeadm_group, join_kind, join_fields},
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
