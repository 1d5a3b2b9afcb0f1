// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include <pki/pki.hpp>

#include <support/catch.hpp>
#include <support/temp_dir.hpp>

// What `load` reads outside of the layout: the files to which kubeconfigs refer, and those for an external etcd.

namespace {

using pki::Rule;
using pki::Severity;

/// Cluster is a new PKI with its kubeconfigs.
class Cluster {
 public:
  Cluster() {
    config_.node_name = "cp-1";
    config_.advertise_address = "192.0.2.1";
    config_.algorithm = pki::KeyAlgorithm::ecdsa_p256;
    config_.layout = {base_ / "pki", base_.path()};
    const auto nothing = pki::load(config_.layout);
    const auto lock = pki::lock(config_.layout);
    const auto bundle = pki::issue(pki::plan_init(pki::validate(config_).value(), nothing, now()), nothing);
    (void)pki::commit(bundle, lock, {.command = "test", .now = now(), .keep_backups = 0});
  }

  [[nodiscard]] std::filesystem::path operator/(const std::string& name) const { return base_ / name; }
  [[nodiscard]] pki::ClusterConfig& config() { return config_; }
  [[nodiscard]] pki::Inventory load() const {
    return pki::load(config_.layout, pki::KeyCheck::consistency, pki::default_catalog(), &config_);
  }

  /// Replaces scheduler.conf with one whose user and cluster have these fields.
  void write_scheduler(const std::string& user, const std::string& cluster) const {
    put(base_ / "scheduler.conf",
        fmt::format("apiVersion: v1\nkind: Config\ncurrent-context: c\nclusters:\n- name: k\n  cluster: {{server: "
                    "\"https://192.0.2.1:6443\", {}}}\ncontexts:\n- name: c\n  context: {{cluster: k, user: u}}\n"
                    "users:\n- name: u\n  user: {{{}}}\n",
                    cluster, user),
        0600);
  }

  static std::chrono::sys_seconds now() {
    return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  }

 private:
  TempDir base_{memory_dir()};
  pki::ClusterConfig config_;
};

std::string text_of(const pki::SecretString& secret) { return {secret.begin(), secret.end()}; }

constexpr auto ca_file = "certificate-authority: pki/ca.crt";
constexpr auto user_files = "client-certificate: s.crt, client-key: s.key";

pki::State state_of(const pki::Inventory& inventory, std::string_view name) {
  const auto report = pki::inspect(inventory, {}, Cluster::now());
  return std::ranges::find(report.certificates, name, &pki::ReportRow::name)->state;
}

}  // namespace

TEST_CASE("the files to which a kubeconfig refers are read, relative to its directory and through links") {
  const Cluster cluster;
  const auto before = cluster.load();
  const auto& old = before.find("scheduler.conf");
  put(cluster / "real.crt", old.certificate()->pem);
  std::filesystem::create_symlink("real.crt", cluster / "s.crt");
  put(cluster / "s.key", text_of(old.key->pem()), 0600);
  cluster.write_scheduler(user_files, ca_file);
  const auto inventory = cluster.load();
  const auto& entry = inventory.find("scheduler.conf");
  CHECK(entry.refers_to_credentials());
  CHECK(entry.kubeconfig->client_certificate_file == (cluster / "s.crt").string());
  CHECK(entry.problems.empty());
  REQUIRE(entry.certificate() != nullptr);
  CHECK(entry.certificate()->serial == old.certificate()->serial);
  CHECK(entry.key);
  CHECK(entry.signed_by_issuer);
  CHECK(state_of(inventory, "scheduler.conf") == pki::State::valid);
}

TEST_CASE("a certificate and its key may be in one file, and the CA embedded or not") {
  const Cluster cluster;
  const auto before = cluster.load();
  const auto& old = before.find("scheduler.conf");
  put(cluster / "s.pem", old.certificate()->pem + text_of(old.key->pem()), 0600);
  cluster.write_scheduler("client-certificate: s.pem, client-key: s.pem", ca_file);
  CHECK(state_of(cluster.load(), "scheduler.conf") == pki::State::valid);
  CHECK(cluster.load().find("scheduler.conf").key);
}

TEST_CASE("what a kubeconfig refers to and client-go could not use is an error") {
  struct Case {
    const char* name;
    const char* user;
    const char* cluster;
    Rule rule;
  };
  for (const auto& [name, user, in_cluster, rule] : {
           Case{"no certificate", "client-certificate: none.crt, client-key: s.key", ca_file, Rule::reference_not_read},
           Case{"no key file", "client-certificate: s.crt, client-key: none.key", ca_file, Rule::reference_not_read},
           Case{"a directory", "client-certificate: pki, client-key: s.key", ca_file, Rule::reference_not_read},
           Case{"no CA", user_files, "certificate-authority: none.crt", Rule::reference_not_read},
           Case{"not a certificate", "client-certificate: s.key, client-key: s.key", ca_file, Rule::malformed},
           Case{"no key", "client-certificate: s.crt", ca_file, Rule::credentials_missing},
           Case{"no credential", "", ca_file, Rule::credentials_missing},
           Case{"another key", "client-certificate: s.crt, client-key: pki/sa.key", ca_file, Rule::key_mismatch},
           Case{"another CA", user_files, "certificate-authority: pki/etcd/ca.crt", Rule::kubeconfig_ca_differs},
           Case{"signed by another CA", "client-certificate: pki/etcd/server.crt, client-key: pki/etcd/server.key",
                ca_file, Rule::not_signed_by_ca},
       }) {
    const Cluster cluster;
    const auto before = cluster.load();
    const auto& old = before.find("scheduler.conf");
    put(cluster / "s.crt", old.certificate()->pem);
    put(cluster / "s.key", text_of(old.key->pem()), 0600);
    cluster.write_scheduler(user, in_cluster);
    const auto report = pki::inspect(cluster.load(), {}, Cluster::now());
    CAPTURE(name);
    CHECK(report.worst() == pki::State::invalid);
    CHECK(std::ranges::any_of(report.notes, [&](const pki::Finding& note) {
      return note.rule == rule && note.severity == Severity::error && note.row == "scheduler.conf";
    }));
  }
}

TEST_CASE("what a kubeconfig refers to and only root may read belongs to the one alarm about such files") {
  if (::geteuid() != 0) return;
  const Cluster cluster;
  const auto before = cluster.load();
  const auto& old = before.find("scheduler.conf");
  put(cluster / "s.crt", old.certificate()->pem, 0600);
  put(cluster / "s.key", text_of(old.key->pem()), 0600);
  cluster.write_scheduler(user_files, ca_file);
  REQUIRE(::chmod((cluster / "scheduler.conf").c_str(), 0644) == 0);
  REQUIRE(::chmod((cluster / "").c_str(), 0711) == 0);
  REQUIRE(::seteuid(65534) == 0);
  const auto inventory = pki::load({cluster / "pki", cluster / ""}, pki::KeyCheck::consistency, pki::default_catalog(),
                                   nullptr, pki::Links::follow);
  const auto scanned = pki::scan_certificates({}, {cluster / "scheduler.conf"}).certificates;
  REQUIRE(::seteuid(0) == 0);
  const auto report = pki::inspect(inventory, scanned, Cluster::now());
  const auto is_unread = [](const pki::Finding& note) {
    return note.rule == Rule::reference_not_read || note.message.find("denied") != std::string::npos;
  };
  CHECK(std::ranges::count_if(report.notes, is_unread) == 1);
  const auto row = std::ranges::find(scanned, cluster / "s.crt", &pki::UnmanagedCertificate::path);
  REQUIRE(row != scanned.end());
  CHECK(row->problem == "not readable by this user");
}

TEST_CASE("a renewal replaces embedded credentials beside file names, and keeps a CA that is in a file") {
  Cluster cluster;
  auto text = slurp(cluster / "scheduler.conf");
  text.insert(text.find("    client-certificate-data"), "    client-certificate: /nonexistent.pem\n");
  put(cluster / "scheduler.conf", text, 0600);
  const auto inventory = cluster.load();
  CHECK_FALSE(inventory.find("scheduler.conf").refers_to_credentials());
  const auto config = pki::validate(cluster.config()).value();
  const auto plan = pki::plan_renew(&config, inventory, Cluster::now(),
                                    {.rows = {inventory.find("scheduler.conf").row}, .if_due = {}});
  CHECK(pki::issue(plan, inventory).issued.size() == 1);
}

TEST_CASE("the files that the configuration names for an external etcd are read wherever they are") {
  Cluster cluster;
  const auto before = cluster.load();
  std::filesystem::create_directory(cluster / "elsewhere");
  for (const auto& [from, to] :
       {std::pair{"pki/etcd/ca.crt", "elsewhere/ca.pem"}, std::pair{"pki/apiserver-etcd-client.crt", "elsewhere/c.pem"},
        std::pair{"pki/apiserver-etcd-client.key", "elsewhere/c.key"}})
    std::filesystem::rename(cluster / from, cluster / to);
  std::filesystem::remove_all(cluster / "pki/etcd");
  cluster.config().external_etcd = pki::ExternalEtcd{{"https://192.0.2.9:2379"},
                                                     (cluster / "elsewhere/ca.pem").string(),
                                                     (cluster / "elsewhere/c.pem").string(),
                                                     (cluster / "elsewhere/c.key").string()};
  const auto inventory = cluster.load();
  const auto& client = inventory.find("apiserver-etcd-client");
  CHECK(client.external_etcd);
  CHECK(client.path == cluster / "elsewhere/c.pem");
  CHECK(client.problems.empty());
  CHECK(client.key);
  CHECK(client.signed_by_issuer);
  CHECK(inventory.find("etcd-ca").external());
  CHECK_FALSE(inventory.find("etcd-server").external_etcd);

  std::filesystem::remove(cluster / "elsewhere/c.pem");
  CHECK_FALSE(cluster.load().find("apiserver-etcd-client").exists);
  std::filesystem::create_directory(cluster / "elsewhere/c.pem");
  CHECK(pki::has_errors(cluster.load().find("apiserver-etcd-client").problems));
}

TEST_CASE("a kubeconfig that skips the verification of its server and names a CA is an alarm") {
  const struct {
    const char* field;
    std::ptrdiff_t alarms;
  } cases[] = {
      {"insecure-skip-tls-verify: true", 1}, {"insecure-skip-tls-verify: false", 0}, {"tls-server-name: a", 0}};
  for (const auto& [field, alarms] : cases) {
    CAPTURE(field);
    const Cluster cluster;
    auto text = slurp(cluster / "scheduler.conf");
    text.insert(text.find("    certificate-authority-data:"), fmt::format("    {}\n", field));
    put(cluster / "scheduler.conf", text, 0600);
    const auto inventory = cluster.load();
    const auto& problems = inventory.find("scheduler.conf").problems;
    CHECK(std::ranges::count(problems, Rule::values_conflict, &pki::Finding::rule) == alarms);
    CHECK(state_of(inventory, "scheduler.conf") == pki::State::valid);
  }
}

TEST_CASE("a file beside the data is an alarm, for which the data is judged, and a renewal keeps it with a warning") {
  const struct {
    const char* before;
    const char* field;
  } cases[] = {{"    client-certificate-data:", "client-certificate"},
               {"    client-key-data:", "client-key"},
               {"    certificate-authority-data:", "certificate-authority"}};
  for (const auto& [before, field] : cases) {
    for (const auto* file : {"/nonexistent.pem", "pki/apiserver.crt"}) {
      CAPTURE(field, file);
      const Cluster cluster;
      auto text = slurp(cluster / "scheduler.conf");
      REQUIRE(text.find(before) != std::string::npos);
      text.insert(text.find(before), fmt::format("    {}: {}\n", field, file));
      put(cluster / "scheduler.conf", text, 0600);
      const auto inventory = cluster.load();
      const auto& entry = inventory.find("scheduler.conf");
      REQUIRE(entry.problems.size() == 1);
      CHECK(entry.problems[0].rule == Rule::values_conflict);
      CHECK_THAT(entry.problems[0].message, contains(std::string("has ") + field + " beside the data"));
      CHECK(entry.certificate() != nullptr);
      CHECK_FALSE(entry.refers_to_credentials());
      CHECK(state_of(inventory, "scheduler.conf") == pki::State::valid);
      CHECK(pki::inspect(inventory, {}, Cluster::now()).worst() == pki::State::invalid);
      const auto plan = pki::plan_renew(nullptr, inventory, Cluster::now());
      CHECK(std::ranges::count(plan.warnings, Rule::values_conflict, &pki::Finding::rule) == 1);
      CHECK(plan.failures.empty());
      const auto bundle = pki::issue(plan, inventory);
      CHECK_NOTHROW(pki::commit(bundle, pki::lock(inventory.layout), {.command = "test", .now = Cluster::now()}));
      CHECK(cluster.load().find("scheduler.conf").problems.size() == 1);
    }
  }
}
