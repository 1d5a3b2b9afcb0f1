// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include <pki/pki.hpp>

#include <support/catch.hpp>
#include <support/small_cluster.hpp>
#include <support/temp_dir.hpp>

// An inventory of files in memory is the one that `load` makes of the same files.

namespace fs = std::filesystem;

namespace {

constexpr std::chrono::sys_seconds now{std::chrono::sys_days{std::chrono::year{2026} / 6 / 1}};

pki::Bundle make(const pki::ClusterConfig& config) {
  const auto nothing = pki::assemble(config.layout);
  return pki::issue(pki::plan_init(pki::validate(config).value(), nothing, now), nothing);
}

pki::SecretString secret(const std::string& text) { return {text.begin(), text.end()}; }
std::string text_of(const pki::SecretString& secret) { return {secret.begin(), secret.end()}; }

void write(const std::vector<pki::File>& files) {
  for (const auto& file : files)
    put(file.path, text_of(file.content), file.mode);
}

/// Returns every file below a directory, as other programs read it.
std::vector<pki::File> files_below(const fs::path& directory) {
  std::vector<pki::File> files;
  for (const auto& entry : fs::recursive_directory_iterator(directory))
    if (entry.is_regular_file()) files.push_back({entry.path(), mode_of(entry.path()), secret(slurp(entry.path()))});
  return files;
}

void check_same(const pki::KubeconfigFacts& a, const pki::KubeconfigFacts& b) {
  CHECK(a.cluster == b.cluster);
  CHECK(a.user == b.user);
  CHECK(a.server == b.server);
  CHECK(a.ca_certificates == b.ca_certificates);
  CHECK((a.ca_refusals == b.ca_refusals));
  CHECK(a.ca_file == b.ca_file);
  CHECK(a.client_certificate_file == b.client_certificate_file);
  CHECK(a.client_key_file == b.client_key_file);
  CHECK(a.other_credentials == b.other_credentials);
  CHECK(a.text == b.text);
}

void check_same(const pki::Entry& a, const pki::Entry& b) {
  CAPTURE(a.row->name);
  CHECK(a.row->name == b.row->name);
  CHECK(a.path == b.path);
  CHECK(a.key_path == b.key_path);
  CHECK(a.exists == b.exists);
  CHECK(a.key_exists == b.key_exists);
  CHECK((a.certificates == b.certificates));
  CHECK((a.key ? a.key->public_key_sha256() : "none") == (b.key ? b.key->public_key_sha256() : "none"));
  REQUIRE(a.kubeconfig.has_value() == b.kubeconfig.has_value());
  if (a.kubeconfig) check_same(*a.kubeconfig, *b.kubeconfig);
  CHECK(a.public_key_sha256 == b.public_key_sha256);
  CHECK(a.signed_by_issuer == b.signed_by_issuer);
  CHECK(a.external_etcd == b.external_etcd);
  CHECK((a.trust_paths == b.trust_paths));
  CHECK((a.refusal == b.refusal));
  CHECK((a.problems == b.problems));
}

void check_same(const pki::Inventory& a, const pki::Inventory& b) {
  CHECK(a.layout == b.layout);
  CHECK(a.certificates_dir_exists == b.certificates_dir_exists);
  REQUIRE(a.entries.size() == b.entries.size());
  for (std::size_t i = 0; i < a.entries.size(); ++i)
    check_same(a.entries[i], b.entries[i]);
  REQUIRE(a.saved_config.has_value() == b.saved_config.has_value());
  if (a.saved_config) {
    CHECK((a.saved_config->config == b.saved_config->config));
    CHECK(a.saved_config->lines == b.saved_config->lines);
    CHECK((a.saved_config->problems == b.saved_config->problems));
    CHECK((a.saved_config->warnings == b.saved_config->warnings));
  }
  CHECK((a.notes == b.notes));
  CHECK(to_json(pki::inspect(a, {}, now)) == to_json(pki::inspect(b, {}, now)));
}

std::size_t problems_in(const pki::Inventory& inventory) {
  std::size_t count = inventory.saved_config ? inventory.saved_config->problems.size() : 0;
  for (const auto& entry : inventory.entries)
    count += entry.problems.size();
  return count;
}

/// Damage changes files below the directory of a PKI.
struct Damage {
  const char* name;
  std::function<void(const fs::path& base)> inflict;
  bool of_mode{false};
};

void replace_scheduler(const fs::path& base, const std::string& user, const std::string& cluster) {
  put(base / "scheduler.conf",
      fmt::format("apiVersion: v1\nkind: Config\ncurrent-context: c\nclusters:\n- name: k\n  cluster: {{server: "
                  "\"https://192.0.2.1:6443\", {}}}\ncontexts:\n- name: c\n  context: {{cluster: k, user: u}}\n"
                  "users:\n- name: u\n  user: {{{}}}\n",
                  cluster, user),
      0600);
}

const std::vector<Damage>& damages() {
  static const std::vector<Damage> all{
      {"an empty certificate", [](const fs::path& base) { put(base / "pki/apiserver.crt", ""); }},
      {"an empty key", [](const fs::path& base) { put(base / "pki/etcd/peer.key", "", 0600); }},
      {"no certificate in the file", [](const fs::path& base) { put(base / "pki/ca.crt", "hello\n"); }},
      {"half a certificate",
       [](const fs::path& base) {
         const auto whole = slurp(base / "pki/front-proxy-client.crt");
         put(base / "pki/front-proxy-client.crt", whole.substr(0, whole.size() / 2));
       }},
      {"a certificate above the limit",
       [](const fs::path& base) {
         put(base / "pki/apiserver.crt", slurp(base / "pki/apiserver.crt") + std::string(1024UL * 1024, '\n'));
       }},
      {"a key above the limit",
       [](const fs::path& base) { put(base / "pki/sa.key", std::string(64UL * 1024 + 1, 'x'), 0600); }},
      {"the key of another certificate",
       [](const fs::path& base) { put(base / "pki/apiserver.key", slurp(base / "pki/ca.key"), 0600); }},
      {"no kubeconfig in the file", [](const fs::path& base) { put(base / "admin.conf", "- 1\n- 2\n", 0600); }},
      {"a reference to files that exist",
       [](const fs::path& base) {
         put(base / "s.crt", slurp(base / "pki/apiserver-kubelet-client.crt"));
         put(base / "s.key", slurp(base / "pki/apiserver-kubelet-client.key"), 0600);
         replace_scheduler(base, "client-certificate: s.crt, client-key: ./s.key",
                           "certificate-authority: pki/../pki/etcd/ca.crt");
       }},
      {"a reference to nothing",
       [](const fs::path& base) {
         replace_scheduler(base, "client-certificate: none.crt, client-key: none.key",
                           "certificate-authority: pki/ca.crt");
       }},
      {"a reference to a file above the limit",
       [](const fs::path& base) {
         put(base / "big.crt", std::string(1024UL * 1024 + 1, 'x'));
         replace_scheduler(base, "client-certificate: big.crt, client-key: pki/ca.key",
                           "certificate-authority: pki/ca.crt");
       }},
      {"a saved configuration with an error", [](const fs::path& base) { put(base / "pkigen.yaml", "kind: [\n"); }},
      {"an empty saved configuration", [](const fs::path& base) { put(base / "pkigen.yaml", ""); }},
      {"a key that others may read",
       [](const fs::path& base) { fs::permissions(base / "pki/ca.key", fs::perms{0644}); }, true},
      {"a kubeconfig that its group may read",
       [](const fs::path& base) { fs::permissions(base / "admin.conf", fs::perms{0640}); }, true},
      {"a key in a public file",
       [](const fs::path& base) {
         put(base / "pki/apiserver.crt", slurp(base / "pki/apiserver.crt") + slurp(base / "pki/apiserver.key"));
       },
       true},
  };
  return all;
}

pki::FileReader reader_of(const std::vector<pki::File>& files) {
  return [&files](const fs::path& path) -> std::optional<pki::SecretString> {
    const auto found = std::ranges::find(files, path.lexically_normal(), &pki::File::path);
    return found == files.end() ? std::nullopt : std::optional(found->content);
  };
}

}  // namespace

TEST_CASE("a new PKI is the same from a bundle, from a reader and from the disk") {
  const TempDir base(memory_dir());
  const auto config = config_in(base.path());
  const auto bundle = make(config);
  write(bundle.files);
  const auto loaded = pki::load(config.layout);
  CHECK(problems_in(loaded) == 0);
  CHECK(loaded.saved_config);
  check_same(loaded, pki::assemble(config.layout, bundle.files));
  check_same(loaded, pki::assemble(config.layout, reader_of(bundle.files)));
  const auto check = pki::KeyCheck::consistency;
  check_same(pki::load(config.layout, check), pki::assemble(config.layout, bundle.files, check));
}

TEST_CASE("a damaged PKI is the same from memory and from the disk") {
  const TempDir base(memory_dir());
  const auto config = config_in(base.path());
  const auto bundle = make(config);
  for (const auto& [name, inflict, of_mode] : damages()) {
    CAPTURE(name);
    for (const auto& entry : fs::directory_iterator(base.path()))
      fs::remove_all(entry.path());
    write(bundle.files);
    inflict(base.path());
    const auto loaded = pki::load(config.layout);
    const auto files = files_below(base.path());
    check_same(loaded, pki::assemble(config.layout, files));
    // Without modes no file is too open.
    if (of_mode) {
      CHECK(problems_in(loaded) == 1);
      CHECK(problems_in(pki::assemble(config.layout, reader_of(files))) == 0);
    } else {
      check_same(loaded, pki::assemble(config.layout, reader_of(files)));
    }
  }
}

TEST_CASE("a row that is lost is missing from memory as from the disk") {
  const TempDir base(memory_dir());
  const auto config = config_in(base.path());
  const auto bundle = make(config);
  for (const std::string stem : {"pki/ca.crt", "pki/ca.key", "pki/sa.pub", "pki/sa.key", "admin.conf", "pkigen.yaml"}) {
    CAPTURE(stem);
    write(bundle.files);
    fs::remove(base / stem);
    check_same(pki::load(config.layout), pki::assemble(config.layout, files_below(base.path())));
  }
}

TEST_CASE("the files for an external etcd are looked for in memory as well, whoever names them") {
  const TempDir base(memory_dir());
  auto config = config_in(base.path());
  write(make(config).files);
  put(base / "elsewhere/ca.pem", slurp(base / "pki/etcd/ca.crt"));
  put(base / "elsewhere/c.pem", slurp(base / "pki/apiserver-etcd-client.crt"));
  put(base / "elsewhere/c.key", slurp(base / "pki/apiserver-etcd-client.key"), 0600);
  fs::remove_all(base / "pki/etcd");
  const auto place = [&](const char* name) { return (base / "elsewhere" / name).string(); };
  for (const char* certificate : {"c.pem", "none.pem"}) {
    CAPTURE(certificate);
    config.external_etcd =
        pki::ExternalEtcd{{"https://192.0.2.9:2379"}, place("ca.pem"), place(certificate), place("c.key")};
    const auto& catalog = pki::default_catalog();
    const auto check = pki::KeyCheck::sign_and_verify;
    check_same(pki::load(config.layout, check, catalog, &config),
               pki::assemble(config.layout, files_below(base.path()), check, catalog, &config));
    put(base / "pkigen.yaml", to_yaml(config));
    const auto inventory = pki::assemble(config.layout, files_below(base.path()));
    CHECK(inventory.find("apiserver-etcd-client").external_etcd);
    check_same(pki::load(config.layout), inventory);
  }
}

TEST_CASE("the disk is not asked, whatever is there") {
  const TempDir base(memory_dir());
  const auto config = config_in(base.path());
  auto files = make(config).files;
  write(files);
  const auto empty = pki::assemble(config.layout);
  CHECK_FALSE(empty.certificates_dir_exists);
  CHECK_FALSE(empty.saved_config);
  CHECK(std::ranges::all_of(empty.entries, &pki::Entry::absent));

  // A kubeconfig in memory that refers to files which only the disk has.
  replace_scheduler(base.path(), "client-certificate: pki/ca.crt, client-key: pki/ca.key",
                    "certificate-authority: pki/ca.crt");
  const std::vector<pki::File> only{{base / "scheduler.conf", 0600, secret(slurp(base / "scheduler.conf"))}};
  const auto referring = pki::assemble(config.layout, only);
  const auto& problems = referring.find("scheduler.conf").problems;
  CHECK(std::ranges::count(problems, pki::Rule::reference_not_read, &pki::Finding::rule) == 3);
}

TEST_CASE("a reader is asked for the files of the catalog and the saved configuration, by the calling thread") {
  const pki::Layout layout{"/nowhere/kubernetes/pki", "/nowhere/kubernetes"};
  std::map<std::string, int> asked;
  const auto inventory = pki::assemble(layout, [&](const fs::path& path) -> std::optional<pki::SecretString> {
    ++asked[path.string()];
    return std::nullopt;
  });
  CHECK(asked.size() == 11 * 2 + 5 + 1);
  for (const auto& [path, times] : asked) {
    CAPTURE(path);
    CHECK(times == 1);
    CHECK(path.starts_with("/nowhere/kubernetes/"));
  }
  CHECK(asked.contains("/nowhere/kubernetes/pki/etcd/ca.key"));
  CHECK(asked.contains("/nowhere/kubernetes/pkigen.yaml"));
  CHECK_FALSE(fs::exists("/nowhere"));
  struct Failed {};
  CHECK_THROWS_AS(pki::assemble(layout, [](const fs::path&) -> std::optional<pki::SecretString> { throw Failed(); }),
                  Failed);
}

TEST_CASE("of two files with one path the later one counts, however the path is written") {
  const auto config = config_in("/nowhere/kubernetes");
  auto files = make(config).files;
  const auto old = pki::assemble(config.layout, files);
  const auto plan = pki::plan_renew(nullptr, old, now, {.rows = {old.find("apiserver").row}, .if_due = {}});
  const auto renewed = pki::issue(plan, old);
  REQUIRE(renewed.files.size() == 2);
  for (auto file : renewed.files) {
    file.path = file.path.parent_path() / "etcd/.." / file.path.filename();
    files.push_back(file);
  }
  const auto inventory = pki::assemble(config.layout, files);
  CHECK(inventory.find("apiserver").certificate()->serial == renewed.issued.front().certificate.serial);
  CHECK(problems_in(inventory) == 0);
}
