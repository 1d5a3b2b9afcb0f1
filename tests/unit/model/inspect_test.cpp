// SPDX-License-Identifier: Apache-2.0
#include <pki/report.hpp>

#include <algorithm>

#include <support/catch.hpp>

#include "inventory_builder.hpp"

using namespace pki;
using namespace std::chrono_literals;

namespace {

const ClusterConfig config = build::config();

// What `init` left a month ago, with nothing to say about it.
Inventory sound() {
  auto inventory = build::sound(config);
  for (auto& entry : inventory.entries)
    for (auto& certificate : entry.certificates)
      certificate.key_algorithm = to_string(config.algorithm);
  return inventory;
}

Report report_on(const Inventory& inventory, std::chrono::sys_seconds now = build::now,
                 const std::vector<UnmanagedCertificate>& others = {}) {
  return inspect(inventory, others, now);
}

const ReportRow& row(const Report& report, std::string_view name) {
  for (const auto* rows : {&report.certificates, &report.authorities, &report.others})
    for (const auto& found : *rows)
      if (found.name == name) return found;
  throw std::runtime_error("no row " + std::string(name));
}

std::vector<std::string> names(const std::vector<ReportRow>& rows) {
  std::vector<std::string> result;
  for (const auto& found : rows)
    result.push_back(found.name);
  return result;
}

/// notes gives all notes as text: "alarm /k/pki/ca.crt: message".
std::vector<std::string> notes(const Report& report) {
  std::vector<std::string> result;
  for (const auto& note : report.notes)
    result.push_back((note.severity == Severity::error ? "alarm " : "note ") + note.subject + ": " + note.message);
  return result;
}

UnmanagedCertificate found(const std::string& name, std::chrono::sys_seconds not_after) {
  Certificate certificate;
  certificate.sans = {{GeneralName::Kind::dns, "cp-1"}};  // as a server's
  certificate.not_before = build::now - build::day;
  certificate.not_after = not_after;
  return {name, "/var/lib/kubelet/pki/" + name, "kubelet", certificate, "", ""};
}

}  // namespace

TEST_CASE("what init left is valid, without a note, in kubeadm's order") {
  const auto report = report_on(sound());
  CHECK(names(report.certificates) ==
        std::vector<std::string>{"admin.conf", "apiserver", "apiserver-etcd-client", "apiserver-kubelet-client",
                                 "controller-manager.conf", "etcd-healthcheck-client", "etcd-peer", "etcd-server",
                                 "front-proxy-client", "scheduler.conf", "super-admin.conf"});
  CHECK(names(report.authorities) == std::vector<std::string>{"ca", "etcd-ca", "front-proxy-ca"});
  CHECK(names(report.others) == std::vector<std::string>{"kubelet.conf"});
  CHECK(notes(report).empty());
  CHECK(report.worst() == State::valid);
  CHECK(row(report, "etcd-peer").issuer == "etcd-ca");
  CHECK(row(report, "ca").issuer.empty());
  CHECK(row(report, "kubelet.conf").owner == "pkigen");  // until the kubelet has joined
  CHECK(row(report, "admin.conf").place == "user kubernetes-admin");
  CHECK(row(report, "apiserver").certificate->pem.empty());
}

TEST_CASE("time alone moves a certificate from valid over expiring to expired") {
  const auto inventory = sound();
  const auto end = inventory.find("apiserver").certificate()->not_after;
  struct Case {
    std::chrono::sys_seconds now;
    State state;
  };
  const Case cases[] = {{inventory.find("apiserver").certificate()->not_before - 1s, State::not_yet_valid},
                        {inventory.find("apiserver").certificate()->not_before, State::valid},
                        {end - 30 * build::day - 1s, State::valid},
                        {end - 30 * build::day, State::expiring},
                        {end, State::expiring},
                        {end + 1s, State::expired}};
  for (const auto& [now, state] : cases) {
    const auto report = report_on(inventory, now);
    INFO(to_string(state));
    CHECK(row(report, "apiserver").state == state);
    CHECK(row(report, "apiserver").reason.empty() == (state == State::valid));
    CHECK(report.worst() == state);
    CHECK(needs_attention(row(report, "apiserver")) == (state != State::valid));
  }
}

TEST_CASE("a file that is not there is a row, of a CA as of a leaf") {
  auto inventory = sound();
  build::lose(inventory, "apiserver");
  build::lose(inventory, "etcd-ca");
  const auto report = report_on(inventory);
  CHECK(row(report, "apiserver").state == State::missing);
  CHECK_FALSE(row(report, "apiserver").certificate);
  CHECK(row(report, "etcd-ca").state == State::missing);
  CHECK(row(report, "etcd-server").state == State::valid);  // one fault, one alarm
  CHECK(report.worst() == State::missing);
}

TEST_CASE("super-admin.conf may be missing, and nothing else may") {
  auto inventory = sound();
  build::lose(inventory, "super-admin.conf");
  auto report = report_on(inventory);
  CHECK(row(report, "super-admin.conf").state == State::missing);
  CHECK(row(report, "super-admin.conf").optional);
  CHECK_FALSE(needs_attention(row(report, "super-admin.conf")));
  CHECK(report.worst() == State::valid);
  build::lose(inventory, "admin.conf");
  CHECK(report_on(inventory).worst() == State::missing);
}

TEST_CASE("an empty directory is a table of missing rows and no excuse") {
  const auto report = report_on(build::nothing(config));
  CHECK(report.certificates.size() == 11);
  CHECK(report.authorities.size() == 3);
  CHECK(report.others.empty());
  CHECK(report.worst() == State::missing);
  CHECK(notes(report).empty());
}

TEST_CASE("what cannot be used is invalid, and a note says why") {
  struct Case {
    const char* name;
    const char* reason;
    void (*damage)(Entry&);
  };
  const Case cases[] = {
      {"apiserver", "is empty",
       [](Entry& e) {
         build::lose_certificate(e);
         e.exists = true;
         e.problems = {{pki::Rule::malformed, pki::Severity::error, e.path.string(), "is empty"}};
       }},
      {"apiserver", "is a named pipe",
       [](Entry& e) {
         build::lose_certificate(e);
         e.exists = true;
         e.problems = {
             {pki::Rule::malformed, pki::Severity::error, e.path.string(), "is a named pipe, expected a regular file"}};
       }},
      {"etcd-peer", "apart from that",
       [](Entry& e) {
         e.key.reset();
         e.problems = {{pki::Rule::malformed, pki::Severity::error, e.key_path.string(), "apart from that"}};
       }},
      {"apiserver", "does not match the certificate", [](Entry& e) { e.key = build::key("another"); }},
      {"apiserver", "without its key", [](Entry& e) { build::lose_key(e); }},
      {"apiserver", "not signed by ca", [](Entry& e) { e.signed_by_issuer = false; }},
      {"ca", "is empty",
       [](Entry& e) {
         e.certificates.clear();
         e.problems = {{pki::Rule::malformed, pki::Severity::error, e.path.string(), "is empty"}};
       }},
      {"ca", "not a CA", [](Entry& e) { e.certificates[0].is_ca = e.certificates[0].can_sign = false; }},
      {"admin.conf", "line 3",
       [](Entry& e) {
         e.kubeconfig.reset();
         e.certificates.clear();
         e.key.reset();
         e.problems = {{pki::Rule::malformed, pki::Severity::error, e.path.string(), "line 3: not YAML"}};
       }},
      {"admin.conf", "certificate-authority-data",
       [](Entry& e) {
         e.kubeconfig->ca_certificates.clear();
         e.problems = {{pki::Rule::malformed, pki::Severity::error, e.path.string() + ": certificate-authority-data",
                        "no certificate"}};
       }},
  };
  for (const auto& [name, reason, damage] : cases) {
    auto inventory = sound();
    damage(build::at(inventory, name));
    const auto report = report_on(inventory);
    INFO(name << " " << reason);
    CHECK(row(report, name).state == State::invalid);
    CHECK_THAT(row(report, name).reason, contains(reason));
    CHECK(report.worst() == State::invalid);
    CHECK(has_errors(report.notes));
  }
}

TEST_CASE("a key without its certificate leaves the row missing and raises an alarm") {
  auto inventory = sound();
  build::lose_certificate(build::at(inventory, "apiserver"));
  const auto report = report_on(inventory);
  CHECK(row(report, "apiserver").state == State::missing);
  CHECK_FALSE(row(report, "apiserver").optional);
  CHECK_THAT(notes(report).at(0), contains("alarm /k/pki/apiserver.key: a key without its certificate"));
}

TEST_CASE("a file that is open to its group is a note, one that is open to everybody an alarm, and the row is valid") {
  for (const auto severity : {Severity::warning, Severity::error}) {
    auto inventory = sound();
    auto& entry = build::at(inventory, "apiserver");
    entry.problems = {{Rule::file_open_mode, severity, entry.key_path.string(), "is open", {}, "chmod 600"}};
    auto& kubeconfig = build::at(inventory, "admin.conf");
    kubeconfig.problems = {{Rule::file_open_mode, severity, kubeconfig.path.string(), "is open", {}, "chmod 600"}};
    const auto report = report_on(inventory);
    CHECK(row(report, "apiserver").state == State::valid);
    CHECK(row(report, "admin.conf").state == State::valid);
    CHECK(notes(report).size() == 2);
    CHECK(report.worst() == (severity == Severity::error ? State::invalid : State::valid));
  }
}

TEST_CASE("files that this user may not read are one alarm, and a certificate that was read has its state") {
  auto inventory = sound();
  const auto close = [](pki::Entry& entry, const std::filesystem::path& path) {
    entry.problems.push_back({Rule::file_unreadable, Severity::error, path.string(), "cannot read", {}, "root"});
  };
  for (auto& entry : inventory.entries) {
    if (entry.key_path.empty()) {
      entry.certificates.clear();
      entry.kubeconfig.reset();
    }
    entry.key.reset();
    close(entry, entry.key_path.empty() ? entry.path : entry.key_path);
  }
  const auto report = report_on(inventory);
  CHECK(row(report, "apiserver").state == State::valid);
  CHECK(row(report, "admin.conf").state == State::invalid);
  CHECK(row(report, "admin.conf").reason == "not readable by this user");
  REQUIRE(notes(report).size() == 1);
  CHECK_THAT(notes(report)[0], contains("alarm /k: "));
  CHECK_THAT(notes(report)[0], contains(std::to_string(inventory.entries.size()) + " files below are not readable"));
  CHECK(report.worst() == State::invalid);

  auto single = sound();
  close(build::at(single, "ca"), "/k/pki/ca.key");
  build::at(single, "ca").key.reset();
  CHECK_THAT(notes(report_on(single)).at(0), contains("alarm /k/pki/ca.key: is not readable by this user"));
}

TEST_CASE("unmanaged files that this user may not read belong to the same alarm, and other problems do not") {
  const auto unread = [](const std::string& name, const std::string& problem) {
    auto file = found(name, build::now);
    file.certificate.reset();
    file.problem = problem;
    return file;
  };
  const auto report = report_on(sound(), build::now,
                                {unread("a.pem", "not readable by this user"), unread("b.pem", "is empty"),
                                 unread("c.pem", "not readable by this user")});
  REQUIRE(notes(report).size() == 1);
  CHECK(notes(report)[0] ==
        "alarm /var/lib/kubelet/pki: 2 files below are not readable by this user, so nothing is "
        "known about them: permission denied");
  for (const auto* name : {"a.pem", "b.pem", "c.pem"})
    CHECK(row(report, name).state == State::invalid);
  CHECK(row(report, "a.pem").reason == "not readable by this user");
  CHECK(row(report, "b.pem").reason == "is empty");
}

TEST_CASE("externally managed is a row whose CA has no key here, and such a CA itself") {
  auto inventory = sound();
  build::make_external(inventory, "ca");
  const auto report = report_on(inventory);
  CHECK(row(report, "ca").externally_managed);
  CHECK(row(report, "apiserver").externally_managed);
  CHECK(row(report, "apiserver").owner == "external");
  CHECK_FALSE(row(report, "etcd-server").externally_managed);
  CHECK(row(report, "etcd-server").owner == "pkigen");
  CHECK(report.worst() == State::valid);
}

TEST_CASE("rows of an external etcd are left out where the configuration says so") {
  auto inventory = sound();
  inventory.saved_config->config.external_etcd.emplace().endpoints = {"https://10.0.0.1:2379"};
  inventory.saved_config->config.external_etcd->ca_file = "/etc/etcd/ca.crt";
  const auto report = report_on(inventory);
  CHECK(report.certificates.size() == 7);
  CHECK(report.authorities.size() == 2);
}

TEST_CASE("no etcd file and no word about it is an external etcd, and a note says so") {
  const auto without_etcd = [](bool saved) {
    auto inventory = sound();
    if (!saved) inventory.saved_config.reset();
    for (auto& entry : inventory.entries)
      if (entry.row->local_etcd) build::lose(entry);
    return inventory;
  };
  const auto report = report_on(without_etcd(false));
  CHECK(report.certificates.size() == 7);
  CHECK(report.worst() == State::valid);
  CHECK_THAT(notes(report).at(0), contains("external etcd"));
  CHECK(report_on(without_etcd(true)).worst() == State::missing);  // the configuration says that etcd is here
  auto one_left = without_etcd(false);
  auto& entry = build::at(one_left, "apiserver-etcd-client");
  entry = build::sound_entry(*entry.row, config);
  CHECK(report_on(one_left).worst() == State::missing);
}

TEST_CASE("a leaf that outlives its CA, and a CA that outlives no new one, are notes, and the CA expires soon") {
  auto inventory = sound();
  auto& ca = build::at(inventory, "ca").certificates[0];
  ca.not_after = build::now + 364 * build::day;
  inventory.saved_config->config.ca_validity = ca.not_after - ca.not_before;
  for (auto& entry : inventory.entries)
    if (entry.kubeconfig) entry.kubeconfig->ca_certificates = {ca};
  auto report = report_on(inventory);
  CHECK(notes(report).back() ==
        "note /k/pki/ca.crt: ends in 364d, sooner than a certificate that it signs today would (365d)");
  CHECK(report.worst() == State::expiring);
  CHECK(row(report, "ca").state == State::expiring);
  CHECK_THAT(row(report, "ca").reason, contains("before a new certificate would"));
  build::at(inventory, "apiserver").certificates[0].not_after = ca.not_after + 1s;
  report = report_on(inventory);
  CHECK(std::ranges::any_of(notes(report),
                            [](const auto& note) { return note.find("longer than its CA") != std::string::npos; }));
}

TEST_CASE("what differs from the saved configuration is one note per difference") {
  struct Case {
    const char* text;
    void (*change)(Inventory&);
  };
  const Case cases[] = {
      {"lacks the names api.new", [](Inventory& i) { i.saved_config->config.apiserver_sans = {"api.new"}; }},
      {"has the names old.example, which the configuration does not explain",
       [](Inventory& i) {
         build::at(i, "apiserver").certificates[0].sans.push_back({GeneralName::Kind::dns, "old.example"});
       }},
      {"common name is", [](Inventory& i) { build::at(i, "apiserver").certificates[0].common_name = "other"; }},
      {"key is RSA-2048, expected ECDSA-P256",
       [](Inventory& i) { build::at(i, "apiserver").certificates[0].key_algorithm = "RSA-2048"; }},
      {"was issued for 2400h",
       [](Inventory& i) {
         auto& c = build::at(i, "apiserver").certificates[0];
         c.not_after = c.not_before + 100 * build::day;
       }},
      {"was issued for 8760h10m1s, expected 8760h0m0s",
       [](Inventory& i) { build::at(i, "apiserver").certificates[0].not_before -= 601s; }},
  };
  for (const auto& [text, change] : cases) {
    auto inventory = sound();
    change(inventory);
    const auto report = report_on(inventory);
    INFO(text);
    REQUIRE(notes(report).size() == 1);
    CHECK_THAT(notes(report)[0], contains(text));
    CHECK(report.worst() == State::valid);
  }
}

TEST_CASE("ten minutes of backdating, a life cut by the CA and a beginning that is not known are no drift") {
  const auto quiet = [](void (*change)(Inventory&)) {
    auto inventory = sound();
    change(inventory);
    const auto report = report_on(inventory);
    return std::ranges::none_of(notes(report),
                                [](const auto& note) { return note.find("was issued for") != std::string::npos; });
  };
  CHECK(quiet([](Inventory& i) { build::at(i, "apiserver").certificates[0].not_before -= 10min; }));
  CHECK(quiet([](Inventory& i) { build::at(i, "apiserver").certificates[0].not_after += 3285 * build::day; }));
  CHECK(quiet([](Inventory& i) {
    auto& ca = build::at(i, "ca").certificates[0];
    ca.not_after = ca.not_before + 3650 * build::day;
    auto& leaf = build::at(i, "apiserver").certificates[0];
    leaf.not_after = ca.not_after;
    leaf.not_before = ca.not_after - 100 * build::day;
  }));
  CHECK_FALSE(quiet([](Inventory& i) {
    auto& leaf = build::at(i, "apiserver").certificates[0];
    leaf.not_before -= 3 * build::day;
  }));
}

TEST_CASE("a configuration that is wrong is told and not used") {
  auto inventory = sound();
  inventory.saved_config->problems = {
      {pki::Rule::malformed, pki::Severity::error, "/k/pkigen.yaml:3", "unknown field"}};
  inventory.saved_config->config.apiserver_sans = {"api.new"};
  auto report = report_on(inventory);
  REQUIRE(notes(report).size() == 1);
  CHECK_THAT(notes(report)[0], contains("note /k/pkigen.yaml:3: unknown field"));
  inventory.saved_config->problems.clear();
  inventory.saved_config->config.node_name = "";
  report = report_on(inventory);
  CHECK_THAT(notes(report).at(0), contains("nothing is compared"));
}

TEST_CASE("the pair that signs tokens raises an alarm where half of it is gone, and only beside other files") {
  struct Case {
    bool alarm;
    void (*damage)(Inventory&);
  };
  const Case cases[] = {
      {true, [](Inventory& i) { build::lose(i, "sa"); }},
      {true, [](Inventory& i) { build::lose_key(build::at(i, "sa")); }},
      {true, [](Inventory& i) { build::lose_certificate(build::at(i, "sa")); }},
      {true, [](Inventory& i) { build::at(i, "sa").public_key_sha256 = "another"; }},
      {false, [](Inventory&) {}},
  };
  for (const auto& [alarm, damage] : cases) {
    auto inventory = sound();
    damage(inventory);
    const auto report = report_on(inventory);
    CHECK(report.worst() == (alarm ? State::invalid : State::valid));
    CHECK(report.notes.size() == (alarm ? 1U : 0U));
  }
}

TEST_CASE("an unfinished write is a note") {
  auto inventory = sound();
  inventory.notes = {{Rule::write_unfinished, Severity::warning, "/k/pki", "an unfinished write"}};
  CHECK(notes(report_on(inventory)) == std::vector<std::string>{"note /k/pki: an unfinished write"});
}

TEST_CASE("what others manage is judged by its dates, and a file that cannot be read is invalid") {
  auto unread = found("kubelet.crt", build::now);
  unread.certificate.reset();
  unread.problem = "is empty";
  const auto report = report_on(sound(), build::now,
                                {found("a.pem", build::now + 300 * build::day), found("b.pem", build::now + build::day),
                                 found("c.pem", build::now - 1s), unread});
  CHECK(names(report.others) == std::vector<std::string>{"kubelet.conf", "a.pem", "b.pem", "c.pem", "kubelet.crt"});
  CHECK(row(report, "a.pem").state == State::valid);
  CHECK(row(report, "b.pem").state == State::expiring);
  CHECK(row(report, "c.pem").state == State::expired);
  CHECK(row(report, "kubelet.crt").state == State::invalid);
  CHECK(row(report, "kubelet.crt").reason == "is empty");
  CHECK(report.notes.empty());  // the row says it all
  CHECK(report.worst() == State::invalid);
}

TEST_CASE("kubelet.conf is shown only where it exists, and says where it points to") {
  auto inventory = sound();
  auto& entry = build::at(inventory, "kubelet.conf");
  entry.certificates.clear();
  entry.key.reset();
  entry.kubeconfig->client_certificate_file = "/var/lib/kubelet/pki/kubelet-client-current.pem";
  auto report = report_on(inventory, build::now, {found("kubelet-client-current.pem", build::now + 300 * build::day)});
  CHECK(row(report, "kubelet.conf").state == State::valid);
  CHECK(row(report, "kubelet.conf").reason == "points to /var/lib/kubelet/pki/kubelet-client-current.pem");
  CHECK(row(report, "kubelet.conf").owner == "kubelet");
  CHECK(notes(report).empty());
  report = report_on(inventory);
  CHECK(row(report, "kubelet.conf").reason ==
        "points to /var/lib/kubelet/pki/kubelet-client-current.pem, which was not read");
  CHECK(report.worst() == State::valid);
  build::lose(inventory, "kubelet.conf");
  CHECK(report_on(inventory).others.empty());
}

TEST_CASE("another kubeconfig that points to a file is invalid until that file is looked at too") {
  auto inventory = sound();
  auto& entry = build::at(inventory, "scheduler.conf");
  entry.certificates.clear();
  entry.key.reset();
  entry.kubeconfig->client_certificate_file = "scheduler.pem";
  CHECK(row(report_on(inventory), "scheduler.conf").state == State::invalid);
  auto pointed_to = found("scheduler.pem", build::now + 300 * build::day);
  pointed_to.path = "/k/scheduler.pem";
  CHECK(row(report_on(inventory, build::now, {pointed_to}), "scheduler.conf").state == State::valid);
}

TEST_CASE("a request that waits is a note that changes no state, whether there is a certificate or not") {
  auto inventory = sound();
  for (const auto* const ca : {"ca", "etcd-ca"})
    build::make_external(inventory, ca);
  build::lose(inventory, "etcd-peer");
  const auto before = report_on(inventory);
  for (const auto* const name : {"apiserver", "etcd-peer"})
    build::at(inventory, name).request = PendingRequest{build::now - build::day, "key that waits"};
  const auto report = report_on(inventory);
  CHECK(row(report, "apiserver").state == State::valid);
  CHECK(row(report, "etcd-peer").state == State::missing);
  CHECK(report.worst() == before.worst());
  for (const auto* const name : {"apiserver", "etcd-peer"}) {
    CAPTURE(name);
    const auto is_it = [&](const Finding& note) { return note.rule == Rule::request_pending && note.row == name; };
    REQUIRE(std::ranges::count_if(report.notes, is_it) == 1);
    const auto& note = *std::ranges::find_if(report.notes, is_it);
    CHECK(note.severity == Severity::info);
    CHECK(note.subject == inventory.find(name).path.string());
    CHECK_THAT(note.message, contains("requested on 2026-11-20"));
    CHECK(note.remedy == Remedy{Remedy::Kind::import_answer, {name}});
  }
}
