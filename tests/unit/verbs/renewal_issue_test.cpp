// SPDX-License-Identifier: Apache-2.0
#include <support/catch.hpp>

#include <algorithm>
#include <variant>

#include <openssl/x509v3.h>

#include <pki/bundle.hpp>
#include <pki/renewal.hpp>

#include "old_pki.hpp"

// Renewals of what kubeadm wrote, from its first releases to now, and of what people made of it.

namespace {

using old::Crt;
using old::now;
using old::Pair;

/// Made is how a generation of kubeadm wrote certificates.
struct Made {
  const char* name;
  old::Key (*key)();
  const char* ca_serial;
  bool key_ids;
};

const std::vector<Made> generations{
    {"old, RSA: CA serial 0, no key identifiers", [] { return old::rsa_key(); }, "0", false},
    {"RSA: CA serial 0", [] { return old::rsa_key(); }, "0", true},
    {"ECDSA: CA serial of 63 bits", [] { return old::ec_key(); }, "7123456789abcdef", true},
    {"ECDSA: no key identifiers", [] { return old::ec_key(); }, "0", false},
};

/// Cluster is a CA and two of its leaves, in memory.
struct Cluster {
  explicit Cluster(const Made& made) {
    ca.key = made.key();
    leaf_key = made.key();
    const auto begin = now - 300 * old::day;
    ca.certificate = old::make({.subject = {{"CN", V_ASN1_PRINTABLESTRING, "kubernetes"}},
                                .serial = made.ca_serial,
                                .ca = true,
                                .subject_key_id = made.key_ids,
                                .not_before = begin,
                                .not_after = begin + 3650 * old::day},
                               ca.key);
    old::put(files, "ca", ca);
    add("apiserver", {.subject = {{"CN", V_ASN1_PRINTABLESTRING, "kube-apiserver"}},
                      .subject_key_id = false,
                      .sans = "DNS:cp-1,DNS:kubernetes,IP:10.96.0.1",
                      .usages = "serverAuth",
                      .not_before = begin});
    add("admin.conf", {.subject = {{"O", V_ASN1_PRINTABLESTRING, "system:masters"},
                                   {"CN", V_ASN1_PRINTABLESTRING, "kubernetes-admin"}},
                       .subject_key_id = false,
                       .usages = "clientAuth",
                       .not_before = begin});
  }

  void add(std::string_view row, const old::Wish& wish) {
    leaves[row] = {old::make(wish, leaf_key, ca.certificate, ca.key), leaf_key};
    if (pki::default_catalog().find_row(row).form == pki::Form::kubeconfig)
      old::put_kubeconfig(files, row, leaves[row], old::pem_of(ca.certificate));
    else
      old::put(files, row, leaves[row]);
  }

  [[nodiscard]] pki::Plan plan(const pki::RenewOptions& options = {},
                               const pki::ClusterConfig* config = nullptr) const {
    if (config == nullptr) return pki::plan_renew(nullptr, old::inventory_of(files), now, options);
    const auto valid = pki::validate(*config).value();
    return pki::plan_renew(&valid, old::inventory_of(files), now, options);
  }

  /// renew carries a plan out in memory and gives what is there then.
  pki::Inventory renew(const pki::RenewOptions& options = {}, const pki::ClusterConfig* config = nullptr) {
    const auto decided = plan(options, config);
    for (const auto& problem : decided.conflicts)
      UNSCOPED_INFO(problem.subject << ": " << problem.message);
    REQUIRE(decided.conflicts.empty());
    written.clear();
    for (const auto& file : pki::issue(decided, old::inventory_of(files)).files) {
      written.push_back(file.path.string());
      files[file.path].assign(file.content.begin(), file.content.end());
    }
    std::ranges::sort(written);
    return old::inventory_of(files);
  }

  Pair ca;
  old::Key leaf_key;
  std::map<std::string_view, Pair> leaves;
  old::Files files;
  std::vector<std::string> written;
};

pki::RenewOptions only(const char* row) {
  pki::RenewOptions options;
  options.rows = {&pki::default_catalog().find_row(row)};
  return options;
}

pki::ClusterConfig config(pki::KeyAlgorithm algorithm) {
  pki::ClusterConfig config;
  config.node_name = "cp-1";
  config.advertise_address = "192.168.10.11";
  config.algorithm = algorithm;
  config.layout = old::layout();
  return config;
}

using Paths = std::vector<std::string>;

}  // namespace

TEST_CASE("what kubeadm made is renewed, whatever its generation") {
  for (const auto& made : generations) {
    INFO(made.name);
    Cluster cluster(made);
    const auto renewed = cluster.renew();
    CHECK(cluster.written == Paths{"/k/admin.conf", "/k/pki/apiserver.crt", "/k/pki/apiserver.key"});
    for (const char* row : {"apiserver", "admin.conf"}) {
      const auto& entry = renewed.find(row);
      const auto leaf = old::parse(entry.certificate()->pem);
      CHECK(entry.signed_by_issuer);
      CHECK(entry.key->algorithm() == entry.certificate()->key_algorithm);
      CHECK(old::is_signed_by(leaf, cluster.ca.certificate));
      CHECK(old::subject_der(leaf) == old::subject_der(cluster.leaves[row].certificate));
      CHECK(old::authority_key_id(leaf) == old::key_id(cluster.ca.certificate));
      // They began with their CA, so the year is what is known of their validity.
      CHECK(entry.certificate()->not_after <= now + 365 * old::day);
    }
  }
}

TEST_CASE("keys of algorithms that no new keys are made with are replaced, or kept where asked for, and sign") {
  struct Case {
    const char* name;
    old::Key (*key)();
    const char* replacement;
  };
  const Case cases[] = {
      {"ED25519", [] { return old::ed25519_key(); }, "ECDSA-P256"},
      {"ECDSA-P521", [] { return old::ec_key("P-521"); }, "ECDSA-P384"},
      {"RSA-1536", [] { return old::rsa_key(1536); }, "RSA-2048"},
  };
  for (const auto& [name, key, replacement] : cases) {
    CAPTURE(name);
    const Made made{name, key, "7123456789abcdef", true};
    Cluster reused(made);
    auto options = pki::RenewOptions{};
    options.reuse_key = true;
    Cluster replaced(made);
    const auto configured = config(pki::KeyAlgorithm::ecdsa_p384);
    Cluster by_configuration(made);
    const std::pair<pki::Inventory, std::string> results[] = {
        {reused.renew(options), name},
        {replaced.renew(), replacement},
        {by_configuration.renew({}, &configured), "ECDSA-P384"},
    };
    for (const auto& [inventory, expected] : results) {
      for (const char* row : {"apiserver", "admin.conf"}) {
        CHECK(inventory.find(row).problems.empty());
        CHECK(inventory.find(row).signed_by_issuer);
        CHECK(inventory.find(row).key->algorithm() == expected);
        CHECK(inventory.find(row).certificate()->key_algorithm == expected);
        CHECK(inventory.find(row).key->public_key_sha256() == inventory.find(row).certificate()->public_key_sha256);
      }
    }
    CHECK(old::is_signed_by(old::parse(results[0].first.find("apiserver").certificate()->pem), reused.ca.certificate));
  }
}

TEST_CASE("renewing again keeps validity and algorithm") {
  Cluster cluster(generations[2]);
  cluster.renew();
  const auto first = cluster.renew();
  const auto second = cluster.renew();
  CHECK(first.find("apiserver").certificate()->not_after == second.find("apiserver").certificate()->not_after);
  CHECK(first.find("apiserver").key->algorithm() == "ECDSA-P256");
  CHECK(first.find("apiserver").certificate()->serial != second.find("apiserver").certificate()->serial);
}

TEST_CASE("with the same key only the certificate file is written") {
  Cluster cluster(generations[2]);
  auto options = only("apiserver");
  options.reuse_key = true;
  const auto before = old::inventory_of(cluster.files).find("apiserver").certificate()->public_key_sha256;
  const auto after = cluster.renew(options);
  CHECK(cluster.written == Paths{"/k/pki/apiserver.crt"});
  CHECK(after.find("apiserver").certificate()->public_key_sha256 == before);
  options = only("admin.conf");
  options.reuse_key = true;
  CHECK(cluster.renew(options).find("admin.conf").key->public_key_sha256() == before);
}

TEST_CASE("a configuration moves leaves from RSA to ECDSA and back, row by row") {
  Cluster cluster(generations[1]);
  const auto ecdsa = config(pki::KeyAlgorithm::ecdsa_p256);
  auto found = cluster.renew(only("apiserver"), &ecdsa);
  CHECK(found.find("apiserver").key->algorithm() == "ECDSA-P256");
  CHECK(found.find("admin.conf").key->algorithm() == "RSA-2048");
  CHECK(X509_get_key_usage(old::parse(found.find("apiserver").certificate()->pem).get()) == KU_DIGITAL_SIGNATURE);
  const auto rsa = config(pki::KeyAlgorithm::rsa_2048);
  found = cluster.renew(only("apiserver"), &rsa);
  CHECK(found.find("apiserver").key->algorithm() == "RSA-2048");
  CHECK(X509_get_key_usage(old::parse(found.find("apiserver").certificate()->pem).get()) ==
        (KU_DIGITAL_SIGNATURE | KU_KEY_ENCIPHERMENT));
}

TEST_CASE("a configuration adds its names to a certificate") {
  Cluster cluster(generations[2]);
  auto wanted = config(pki::KeyAlgorithm::ecdsa_p256);
  wanted.apiserver_sans = {"api.example.org"};
  const auto sans = cluster.renew(only("apiserver"), &wanted).find("apiserver").certificate()->sans;
  for (const auto& name : {pki::GeneralName{pki::GeneralName::Kind::dns, "api.example.org"},
                           pki::GeneralName{pki::GeneralName::Kind::dns, "kubernetes.default.svc"},
                           pki::GeneralName{pki::GeneralName::Kind::ip, "192.168.10.11"},
                           pki::GeneralName{pki::GeneralName::Kind::ip, "10.96.0.1"}})
    CHECK(std::ranges::find(sans, name) != sans.end());
  CHECK(std::get<pki::Renew>(cluster.plan(only("apiserver"), &wanted).steps[1].what).differences.empty());
}

TEST_CASE("a kubeconfig goes on to trust its other CAs, and lists the one on disk") {
  Cluster cluster(generations[2]);
  const auto key = old::ec_key();
  const Pair another{old::make({.subject = {{"CN", V_ASN1_UTF8STRING, "load balancer"}}, .ca = true}, key), key};
  const auto ca = old::pem_of(cluster.ca.certificate);
  const auto other = old::pem_of(another.certificate);
  const auto trusted = [&](const std::string& before) {
    old::put_kubeconfig(cluster.files, "admin.conf", cluster.leaves["admin.conf"], before);
    std::string after;
    const auto renewed = cluster.renew(only("admin.conf"));
    for (const auto& certificate : renewed.find("admin.conf").kubeconfig->ca_certificates)
      after += certificate.pem;
    return after;
  };
  CHECK(trusted(ca) == ca);
  CHECK(trusted(other + ca) == other + ca);
  CHECK(trusted(other) == ca + other);
}

TEST_CASE("an expired CA and one without its key sign nothing") {
  Cluster cluster(generations[2]);
  cluster.files.erase("/k/pki/ca.key");
  CHECK(cluster.plan().conflicts.empty());
  CHECK_FALSE(cluster.plan().changes());
  CHECK_FALSE(cluster.plan(only("apiserver")).conflicts.empty());
  Cluster late(generations[2]);
  const auto later = now + 3400 * old::day;
  const auto unattended = pki::plan_renew(nullptr, old::inventory_of(late.files), later);
  CHECK_FALSE(unattended.failures.empty());
  CHECK_FALSE(unattended.changes());
  const auto decided = pki::plan_renew(nullptr, old::inventory_of(late.files), later, only("apiserver"));
  REQUIRE_FALSE(decided.conflicts.empty());
  CHECK_THROWS_AS(pki::issue(decided, old::inventory_of(late.files)), pki::Error);
}

TEST_CASE("a new certificate that OpenSSL does not accept is not given away") {
  Cluster cluster(generations[2]);
  const auto inventory = old::inventory_of(cluster.files);
  auto decided = cluster.plan();
  REQUIRE(decided.conflicts.empty());
  for (auto& step : decided.steps)
    if (auto* renew = std::get_if<pki::Renew>(&step.what))
      renew->spec.not_before = now - 3650 * old::day;  // before its CA was
  try {
    (void)pki::issue(decided, inventory);
    FAIL("was issued");
  } catch (const pki::Error& error) {
    CHECK(error.code() == pki::Errc::crypto);
    CHECK_THAT(error.what(), contains("the new certificate does not verify"));
  }
}

TEST_CASE("the report of a renewal has old and new serials and tells who must restart") {
  Cluster cluster(generations[2]);
  const auto inventory = old::inventory_of(cluster.files);
  pki::Renewal renewal;
  renewal.plan = cluster.plan();
  renewal.issued = pki::issue(renewal.plan, inventory).issued;
  const auto json = pki::to_json(renewal);
  CHECK_THAT(json, contains("\"kind\": \"Renewal\""));
  CHECK_THAT(json, contains("\"serial\": \"5e0123456789abcd\""));
  for (const auto& issued : renewal.issued)
    CHECK_THAT(json, contains("\"serial\": \"" + issued.certificate.serial + "\""));
  CHECK_THAT(json, contains("\"reload\": [\n    \"kube-apiserver\"\n  ]"));
  CHECK(json.find("PRIVATE KEY") == std::string::npos);
  // Nothing was carried out: nothing may be called renewed.
  renewal.issued.clear();
  CHECK(pki::to_json(renewal).find("\"renewed\"") == std::string::npos);
  renewal.dry_run = true;
  CHECK_THAT(pki::to_json(renewal), contains("\"renewed\""));
}
