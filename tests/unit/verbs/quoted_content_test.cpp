// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <pki/error_report.hpp>
#include <pki/pki.hpp>

#include <support/catch.hpp>
#include <support/temp_dir.hpp>

#include "base/base64.hpp"
#include "base/words.hpp"

// No message quotes a private key, whatever happened to the file that holds it, and wherever it was put by mistake.

namespace {

constexpr std::chrono::sys_seconds now{std::chrono::sys_days{std::chrono::year{2026} / 11 / 21}};

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

/// Cluster is a PKI in a temporary directory.
class Cluster {
 public:
  Cluster() {
    config_.node_name = "cp-1";
    config_.advertise_address = "192.0.2.1";
    config_.algorithm = pki::KeyAlgorithm::ecdsa_p256;
    config_.layout = {base_ / "pki", base_.path()};
    const auto lock = pki::lock(config_.layout);
    const auto nothing = pki::load(config_.layout);
    const auto plan = pki::plan_init(valid(), nothing, now);
    (void)pki::commit(pki::issue(plan, nothing), lock, {.command = "init", .now = now, .keep_backups = 0});
  }

  [[nodiscard]] pki::ValidConfig valid() const { return pki::validate(config_).value(); }
  [[nodiscard]] const pki::Layout& layout() const { return config_.layout; }
  [[nodiscard]] std::filesystem::path operator/(const std::string& name) const { return base_ / name; }

 private:
  TempDir base_;
  pki::ClusterConfig config_;
};

void append(std::string& text, const std::vector<pki::Finding>& findings) { text += pki::error_to_json(findings); }

// Returns everything that the library says about a PKI. `also` is a file to be scanned.
std::string all_messages(const Cluster& cluster, const std::filesystem::path& also) {
  std::string text;
  const auto attempt = [&](const std::function<void()>& action) {
    try {
      action();
    } catch (const pki::Error& error) {
      append(text, {error.finding()});
    }
  };
  attempt([&] { (void)pki::load_saved_config(cluster.layout()); });
  const auto inventory = pki::load(cluster.layout());
  append(text, inventory.notes);
  for (const auto& entry : inventory.entries)
    append(text, entry.problems);
  const auto report = pki::inspect(inventory, pki::scan_certificates(cluster / "pki", {also}).certificates, now);
  text += pki::to_json(report) + pki::to_yaml(report) + pki::to_prometheus(report);
  const auto config = cluster.valid();
  attempt([&] { text += pki::to_json(pki::plan_init(config, inventory, now)); });
  attempt([&] { text += pki::to_json(pki::plan_renew(&config, inventory, now)); });
  attempt([&] { append(text, pki::parse_config(slurp(also), "also").problems); });
  return text;
}

/// Secret is a key whose octets no text may hold.
struct Secret {
  std::string pem;
  std::string base64;  // of its private number

  explicit Secret(const std::string& key_pem) : pem(key_pem) {
    // In SEC 1 the number follows seven octets of header: it begins in the tenth character and has 42 more.
    base64 = pem.substr(pem.find('\n') + 1).substr(10, 42);
  }

  [[nodiscard]] bool is_in(std::string_view text) const {
    constexpr std::size_t octets_6 = 8;
    for (std::size_t i = 0; i + octets_6 <= base64.size(); ++i)
      if (text.find(base64.substr(i, octets_6)) != std::string_view::npos) return true;
    return false;
  }
};

std::vector<std::string> damaged(const std::string& pem) {
  return {replaced(pem, "\n", " "),
          replaced(pem, "\n", "\\n"),
          replaced(pem, "\n", "\r"),
          replaced(pem, "\n", ""),
          replaced(pem, "\n", "\t"),
          replaced(pem, "\n", "\",\n\""),
          "> " + replaced(pem, "\n", "\n> "),
          replaced(pem, "-----", "----"),
          replaced(pem, "-----\n", "\n"),
          replaced(pem, "EC PRIVATE", "ec private"),
          pem.substr(0, pem.size() / 2),
          pem.substr(pem.find('\n') + 1),
          pem.substr(40, 64),
          pki::base::to_base64(pem)};
}

}  // namespace

TEST_CASE("no message quotes a damaged key, whichever file holds it") {
  const Cluster cluster;
  const Secret secret(slurp(cluster / "pki/apiserver.key"));
  for (const auto* file : {"pki/apiserver.key", "pki/ca.key", "pki/sa.key", "pki/sa.pub", "pki/apiserver.crt",
                           "pki/ca.crt", "pki/kubelet.crt", "admin.conf", "pkigen.yaml"}) {
    const auto before = std::filesystem::exists(cluster / file) ? slurp(cluster / file) : std::string();
    for (const auto& text : damaged(secret.pem)) {
      INFO(file << ": " << text.substr(0, 40));
      put(cluster / file, text);
      CHECK_FALSE(secret.is_in(all_messages(cluster, cluster / file)));
      put(cluster / file, text + "\n" + before);
      CHECK_FALSE(secret.is_in(all_messages(cluster, cluster / file)));
    }
    put(cluster / file, before);
  }
}

TEST_CASE("no message quotes a key that is in a wrong field of a kubeconfig") {
  const Cluster cluster;
  const Secret secret(slurp(cluster / "pki/apiserver.key"));
  const auto file = cluster / "admin.conf";
  const auto good = slurp(file);
  for (const auto& key :
       {replaced(secret.pem, "\n", " "), secret.pem, secret.pem.substr(40, 64), pki::base::to_base64(secret.pem)}) {
    const auto value = "\"" + replaced(replaced(replaced(key, "\\", "\\\\"), "\"", "\\\""), "\n", "\\n") + "\"";
    for (const auto* field :
         {"kind: ", "apiVersion: ", "current-context: ", "  name: ", "- name: ", "    user: ", "    cluster: ",
          "server: ", "certificate-authority-data: ", "client-certificate-data: ", "client-key-data: "}) {
      const auto at = good.find(field);
      if (at == std::string::npos) continue;
      const auto line = at + std::string_view(field).size();
      INFO(field << value.substr(0, 40));
      const auto with = [&](const std::string& text) {
        put(file, text);
        CHECK_FALSE(secret.is_in(all_messages(cluster, file)));
      };
      const auto rest = good.substr(good.find('\n', line));
      with(good.substr(0, line) + value + rest);
      with(good.substr(0, line) + key + rest);
      with(good.substr(0, line) + "https://admin:" + secret.pem.substr(41, 50) + "@host" + rest);
      with(good.substr(0, line) + "[" + value + "]" + rest);
      with(good.substr(0, line) + "{" + value + ": 1}" + rest);
    }
    for (const auto* field : {"client-certificate", "certificate-authority", "token", "password", "note"}) {
      INFO(field << ": " << value.substr(0, 40));
      put(file,
          replaced(replaced(good, "client-certificate-data: ", std::string(field) + ": " + value + "\n    other: "),
                   "certificate-authority-data: ", std::string(field) + ": " + value + "\n    other: "));
      CHECK_FALSE(secret.is_in(all_messages(cluster, file)));
    }
  }
}

TEST_CASE("no message quotes a key that is in a wrong field of a configuration file") {
  const Cluster cluster;
  const Secret secret(slurp(cluster / "pki/apiserver.key"));
  const Secret in_lower_case(pki::base::lower_case(secret.pem));
  const auto file = cluster / "config.yaml";
  constexpr std::string_view init = "apiVersion: kubeadm.k8s.io/v1beta4\nkind: InitConfiguration\n";
  constexpr std::string_view cluster_wide = "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\n";
  constexpr std::string_view join = "apiVersion: kubeadm.k8s.io/v1beta4\nkind: JoinConfiguration\n";
  constexpr std::string_view own = "apiVersion: pkigen/v1\nkind: PkiConfiguration\n";
  // {} is the value.
  const std::pair<std::string_view, std::string_view> fields[] = {
      {init, "nodeRegistration: {name: {}}"},
      {init, "nodeRegistration: {}"},
      {init, "localAPIEndpoint: {advertiseAddress: {}}"},
      {init, "localAPIEndpoint: {bindPort: {}}"},
      {init, "certificateKey: [{}]"},
      {init, "bootstrapTokens: {}"},
      {init, "{}: 1"},
      {cluster_wide, "clusterName: {}"},
      {cluster_wide, "clusterName: [{}]"},
      {cluster_wide, "controlPlaneEndpoint: {}"},
      {cluster_wide, "certificatesDir: {}"},
      {cluster_wide, "kubernetesVersion: {}"},
      {cluster_wide, "encryptionAlgorithm: {}"},
      {cluster_wide, "certificateValidityPeriod: {}"},
      {cluster_wide, "caCertificateValidityPeriod: {}"},
      {cluster_wide, "networking: {serviceSubnet: {}}"},
      {cluster_wide, "networking: {dnsDomain: {}}"},
      {cluster_wide, "apiServer: {certSANs: [{}]}"},
      {cluster_wide, "apiServer: {certSANs: {}}"},
      {cluster_wide, "etcd: {local: {serverCertSANs: [{}], peerCertSANs: [{}]}}"},
      {cluster_wide, "etcd: {external: {endpoints: [{}], caFile: {}, certFile: {}, keyFile: {}}}"},
      {cluster_wide, "featureGates: {{}: true}"},
      {join, "nodeRegistration: {name: {}}"},
      {join, "controlPlane: {localAPIEndpoint: {advertiseAddress: {}}}"},
      {own, "naming: {}"},
      {own, "kubeconfigDir: {}"},
      {own, "role: {}"},
      {own, "{}: {}"},
      {"", "apiVersion: {}\nkind: InitConfiguration"},
      {"", "apiVersion: kubeadm.k8s.io/v1beta4\nkind: {}"},
  };
  for (const auto& [header, field] : fields) {
    for (const auto& key : {replaced(secret.pem, "\n", "\\n"), replaced(secret.pem, "\n", " "),
                            secret.pem.substr(40, 64), pki::base::to_base64(secret.pem)}) {
      INFO(field << ": " << key.substr(0, 40));
      const auto text = std::string(header) + replaced(std::string(field), "{}", '"' + key + '"') + "\n";
      put(file, text);
      std::string said;
      try {
        const auto parsed = pki::parse_config(text, file);
        append(said, parsed.problems);
        append(said, parsed.warnings);
        const auto validation = pki::validate(parsed.config);
        append(said, validation.problems);
        append(said, validation.warnings);
      } catch (const pki::Error& error) {
        append(said, {error.finding()});
      }
      CHECK_FALSE(secret.is_in(said));
      CHECK_FALSE(in_lower_case.is_in(said));
    }
  }
}
