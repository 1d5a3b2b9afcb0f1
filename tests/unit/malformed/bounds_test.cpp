// SPDX-License-Identifier: Apache-2.0
#include <support/catch.hpp>

#include <array>

#include <openssl/bn.h>
#include <openssl/evp.h>

#include <pki/plan.hpp>
#include <pki/report.hpp>

#include "bombs.hpp"
#include "cost.hpp"
#include "crypto/asn1/pem.hpp"
#include "crypto/certificate_scan.hpp"
#include "crypto/key.hpp"
#include "crypto/x509.hpp"
#include "disk/backup_manifest.hpp"
#include "disk/journal_manifest.hpp"
#include "formats/kubeconfig/kubeconfig.hpp"
#include "verbs/assemble.hpp"

// Every reader of untrusted text, at the size at which it stops to read: bounded in time and memory, and what it has to
// say about it is an Error or a problem. TT-05 (YAML, JSON), FS-09 and IN-05 (PEM, DER).

namespace {

constexpr std::size_t kibibyte = 1024;
constexpr std::chrono::sys_seconds now{std::chrono::sys_days{std::chrono::year{2026} / 6 / 1}};

pki::CertSpec authority_spec() {
  pki::CertSpec spec;
  spec.profile = pki::Profile::ca;
  spec.common_name = "kubernetes";
  spec.not_before = now;
  spec.not_after = now + std::chrono::hours{8760};
  return spec;
}

/// life_with is what every command does with a PKI whose API server certificate is this text.
void life_with(const std::string& pem) {
  const pki::Layout layout{"/pki", "/conf"};
  auto inventory = pki::verbs::assemble(layout, [&](const std::filesystem::path& path, const pki::disk::ReadRules&) {
    pki::disk::Found found;
    found.exists = path == "/pki/apiserver.crt" || path == "/pki/ca.crt";
    if (found.exists) found.content.assign(pem.begin(), pem.end());
    return found;
  });
  const auto report = pki::inspect(inventory, {}, now);
  (void)pki::to_json(report);
  (void)pki::to_yaml(report);
  (void)pki::to_prometheus(report);
  pki::ClusterConfig cluster;
  cluster.node_name = "n";
  cluster.advertise_address = "10.0.0.1";
  const auto config = pki::validate(cluster).value();
  (void)pki::to_json(pki::plan_init(config, inventory, now));
  (void)pki::to_json(pki::plan_renew(&config, inventory, now));
}

/// Returns an RSA key of 16384 bits whose numbers belong together; only a signature shows that its factors are not
/// prime.
std::string slow_key() {
  struct Free {
    void operator()(BIGNUM* number) const { BN_free(number); }
    void operator()(BN_CTX* context) const { BN_CTX_free(context); }
  };
  using Number = std::unique_ptr<BIGNUM, Free>;
  const std::unique_ptr<BN_CTX, Free> context(BN_CTX_new());
  const auto number = [] { return Number(BN_new()); };
  const auto e = number();
  BN_set_word(e.get(), 65537);
  const auto d = number(), p = number(), q = number(), n = number(), dp = number(), dq = number(), qinv = number();
  const auto p1 = number(), q1 = number(), order = number();
  do {
    BN_rand(p.get(), 8192, BN_RAND_TOP_TWO, BN_RAND_BOTTOM_ODD);
    BN_rand(q.get(), 8192, BN_RAND_TOP_TWO, BN_RAND_BOTTOM_ODD);
    BN_sub(p1.get(), p.get(), BN_value_one());
    BN_sub(q1.get(), q.get(), BN_value_one());
    BN_mul(order.get(), p1.get(), q1.get(), context.get());
  } while (BN_mod_inverse(d.get(), e.get(), order.get(), context.get()) == nullptr ||
           BN_mod_inverse(qinv.get(), q.get(), p.get(), context.get()) == nullptr);
  BN_mul(n.get(), p.get(), q.get(), context.get());
  BN_mod(dp.get(), d.get(), p1.get(), context.get());
  BN_mod(dq.get(), d.get(), q1.get(), context.get());
  // d itself must not be longer than the modulus.
  const pki::crypto::OwnedRsaNumbers numbers(
      {n.get(), e.get(), d.get(), p.get(), q.get(), dp.get(), dq.get(), qinv.get()});
  return pki::crypto::to_pem(pki::crypto::rsa_label, std::string_view(pki::crypto::write_rsa(numbers.view())));
}

}  // namespace

TEST_CASE("IN-05, FS-09: any PEM text of the largest size is read or refused in bounded time and memory") {
  for (const auto& [name, text] : pem_bombs("CERTIFICATE", 1024 * kibibyte))
    check_bounded(name, [&] { (void)pki::parse_certificates(text, "x"); });
  for (const auto* label : {"PRIVATE KEY", "EC PRIVATE KEY", "RSA PRIVATE KEY"})
    for (const auto& [name, text] : pem_bombs(label, 64 * kibibyte))
      check_bounded(name, [&] { (void)pki::parse_private_key(text, "x"); });
  for (const auto& [name, text] : pem_bombs("PUBLIC KEY", 64 * kibibyte))
    check_bounded(name, [&] { (void)pki::parse_public_key_sha256(text, "x"); });
}

TEST_CASE("IN-05, FS-09: a file of any kind is scanned for certificates in bounded time and memory") {
  auto bombs = pem_bombs("CERTIFICATE", 1024 * kibibyte);
  for (const auto* piece :
       {"-----BEGIN CERTIFICATE-----", "-----BEGIN CERTIFICATE----- ", "-----END CERTIFICATE-----",
        "-----BEGIN CERTIFICATE-----\\n", "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
        "\n-----BEGIN A-----\n", "\n-----END A-----", "-----BEGIN ", "-", " -----", "\\n", " "})
    bombs.push_back({piece, "-----BEGIN CERTIFICATE-----\n" + repeat(piece, 1024 * kibibyte)});
  for (const auto& [name, text] : bombs)
    for (const auto claim : {pki::crypto::Claim::certificates, pki::crypto::Claim::text}) {
      check_bounded(name, [&] { (void)pki::crypto::scan_pem(text, claim); });
      check_bounded(name, [&] { (void)pki::crypto::scan_quoted_pem(text); });
      check_bounded(name, [&] { (void)pki::crypto::describe_content(text); });
      check_bounded(name, [&] { (void)pki::crypto::begins_with_certificate(text); });
    }
  for (const std::size_t size : {20 * kibibyte, 700 * kibibyte})
    for (const auto& [name, octets] : certificate_bombs(size))
      check_bounded(name, [&] { (void)pki::crypto::scan_der(octets); });
}

TEST_CASE("IN-05: a certificate of any size and shape costs every command little") {
  for (const std::size_t size : {20 * kibibyte, 60 * kibibyte, 700 * kibibyte})
    for (const auto& [name, octets] : certificate_bombs(size))
      // Two files, three reports and two plans.
      check_bounded(
          name, [&] { life_with(pki::crypto::to_pem("CERTIFICATE", octets)); }, 4);
}

TEST_CASE("IN-05: a text full of certificates that sign themselves costs little") {
  const auto algorithm = GENERATE(pki::KeyAlgorithm::ecdsa_p256, pki::KeyAlgorithm::ecdsa_p384);
  const auto pem =
      pki::crypto::self_sign(authority_spec(), pki::crypto::SigningKey(pki::generate_private_key(algorithm))).pem;
  const auto text = repeat(pem, 1024 * kibibyte);
  // Up to two thousand signatures, each of which has to be looked at.
  check_bounded(
      "self-signed certificates", [&] { (void)pki::parse_certificates(text, "x"); }, 8);
}

TEST_CASE("IN-05: a text full of the slowest keys is refused in bounded time") {
  const auto text = repeat(slow_key(), 64 * kibibyte);
  const auto cost = cost_of([&] {
    try {
      (void)pki::parse_private_key(text, "x");
      FAIL("taken for a key");
    } catch (const pki::Error& error) {
      CHECK_THAT(error.what(), contains("signatures do not verify"));
      throw;
    }
  });
  CAPTURE(cost.time.count());
  // Four or five keys of 16384 bits; each costs as much as one signature.
  CHECK(cost.time < std::chrono::seconds{10});
}

TEST_CASE("TT-05: a YAML or JSON bomb for a configuration is bounded, and a list of problems") {
  for (const auto* head : {"", "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\n"})
    for (const auto& [name, text] : yaml_bombs(head, 256 * kibibyte))
      check_bounded(name, [&] {
        const auto file = pki::parse_config(text, "x.yaml");
        CHECK((!file.problems.empty() || !file.warnings.empty() || *head != 0));
        CHECK(file.problems.size() <= 1000);
        CHECK(file.warnings.size() <= 1000);
      });
}

TEST_CASE("TT-05: a YAML or JSON bomb for a kubeconfig is bounded, and an error") {
  for (const auto* head : {"", "apiVersion: v1\nkind: Config\ncurrent-context: c\n"})
    for (const auto& [name, text] : yaml_bombs(head, 512 * kibibyte)) {
      const pki::SecretString secret(text);
      check_bounded(name, [&] { (void)pki::formats::parse_kubeconfig(secret, "x.conf"); });
      check_bounded(name, [&] { (void)pki::formats::embedded_certificates(secret, "x.conf"); });
    }
}

TEST_CASE("TT-05: a kubeconfig with thousands of entries is bounded") {
  std::string text = "current-context: c\ncontexts:\n- {name: c, context: {cluster: k, user: u}}\nusers:\n";
  text += repeat("- {name: u, user: {client-key-data: YQ==}}\n", 200 * kibibyte) + "clusters:\n";
  text += repeat("- {name: k, cluster: {certificate-authority-data: YQ==}}\n", 200 * kibibyte);
  const pki::SecretString secret(text);
  check_bounded("many entries", [&] { (void)pki::formats::parse_kubeconfig(secret, "x.conf"); });
  check_bounded("many entries", [&] { (void)pki::formats::embedded_certificates(secret, "x.conf"); });
}

TEST_CASE("FS-09: a manifest of the largest size is read or refused in bounded time and memory") {
  std::string journal = "pkigen-transaction 1\nid " + std::string(64, 'a') + "\n";
  std::string backup = "pkigen-backup 1\n";
  for (std::size_t i = 0; journal.size() < 1024 * kibibyte - 100; ++i)
    journal += "- - " + std::to_string(i) + "\n";
  for (std::size_t i = 0; backup.size() < 1024 * kibibyte - 100; ++i)
    backup += "absent pki/" + std::to_string(i) + "\n";
  check_bounded("journal", [&] { (void)pki::disk::parse_journal_manifest(journal + "end\n", "x"); });
  check_bounded("backup", [&] { (void)pki::disk::parse_backup_manifest(backup + "end\n", "x"); });
  check_bounded("line feeds", [&] { (void)pki::disk::parse_journal_manifest(repeat("\n", 1024 * kibibyte), "x"); });
  check_bounded("line feeds", [&] { (void)pki::disk::parse_backup_manifest(repeat("\n", 1024 * kibibyte), "x"); });
}
