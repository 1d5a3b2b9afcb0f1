// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ceremony.hpp"

using namespace ceremony;
using pki::Answer;
using pki::CertSpec;
using pki::Rule;
using pki::WaitingRequest;
using Kind = pki::GeneralName::Kind;

namespace {

/// Returns what good answers to two requests look like, to change them.
struct Exchange {
  Cluster cluster{};
  std::vector<WaitingRequest> waiting{cluster.request({.rows = rows({"apiserver", "admin.conf"})})};
  pki::SigningPlan plan{cluster.decide(waiting)};
  std::vector<Answer> answers{pki::sign_requests(plan, cluster.holder()).answers};

  /// Returns an answer for the API server that its CA signed with a changed spec.
  [[nodiscard]] Answer changed(const std::function<void(CertSpec&)>& change, std::string_view ca = "ca") const {
    auto spec = plan.steps.at(0).spec;
    change(spec);
    return {"apiserver", "apiserver.crt", {cluster.sign_with(ca, spec, waiting.at(0).request)}};
  }
};

std::string files_below(const std::filesystem::path& directory) {
  std::string text;
  for (const auto& file : std::filesystem::recursive_directory_iterator(directory))
    if (file.is_regular_file()) text += file.path().string() + "\n" + slurp(file.path());
  return text;
}

/// Files of the CA `ca` with an intermediate and its root, on both sides.
struct Intermediate {
  std::string certificate;
  std::string root;

  explicit Intermediate(const Cluster& cluster) {
    old::Wish top;
    top.subject = {{"CN", V_ASN1_UTF8STRING, "root"}};
    top.ca = true;
    top.not_after = now + 3000 * day;
    auto middle = top;
    middle.subject = {{"CN", V_ASN1_UTF8STRING, "kubernetes"}};
    const auto root_key = old::ec_key();
    const auto key = old::ec_key();
    const auto made = old::make(top, root_key);
    root = old::pem_of(made);
    certificate = old::pem_of(old::make(middle, key, made, root_key));
    for (const auto* const side : {"host", "holder"})
      put(cluster / (std::string(side) + "/pki/ca.crt"), certificate + root);
    put(cluster / "holder/pki/ca.key", old::pem_of(key), 0600);
  }
};

std::string pems_of(const std::vector<pki::Certificate>& certificates) {
  std::string text;
  for (const auto& certificate : certificates)
    text += certificate.pem;
  return text;
}

}  // namespace

TEST_CASE("good answers are a bundle of whole files, and nothing is written before it is committed") {
  const Exchange exchange;
  const auto before = files_below(exchange.cluster / "host");
  const auto import = exchange.cluster.import(exchange.answers);
  CHECK(listed(import.conflicts).empty());
  CHECK(listed(import.warnings).empty());
  REQUIRE(import.bundle.issued.size() == 2);
  CHECK(import.bundle.issued[0].row->name == "apiserver");
  CHECK(import.bundle.issued[0].certificate == exchange.answers[0].chain[0]);
  CHECK(import.bundle.files.size() == 3);
  CHECK(content_of(import.bundle, "apiserver.crt") == exchange.answers[0].chain[0].pem);
  CHECK(content_of(import.bundle, "apiserver.key") == exchange.waiting[0].key->pem().c_str());
  CHECK_THAT(content_of(import.bundle, "admin.conf"), contains("server: https://192.0.2.1:6443"));
  for (const auto& file : import.bundle.files)
    CHECK(file.mode == (file.path.extension() == ".crt" ? 0644 : 0600));
  CHECK(files_below(exchange.cluster / "host") == before);
}

TEST_CASE("an answer is matched by its key, whatever its file is called") {
  const Exchange exchange;
  auto answers = exchange.answers;
  for (auto& answer : answers)
    answer.row.clear();
  std::ranges::reverse(answers);
  const auto import = exchange.cluster.import(answers);
  CHECK(listed(import.conflicts).empty());
  CHECK(content_of(import.bundle, "apiserver.crt") == exchange.answers[0].chain[0].pem);
  answers[0].row = "someone-named-it-so";
  CHECK(listed(exchange.cluster.import(answers).conflicts).empty());
}

TEST_CASE("requests without an answer go on waiting") {
  const Exchange exchange;
  auto answers = exchange.answers;
  answers.pop_back();
  exchange.cluster.put_in_place(answers);
  const auto waiting = pki::read_requests(exchange.cluster.host());
  REQUIRE(waiting.size() == 1);
  CHECK(waiting[0].request == exchange.waiting[1].request);
  exchange.cluster.put_in_place({exchange.answers[1]});
  CHECK(pki::read_requests(exchange.cluster.host()).empty());
}

TEST_CASE("a certificate that the CA changed is refused, and nothing is ready to be written") {
  struct Row {
    const char* name;
    void (*change)(CertSpec&);
    const char* rules;
    const char* says;
  };
  const Row rows[] = {
      {"another common name", [](CertSpec& spec) { spec.common_name = "another"; }, "common-name-differs", "another"},
      {"no common name", [](CertSpec& spec) { spec.subject_der = std::string("\x30\0", 2); }, "common-name-differs",
       "kube-apiserver"},
      {"an organization", [](CertSpec& spec) { spec.organizations = {"system:masters"}; }, "organization-differs",
       "system:masters"},
      {"a further name",
       [](CertSpec& spec) {
         spec.sans.push_back({Kind::dns, "more.example"});
       },
       "names-unexplained", "more.example"},
      {"a wildcard",
       [](CertSpec& spec) {
         spec.sans.push_back({Kind::dns, "*.example"});
       },
       "names-unexplained", "*.example"},
      {"a name less", [](CertSpec& spec) { spec.sans.erase(spec.sans.begin()); }, "names-missing", "cp-1"},
      {"no names", [](CertSpec& spec) { spec.sans.clear(); }, "names-missing server-without-names", "cp-1"},
      {"wider usages",
       [](CertSpec& spec) {
         spec.extended_key_usages = {"serverAuth", "clientAuth"};
       },
       "usages-wider", "clientAuth"},
      {"another usage", [](CertSpec& spec) { spec.extended_key_usages = {"clientAuth"}; },
       "usages-wider extended-key-usage-missing", "clientAuth"},
      {"a CA",
       [](CertSpec& spec) {
         spec.profile = pki::Profile::ca;
         spec.extended_key_usages = {"serverAuth"};
       },
       "leaf-is-ca", "a CA certificate"},
      {"any usage",
       [](CertSpec& spec) {
         spec.extended_key_usages = {"serverAuth", "2.5.29.37.0"};
       },
       "usages-wider", "2.5.29.37.0"},
      {"no usages", [](CertSpec& spec) { spec.profile = pki::Profile::ca; }, "usages-wider leaf-is-ca",
       "good for any: expected serverAuth"},
      {"expired",
       [](CertSpec& spec) {
         spec.not_before = now - 20 * day;
         spec.not_after = now - day;
       },
       "expired", "expired on"},
      {"not valid yet", [](CertSpec& spec) { spec.not_before = now + day; }, "not-yet-valid", "not valid before"},
  };
  const Exchange exchange;
  CHECK(listed(exchange.cluster.import({exchange.changed([](CertSpec&) {})}).conflicts).empty());
  for (const auto& row : rows) {
    CAPTURE(row.name);
    const auto import = exchange.cluster.import({exchange.answers[1], exchange.changed(row.change)});
    INFO(listed(import.conflicts));
    CHECK(rules_of(import.conflicts) == row.rules);
    REQUIRE_FALSE(import.conflicts.empty());
    CHECK_THAT(import.conflicts.front().message, contains(row.says));
    for (const auto& conflict : import.conflicts) {
      CHECK(conflict.subject == "apiserver.crt");
      CHECK(conflict.row == "apiserver");
      CHECK(conflict.severity == pki::Severity::error);
    }
    CHECK(import.bundle.files.empty());
    CHECK(import.bundle.issued.empty());
  }
}

TEST_CASE("a certificate for another key is refused") {
  const Exchange exchange;
  auto answer = exchange.answers[0];
  pki::CertSpec spec = exchange.plan.steps[0].spec;
  const auto foreign = pki::crypto::make_request(spec, pki::generate_private_key(pki::KeyAlgorithm::ecdsa_p256));
  answer.chain = {exchange.cluster.sign_with("ca", spec, foreign)};
  SECTION("for a row whose request waits") {
    const auto import = exchange.cluster.import({answer});
    CHECK(rules_of(import.conflicts) == "key-mismatch");
    CHECK_THAT(import.conflicts.at(0).message, contains("another key than the request for apiserver"));
  }
  SECTION("for no row, or one whose request does not wait") {
    for (const auto* const row : {"", "scheduler.conf"}) {
      answer.row = row;
      const auto import = exchange.cluster.import({answer});
      CHECK(rules_of(import.conflicts) == "answer-unmatched");
      CHECK(import.bundle.files.empty());
    }
  }
  SECTION("which is that of another request") {
    answer.chain = exchange.answers[1].chain;
    const auto import = exchange.cluster.import({answer});
    CHECK(rules_of(import.conflicts) == "key-mismatch");
    CHECK_THAT(import.conflicts.at(0).message, contains("is for apiserver, and has the key of admin.conf"));
  }
}

TEST_CASE("a certificate of another CA is refused") {
  const Exchange exchange;
  const auto other = exchange.changed([](CertSpec&) {}, "etcd-ca");
  CHECK(rules_of(exchange.cluster.import({other}).conflicts) == "not-signed-by-ca");
  // One with the same name, and another key.
  const auto key = pki::generate_private_key(pki::KeyAlgorithm::ecdsa_p256);
  auto impostor = exchange.plan.steps[0].spec;
  impostor.profile = pki::Profile::ca;
  impostor.subject_der = exchange.cluster.host().find("ca").certificate()->subject_der;
  impostor.sans.clear();
  const pki::crypto::SigningKey signing(key);
  const auto ca = pki::crypto::self_sign(impostor, signing);
  Answer answer{"apiserver",
                "apiserver.crt",
                {pki::crypto::sign(exchange.plan.steps[0].spec, pki::crypto::public_key_of(exchange.waiting[0].request),
                                   ca, signing),
                 ca}};
  CHECK(rules_of(exchange.cluster.import({answer}).conflicts) == "not-signed-by-ca");
}

TEST_CASE("an answer without a certificate is refused") {
  const Exchange exchange;
  const auto import = exchange.cluster.import({{"apiserver", "apiserver.crt", {}}, exchange.answers[1]});
  CHECK(rules_of(import.conflicts) == "certificate-missing");
  CHECK(import.conflicts.at(0).subject == "apiserver.crt");
}

TEST_CASE("of two answers for one request the second is refused") {
  const Exchange exchange;
  auto second = exchange.changed([](CertSpec&) {});
  second.row.clear();
  second.source = "again.crt";
  const auto import = exchange.cluster.import({exchange.answers[0], second});
  CHECK(rules_of(import.conflicts) == "values-conflict");
  CHECK(import.conflicts.at(0).subject == "again.crt");
  CHECK(import.bundle.files.empty());
}

TEST_CASE("all conflicts of all answers are listed at once") {
  const Exchange exchange;
  auto bad = exchange.changed([](CertSpec& spec) {
    spec.common_name = "another";
    spec.sans.pop_back();
  });
  auto worse = exchange.answers[1];
  worse.chain.clear();
  CHECK(rules_of(exchange.cluster.import({bad, worse}).conflicts) ==
        "common-name-differs names-missing certificate-missing");
}

TEST_CASE("where no request waits every answer is refused") {
  const Exchange exchange;
  exchange.cluster.put_in_place(exchange.answers);
  const auto import = exchange.cluster.import(exchange.answers);
  CHECK(rules_of(import.conflicts) == "answer-unmatched answer-unmatched");
  CHECK(import.bundle.files.empty());
}

TEST_CASE("a request that cannot be read is named where an answer misses it") {
  const Exchange exchange;
  auto inventory = exchange.cluster.host();
  const pki::Finding unread{Rule::io, pki::Severity::error, "requests/apiserver", "cannot open: too many open files"};
  inventory.notes = {unread, {Rule::io, pki::Severity::warning, "x", "the remains of a run were removed"}};
  const auto found = pki::plan_import(inventory, {}, exchange.answers, now).conflicts;
  CHECK(rules_of(found) == "answer-unmatched answer-unmatched io");
  CHECK(found.back().message == unread.message);
  CHECK(rules_of(exchange.cluster.import(exchange.answers).conflicts).empty());
}

TEST_CASE("an answer that is older than the live certificate, or the live one itself, is refused") {
  const Exchange exchange;
  exchange.cluster.put_in_place(exchange.answers);
  const auto later = now + 100 * day;
  const auto waiting = exchange.cluster.request({.rows = rows({"apiserver"}), .reuse_key = true}, later);
  const auto same = exchange.cluster.import({exchange.answers[0]}, later);
  CHECK(rules_of(same.conflicts) == "answer-outdated");
  CHECK_THAT(same.conflicts.at(0).message, contains("on disk already"));
  const auto older = exchange.changed([](CertSpec& spec) { spec.not_before -= 5 * day; });
  const auto import = exchange.cluster.import({older}, later);
  CHECK(rules_of(import.conflicts) == "answer-outdated");
  CHECK_THAT(import.conflicts.at(0).message, contains("is older than"));
  const auto good = exchange.cluster.import(exchange.cluster.sign(waiting, later), later);
  CHECK(listed(good.conflicts).empty());
}

TEST_CASE("a certificate that is valid for a shorter time than was asked for is a warning") {
  const Exchange exchange;
  const auto import =
      exchange.cluster.import({exchange.changed([](CertSpec& spec) { spec.not_after = now + 90 * day; })});
  CHECK(listed(import.conflicts).empty());
  CHECK(rules_of(import.warnings) == "validity-differs");
  CHECK(import.warnings.at(0).severity == pki::Severity::warning);
  CHECK(import.bundle.files.size() == 2);
  const auto nearly = exchange.changed([](CertSpec& spec) { spec.not_after = now + 360 * day; });
  CHECK(listed(exchange.cluster.import({nearly}).warnings).empty());
}

TEST_CASE("the chain behind a certificate is complete without its root, whatever the holder sent") {
  const Cluster cluster;
  const Intermediate ca(cluster);
  const auto waiting = cluster.request({.rows = rows({"apiserver", "admin.conf"})});
  const auto signed_answers = cluster.sign(waiting);
  REQUIRE(signed_answers.at(0).chain.size() == 2);
  const auto root = pki::parse_certificates(ca.root, "root").front();
  const auto leaf = signed_answers[0].chain[0];
  const auto middle = signed_answers[0].chain[1];
  for (const auto& chain :
       std::vector<std::vector<pki::Certificate>>{{leaf, middle}, {leaf}, {leaf, middle, root}, {leaf, root}}) {
    CAPTURE(chain.size());
    const auto import = cluster.import({{"apiserver", "apiserver.crt", chain}});
    CHECK(listed(import.conflicts).empty());
    CHECK(content_of(import.bundle, "apiserver.crt") == leaf.pem + ca.certificate);
  }
  CHECK(rules_of(cluster.import({{"apiserver", "apiserver.crt", {middle, leaf}}}).conflicts) == "key-mismatch");
  cluster.put_in_place(signed_answers);
  const auto done = cluster.host();
  const auto& kubeconfig = done.find("admin.conf");
  CHECK(pems_of(kubeconfig.certificates) == pems_of(signed_answers[1].chain));
  CHECK(pems_of(kubeconfig.kubeconfig->ca_certificates) == ca.certificate + ca.root);
  for (const auto* const name : {"apiserver", "admin.conf"}) {
    CHECK_FALSE(done.find(name).trust_paths.empty());
    CHECK_FALSE(done.find(name).refusal);
  }
}

TEST_CASE("a self-signed CA is not put behind its certificates") {
  const Exchange exchange;
  auto answer = exchange.answers[0];
  answer.chain.push_back(*exchange.cluster.host().find("ca").certificate());
  const auto import = exchange.cluster.import({answer});
  CHECK(listed(import.conflicts).empty());
  CHECK(content_of(import.bundle, "apiserver.crt") == answer.chain[0].pem);
}

TEST_CASE("an answer whose CA or key went away in the meantime is refused") {
  const Exchange exchange;
  exchange.cluster.put_in_place(exchange.answers);
  const auto later = now + 100 * day;
  const auto waiting = exchange.cluster.request({.rows = rows({"apiserver", "admin.conf"}), .reuse_key = true}, later);
  const auto answers = exchange.cluster.sign(waiting, later);
  SECTION("the CA") {
    std::filesystem::remove(exchange.cluster / "host/pki/ca.crt");
    const auto inventory = exchange.cluster.host();
    const auto import = pki::plan_import(inventory, waiting, answers, later);
    CHECK(rules_of(import.conflicts) == "ca-missing ca-missing");
    CHECK(import.bundle.files.empty());
  }
  SECTION("the key") {
    std::filesystem::remove(exchange.cluster / "host/pki/apiserver.key");
    std::filesystem::remove(exchange.cluster / "host/admin.conf");
    const auto inventory = exchange.cluster.host();
    const auto import = pki::plan_import(inventory, waiting, answers, later);
    CHECK(rules_of(import.conflicts) == "key-missing key-missing");
    CHECK(import.bundle.files.empty());
  }
}

TEST_CASE("a kubeconfig that was removed while its renewal waited is a conflict, not a kubeconfig without a server") {
  const Exchange exchange;
  exchange.cluster.put_in_place(exchange.answers);
  const auto later = now + 100 * day;
  const auto waiting = exchange.cluster.request({.rows = rows({"admin.conf"})}, later);
  const auto answers = exchange.cluster.sign(waiting, later);
  std::filesystem::remove(exchange.cluster / "host/admin.conf");
  const auto import = exchange.cluster.import(answers, later);
  REQUIRE(import.conflicts.size() == 1);
  CHECK(import.conflicts[0].row == "admin.conf");
  CHECK_THAT(import.conflicts[0].message, contains("server"));
  CHECK(import.bundle.files.empty());
}

TEST_CASE("two rows that share one key are answered by the names of their rows") {
  const Exchange exchange;
  auto waiting = exchange.waiting;
  const auto& key = *waiting[0].key;
  waiting[1].request = pki::crypto::make_request(exchange.plan.steps[1].spec, key);
  waiting[1].key = key;
  auto answers = exchange.answers;
  answers[1].chain = {exchange.cluster.sign_with("ca", exchange.plan.steps[1].spec, waiting[1].request)};
  const auto import = pki::plan_import(exchange.cluster.host(), waiting, answers, now);
  CHECK(listed(import.conflicts).empty());
  CHECK(import.bundle.issued.size() == 2);
}

TEST_CASE("a clock behind the newest certificate is a conflict of an import") {
  const Exchange exchange;
  const auto import = exchange.cluster.import(exchange.answers, now - 100 * day);
  CHECK_THAT(rules_of(import.conflicts), contains("clock-behind"));
  CHECK(import.bundle.files.empty());
}

TEST_CASE("messages name the file of an answer, or its row where there is none, and are plain") {
  const Exchange exchange;
  auto answer = exchange.changed([](CertSpec& spec) { spec.common_name = "another"; });
  for (const auto* const source : {"", "in\x1b[2J.crt"}) {
    answer.source = source;
    const auto import = exchange.cluster.import({answer});
    REQUIRE(import.conflicts.size() == 1);
    const auto& subject = import.conflicts[0].subject;
    CHECK((subject == "apiserver") == answer.source.empty());
    CHECK(std::ranges::none_of(subject, [](char c) { return static_cast<unsigned char>(c) < 0x20; }));
  }
}

TEST_CASE("no answers are no work") {
  const Exchange exchange;
  const auto import = exchange.cluster.import({});
  CHECK(listed(import.conflicts).empty());
  CHECK(import.bundle.files.empty());
}
