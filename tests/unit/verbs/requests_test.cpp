// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "ceremony.hpp"

using namespace ceremony;
namespace fs = std::filesystem;

namespace {

constexpr std::size_t leaves = 12;

/// Returns the files below a directory that have a private key.
std::size_t keys_below(const fs::path& directory) {
  std::size_t count = 0;
  for (const auto& file : fs::recursive_directory_iterator(directory))
    if (file.is_regular_file() && slurp(file.path()).find("PRIVATE KEY") != std::string::npos) ++count;
  return count;
}

std::string names_of(const std::vector<pki::WaitingRequest>& waiting) {
  std::string text;
  for (const auto& one : waiting)
    text += (text.empty() ? "" : " ") + one.row;
  return text;
}

std::size_t count(const std::vector<pki::Finding>& findings, pki::Rule rule) {
  return static_cast<std::size_t>(std::ranges::count(findings, rule, &pki::Finding::rule));
}

void replace_in(const fs::path& path, const std::string& from, const std::string& to) {
  auto text = slurp(path);
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  put(path, text.replace(at, from.size(), to), 0600);
}

}  // namespace

TEST_CASE("a host gets everything from the holder of its CAs, and no key travels") {
  const Cluster cluster;
  const auto waiting = cluster.request();
  CHECK(waiting.size() == leaves);
  const auto asking = cluster.host();
  for (const auto& entry : asking.entries) {
    CHECK(entry.request.has_value() == !entry.row->issuer.empty());
    if (!entry.row->issuer.empty()) CHECK(entry.absent());
  }
  CHECK(keys_below(cluster / "host/pki/.pkigen") == leaves);
  CHECK(count(pki::inspect(asking, {}, now).notes, pki::Rule::request_pending) == leaves);

  const auto sent = pki::to_json(pki::to_bundle(waiting, asking));
  CHECK(sent.find("PRIVATE") == std::string::npos);
  const auto received = pki::parse_request_bundle(sent, "requests.json");
  CHECK(received.digest == pki::to_bundle(waiting, asking).digest);
  const auto config = Cluster::valid(cluster.host_config);
  const auto plan = pki::plan_signing(&config, cluster.holder(), received.items, now);
  INFO(listed(plan.conflicts));
  REQUIRE(plan.conflicts.empty());
  CHECK(listed(plan.warnings).empty());
  const auto made = pki::sign_requests(plan, cluster.holder());
  const auto returned = pki::parse_answer_bundle(pki::to_json(made), "answers.json");
  CHECK(returned.digest == made.digest);

  const auto import = cluster.import(returned.answers);
  CHECK(listed(import.conflicts).empty());
  CHECK(listed(import.warnings).empty());
  CHECK(import.bundle.issued.size() == leaves);
  cluster.put_in_place(returned.answers);

  const auto done = cluster.host();
  CHECK(listed(done.notes).empty());
  for (const auto& row : pki::inspect(done, {}, now).certificates) {
    CAPTURE(row.name);
    CHECK(row.state == pki::State::valid);
  }
  for (const auto& one : waiting) {
    CAPTURE(one.row);
    const auto& entry = done.find(one.row);
    REQUIRE(entry.certificate() != nullptr);
    REQUIRE(entry.key);
    CHECK(entry.key->public_key_sha256() == one.request.public_key_sha256);
    CHECK(entry.certificate()->sans == one.request.sans);
    CHECK(entry.signed_by_issuer);
    CHECK_FALSE(entry.trust_paths.empty());
    CHECK_FALSE(entry.request);
    CHECK(mode_of(entry.path) == (entry.kubeconfig ? 0600 : 0644));
  }
  CHECK(pki::read_requests(done).empty());
  CHECK(keys_below(cluster / "host/pki/.pkigen") == 0);
  CHECK(pki::plan_init(config, done, now).conflicts.empty());
}

TEST_CASE("kubeconfigs that were requested are whole, and as init makes them") {
  const Cluster cluster;
  auto waiting = cluster.request();
  cluster.put_in_place(cluster.sign(waiting));
  const auto done = cluster.host();
  const auto config = Cluster::valid(cluster.host_config);
  const auto ca = slurp(cluster / "host/pki/ca.crt");
  for (const auto& entry : done.entries) {
    if (entry.row->form != pki::Form::kubeconfig) continue;
    CAPTURE(std::string(entry.row->name));
    REQUIRE(entry.kubeconfig);
    const auto& facts = *entry.kubeconfig;
    CHECK(facts.user == entry.certificate()->common_name);
    CHECK(facts.server == "https://192.0.2.1:6443");
    REQUIRE(facts.ca_certificates.size() == 1);
    CHECK(facts.ca_certificates.front().pem == ca);
    CHECK(slurp(entry.path).find("name: kubernetes") != std::string::npos);
  }
}

TEST_CASE("requests are read back with everything that an import needs") {
  const Cluster cluster;
  const auto lock = pki::lock(cluster.host_config.layout);
  const auto inventory = cluster.host();
  const auto config = Cluster::valid(cluster.host_config);
  const auto made = pki::make_requests(pki::plan_request(config, inventory, now), inventory, now);
  pki::save_requests(lock, made);
  const auto read = pki::read_requests(cluster.host());
  REQUIRE(read.size() == made.size());
  for (std::size_t i = 0; i < made.size(); ++i) {
    CAPTURE(made[i].row);
    CHECK(read[i].row == made[i].row);
    CHECK(read[i].requested == now);
    CHECK(read[i].request == made[i].request);
    REQUIRE(made[i].key);
    REQUIRE(read[i].key);
    CHECK(read[i].key->pem() == made[i].key->pem());
    CHECK(read[i].key->public_key_sha256() == read[i].request.public_key_sha256);
    CHECK(read[i].replaces.empty());
    CHECK(read[i].validity == 365 * day);
    const bool is_kubeconfig = read[i].row.ends_with(".conf");
    CHECK(read[i].cluster == "kubernetes");
    CHECK(read[i].server == made[i].server);
    CHECK(read[i].server.empty() != is_kubeconfig);
    CHECK(mode_of(cluster.request_file(made[i].row)) == 0600);
  }
}

TEST_CASE("keys are made for what is planned, and nothing else, with the progress and the end that the caller wants") {
  const Cluster cluster;
  const auto inventory = cluster.host();
  const auto config = Cluster::valid(cluster.host_config);
  auto plan = pki::plan_request(config, inventory, now, {.rows = rows({"apiserver", "admin.conf"})});
  std::size_t last = 0;
  const auto made =
      pki::make_requests(plan, inventory, now,
                         {.threads = 1, .progress = [&](std::size_t done, std::size_t) { last = done; }, .stop = {}});
  CHECK(names_of(made) == "apiserver admin.conf");
  CHECK(last == 2);
  std::stop_source stop;
  stop.request_stop();
  CHECK(code_of([&] {
          (void)pki::make_requests(plan, inventory, now, {.threads = 1, .progress = {}, .stop = stop.get_token()});
        }) == pki::Errc::cancelled);
  plan.conflicts.push_back({pki::Rule::invalid_value, pki::Severity::error, "x", "is a conflict"});
  CHECK(code_of([&] { (void)pki::make_requests(plan, inventory, now); }) == pki::Errc::mismatch);
  CHECK_FALSE(fs::exists(cluster / "host/pki/.pkigen"));
}

TEST_CASE("a request is made again only where it was cancelled") {
  const Cluster cluster;
  const auto first = cluster.request();
  const auto again = cluster.request();
  REQUIRE(again.size() == first.size());
  for (std::size_t i = 0; i < first.size(); ++i)
    CHECK(again[i].request == first[i].request);
  {
    const auto lock = pki::lock(cluster.host_config.layout);
    CHECK(pki::cancel_requests(lock, std::vector<std::string>{"apiserver", "sa", "ca"}) == 1);
    CHECK(pki::cancel_requests(lock, std::vector<std::string>{"apiserver"}) == 0);
  }
  CHECK_FALSE(cluster.host().find("apiserver").request);
  CHECK_FALSE(fs::exists(cluster.request_file("apiserver")));
  CHECK(pki::read_requests(cluster.host()).size() == leaves - 1);
  const auto anew = cluster.request();
  CHECK(anew.size() == leaves);
  CHECK(find(anew, "apiserver").request.public_key_sha256 != find(first, "apiserver").request.public_key_sha256);
  CHECK(find(anew, "etcd-peer").request == find(first, "etcd-peer").request);
}

TEST_CASE("a request whose row the catalog does not have is listed apart, and cancelled by its name") {
  const Cluster cluster;
  (void)cluster.request({.rows = rows({"apiserver", "etcd-peer"})});
  fs::rename(cluster.request_file("etcd-peer"), cluster.request_file("lost"));
  put(cluster / "host/pki/.pkigen/kept", "kept\n", 0600);
  const auto inventory = cluster.host();
  CHECK(listed(inventory.notes).empty());
  const auto known = pki::read_requests(inventory);
  CHECK(names_of(known) == "apiserver");
  CHECK(known.front().in_catalog);
  const auto stray = pki::read_stray_requests(inventory);
  CHECK(names_of(stray) == "lost");
  CHECK_FALSE(stray.front().in_catalog);
  CHECK(stray.front().request.common_name == "kube-etcd-peer");
  CHECK(pki::request_names(inventory.layout) == std::vector<std::string>{"apiserver", "lost"});
  put(cluster.request_file("lost"), "garbage\n", 0600);
  CHECK_THROWS_WITH(pki::read_stray_requests(inventory), contains("its date is missing"));
  const auto lock = pki::lock(cluster.host_config.layout);
  CHECK(pki::cancel_requests(lock, std::vector<std::string>{"../kept", "lost", "lost"}) == 1);
  CHECK(fs::exists(cluster / "host/pki/.pkigen/kept"));
  CHECK(pki::request_names(inventory.layout) == std::vector<std::string>{"apiserver"});
  CHECK(pki::read_stray_requests(inventory).empty());
}

TEST_CASE("a request of the same row is replaced by the one that is saved") {
  const Cluster cluster;
  const auto first = cluster.request({.rows = rows({"apiserver"})});
  const auto lock = pki::lock(cluster.host_config.layout);
  auto inventory = cluster.host();
  for (auto& entry : inventory.entries)
    entry.request.reset();
  const auto plan =
      pki::plan_request(Cluster::valid(cluster.host_config), inventory, now + 1h, {.rows = rows({"apiserver"})});
  const auto second = pki::make_requests(plan, inventory, now + 1h);
  pki::save_requests(lock, second);
  const auto read = pki::read_requests(cluster.host());
  REQUIRE(read.size() == 1);
  CHECK(read[0].request == second[0].request);
  CHECK(read[0].requested == now + 1h);
  CHECK(cluster.host().find("apiserver").request->public_key_sha256 == second[0].request.public_key_sha256);
}

TEST_CASE("a renewal by request replaces certificate and key at once, and the live files stay until then") {
  const Cluster cluster;
  cluster.put_in_place(cluster.sign(cluster.request()));
  const auto before = cluster.host();
  const auto later = now + 340 * day;
  const auto waiting = cluster.request({}, later);
  CHECK(waiting.size() == leaves);
  for (const auto& row : pki::inspect(cluster.host(), {}, later).certificates) {
    CAPTURE(row.name, row.reason);
    CHECK(row.state == pki::State::expiring);
  }
  for (const auto& one : waiting) {
    CAPTURE(one.row);
    CHECK_FALSE(one.replaces.empty());
    const auto& entry = before.find(one.row);
    CHECK(one.request.common_name == entry.certificate()->common_name);
    CHECK(one.request.sans == entry.certificate()->sans);
    CHECK(cluster.host().find(one.row).certificate()->pem == entry.certificate()->pem);
  }
  cluster.put_in_place(cluster.sign(waiting, later), later);
  const auto after = cluster.host();
  for (const auto& one : waiting) {
    CAPTURE(one.row);
    const auto& entry = after.find(one.row);
    CHECK(entry.certificate()->not_after == later + 365 * day);
    CHECK(entry.key->public_key_sha256() == one.request.public_key_sha256);
    CHECK(entry.key->public_key_sha256() != before.find(one.row).key->public_key_sha256());
    if (entry.kubeconfig) CHECK(entry.kubeconfig->server == before.find(one.row).kubeconfig->server);
  }
}

TEST_CASE("what is no part of the certificate stays in a kubeconfig that is renewed by request") {
  const Cluster cluster;
  cluster.put_in_place(cluster.sign(cluster.request()));
  put(cluster / "host/admin.conf", "# mine\n" + slurp(cluster / "host/admin.conf"), 0600);
  const auto waiting = cluster.request({.rows = rows({"admin.conf"})}, now + day);
  cluster.put_in_place(cluster.sign(waiting, now + day), now + day);
  CHECK(slurp(cluster / "host/admin.conf").starts_with("# mine\n"));
  CHECK(cluster.host().find("admin.conf").certificate()->not_after == now + 366 * day);
}

TEST_CASE("a request for the key on disk has no key of its own, and the key stays") {
  const Cluster cluster;
  cluster.put_in_place(cluster.sign(cluster.request()));
  const auto before = cluster.host();
  const auto later = now + 340 * day;
  const auto waiting = cluster.request({.reuse_key = true}, later);
  CHECK(waiting.size() == leaves);
  CHECK(keys_below(cluster / "host/pki/.pkigen/requests") == 0);
  for (const auto& one : waiting)
    CHECK_FALSE(one.key);
  // The key is that of the certificate on disk, and the request is not answered all the same.
  CHECK(cluster.host().find("apiserver").request);
  const auto import = cluster.import(cluster.sign(waiting, later), later);
  CHECK(listed(import.conflicts).empty());
  CHECK(content_of(import.bundle, "apiserver.key") == "(none)");
  cluster.put_in_place(cluster.sign(waiting, later), later);
  const auto after = cluster.host();
  for (const auto& one : waiting) {
    CAPTURE(one.row);
    CHECK(after.find(one.row).key->pem() == before.find(one.row).key->pem());
    CHECK(after.find(one.row).certificate()->not_after == later + 365 * day);
    CHECK_FALSE(after.find(one.row).request);
  }
}

TEST_CASE("a request that was answered and left by a kill is ignored, and goes with the next one") {
  for (const bool reuse : {false, true}) {
    CAPTURE(reuse);
    const Cluster cluster;
    cluster.put_in_place(cluster.sign(cluster.request()));
    const auto waiting = cluster.request({.rows = rows({"apiserver"}), .reuse_key = reuse}, now + day);
    REQUIRE(waiting.size() == 1);
    const auto left = slurp(cluster.request_file("apiserver"));
    cluster.put_in_place(cluster.sign(waiting, now + day), now + day);
    CHECK_FALSE(fs::exists(cluster.request_file("apiserver")));
    put(cluster.request_file("apiserver"), left, 0600);
    CHECK_FALSE(cluster.host().find("apiserver").request);
    CHECK(pki::read_requests(cluster.host()).empty());
    CHECK(listed(cluster.host().notes).empty());
    const auto anew = cluster.request({.rows = rows({"apiserver"})}, now + 2 * day);
    REQUIRE(anew.size() == 1);
    CHECK(anew[0].requested == now + 2 * day);
  }
}

TEST_CASE("a certificate that another command makes ends the request for it") {
  const Cluster cluster;
  (void)cluster.request();
  put(cluster / "host/pki/ca.key", slurp(cluster / "holder/pki/ca.key"), 0600);
  const auto lock = pki::lock(cluster.host_config.layout);
  const auto inventory = cluster.host();
  const auto wanted = rows({"apiserver", "admin.conf"});
  const auto plan = pki::plan_init(Cluster::valid(cluster.host_config), inventory, now, wanted);
  (void)pki::commit(pki::issue(plan, inventory), lock, {.now = now});
  CHECK_FALSE(fs::exists(cluster.request_file("apiserver")));
  CHECK_FALSE(fs::exists(cluster.request_file("admin.conf")));
  CHECK(pki::read_requests(cluster.host()).size() == leaves - 2);
}

TEST_CASE("a commit that fails ends no request") {
  const Cluster cluster;
  const auto waiting = cluster.request({.rows = rows({"apiserver"})});
  auto import = cluster.import(cluster.sign(waiting));
  for (auto& file : import.bundle.files)
    if (file.path.extension() == ".key") file.content = pki::SecretString("not a key");
  const auto lock = pki::lock(cluster.host_config.layout);
  CHECK_THROWS_AS(pki::commit(import.bundle, lock, {.now = now}), pki::Error);
  CHECK(pki::read_requests(cluster.host()).size() == 1);
  CHECK(cluster.host().find("apiserver").absent());
}

TEST_CASE("a request that cannot be removed is a note of the commit, and is answered") {
  const Cluster cluster;
  const auto waiting = cluster.request({.rows = rows({"apiserver"})});
  const auto import = cluster.import(cluster.sign(waiting));
  fs::remove(cluster.request_file("apiserver"));
  fs::create_directories(cluster.request_file("apiserver") / "content");
  const auto lock = pki::lock(cluster.host_config.layout);
  const auto written = pki::commit(import.bundle, lock, {.now = now});
  REQUIRE(written.notes.size() == 1);
  CHECK(written.notes.front().severity == pki::Severity::warning);
  CHECK(written.notes.front().subject == cluster.request_file("apiserver").string());
  CHECK(cluster.host().find("apiserver").certificate() != nullptr);
}

TEST_CASE("a request that cannot be read is a note that names it, and hides no other") {
  struct Row {
    const char* name;
    void (*damage)(const fs::path& path);
    const char* says;
  };
  const Row damages[] = {
      {"open mode", [](const fs::path& path) { REQUIRE(::chmod(path.c_str(), 0644) == 0); }, "open to other users"},
      {"empty", [](const fs::path& path) { put(path, "", 0600); }, "is empty"},
      {"garbage", [](const fs::path& path) { put(path, "garbage\n", 0600); }, "its date is missing"},
      {"odd date", [](const fs::path& path) { replace_in(path, "requested: 2026", "requested: x"); },
       "its date is missing"},
      {"directory",
       [](const fs::path& path) {
         fs::remove(path);
         fs::create_directory(path);
       },
       "is a directory"},
      {"link",
       [](const fs::path& path) {
         fs::rename(path, path.parent_path() / "elsewhere");
         fs::create_symlink("elsewhere", path);
       },
       "is a symbolic link"},
  };
  for (const auto& row : damages) {
    CAPTURE(row.name);
    const Cluster cluster;
    (void)cluster.request({.rows = rows({"apiserver", "admin.conf", "etcd-peer"})});
    row.damage(cluster.request_file("apiserver"));
    const auto inventory = cluster.host();
    REQUIRE(inventory.notes.size() == 1);
    CHECK(inventory.notes.front().subject == cluster.request_file("apiserver").string());
    CHECK_THAT(inventory.notes.front().message, contains(row.says));
    CHECK_FALSE(inventory.find("apiserver").request);
    CHECK(names_of(pki::read_requests(inventory)) == "etcd-peer admin.conf");
  }
}

TEST_CASE("a request whose content is damaged is an error that names it") {
  struct Row {
    const char* name;
    void (*damage)(const fs::path& path, const fs::path& other);
    const char* says;
  };
  const auto begin = [](const std::string& text, const char* label) {
    return text.find("-----BEGIN " + std::string(label));
  };
  static const auto find_block = begin;
  const Row damages[] = {
      {"cut off",
       [](const fs::path& path, const fs::path&) {
         const auto text = slurp(path);
         put(path, text.substr(0, text.size() - 40), 0600);
       },
       "does not end"},
      {"no request",
       [](const fs::path& path, const fs::path&) {
         const auto text = slurp(path);
         put(path, text.substr(0, find_block(text, "CERTIFICATE REQUEST")), 0600);
       },
       "no request found"},
      {"the key of another",
       [](const fs::path& path, const fs::path& other) {
         const auto text = slurp(path);
         const auto foreign = slurp(other);
         put(path,
             text.substr(0, find_block(text, "EC PRIVATE KEY")) + foreign.substr(find_block(foreign, "EC PRIVATE KEY")),
             0600);
       },
       "its key is another one"},
      {"the request of another",
       [](const fs::path& path, const fs::path& other) {
         const auto text = slurp(path);
         const auto foreign = slurp(other);
         put(path,
             text.substr(0, find_block(text, "CERTIFICATE REQUEST")) +
                 foreign.substr(find_block(foreign, "CERTIFICATE REQUEST"),
                                find_block(foreign, "EC PRIVATE KEY") - find_block(foreign, "CERTIFICATE REQUEST")) +
                 text.substr(find_block(text, "EC PRIVATE KEY")),
             0600);
       },
       "its key is another one"},
  };
  for (const auto& row : damages) {
    CAPTURE(row.name);
    const Cluster cluster;
    (void)cluster.request({.rows = rows({"apiserver", "etcd-peer"})});
    row.damage(cluster.request_file("apiserver"), cluster.request_file("etcd-peer"));
    const auto inventory = cluster.host();
    try {
      (void)pki::read_requests(inventory);
      FAIL_CHECK("no error");
    } catch (const pki::Error& error) {
      CHECK(error.code() == pki::Errc::malformed);
      CHECK(error.subject() == cluster.request_file("apiserver").string());
      CHECK_THAT(error.message(), contains(row.says));
    }
  }
}

TEST_CASE("files that are no rows' beside the requests are ignored") {
  const Cluster cluster;
  (void)cluster.request({.rows = rows({"apiserver"})});
  put(cluster.request_file("retired.conf"), "x", 0600);
  put(cluster.request_file("apiserver.new"), "x", 0600);
  CHECK(names_of(pki::read_requests(cluster.host())) == "apiserver");
  CHECK(listed(cluster.host().notes).empty());
}

TEST_CASE("a user who may not see the requests gets an inventory without them, and without an alarm") {
  if (::geteuid() != 0) return;
  const Cluster cluster;
  (void)cluster.request({.rows = rows({"apiserver"})});
  REQUIRE(::chmod((cluster / "").c_str(), 0711) == 0);
  REQUIRE(::seteuid(65534) == 0);
  const auto inventory = pki::load(cluster.host_config.layout, pki::KeyCheck::consistency, pki::default_catalog(),
                                   nullptr, pki::Links::follow);
  REQUIRE(::seteuid(0) == 0);
  CHECK_FALSE(inventory.find("apiserver").request);
  CHECK_THAT(listed(inventory.notes), !contains("requests"));
}

TEST_CASE("init, renew and the report know of a request, and advise to import its answer") {
  const Cluster cluster;
  cluster.put_in_place(cluster.sign(cluster.request()));
  const auto later = now + 340 * day;
  (void)cluster.request({.rows = rows({"apiserver"})}, later);
  fs::remove(cluster / "host/admin.conf");
  (void)cluster.request({.rows = rows({"admin.conf"})}, later);
  const auto inventory = cluster.host();
  const auto config = Cluster::valid(cluster.host_config);
  const auto on = "requested on 2027-10-27";
  const auto is_import = [](const pki::Finding& finding, const char* row) {
    return finding.remedy == pki::Remedy{pki::Remedy::Kind::import_answer, {row}};
  };
  const auto init = pki::plan_init(config, inventory, later);
  REQUIRE(init.conflicts.size() == 1);
  CHECK_THAT(init.conflicts[0].message, contains(on));
  CHECK(is_import(init.conflicts[0], "admin.conf"));
  const auto renew = pki::plan_renew(&config, inventory, later, {.rows = rows({"apiserver"})});
  REQUIRE(renew.conflicts.size() == 1);
  CHECK_THAT(renew.conflicts[0].message, contains(on));
  CHECK(is_import(renew.conflicts[0], "apiserver"));
  const auto report = pki::inspect(inventory, {}, later);
  CHECK(count(report.notes, pki::Rule::request_pending) == 2);
  for (const auto& note : report.notes)
    if (note.rule == pki::Rule::request_pending) {
      CHECK(note.severity == pki::Severity::info);
      CHECK_THAT(note.message, contains(on));
      CHECK(is_import(note, note.row.c_str()));
    }
}
