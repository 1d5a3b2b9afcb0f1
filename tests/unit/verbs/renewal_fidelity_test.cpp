// SPDX-License-Identifier: Apache-2.0
#include <support/catch.hpp>

#include <algorithm>
#include <map>
#include <random>

#include <openssl/x509v3.h>

#include <pki/bundle.hpp>

#include "old_pki.hpp"

// A renewal keeps who a certificate is for. Shown as a property of several hundred certificates that other tools made,
// each with what such tools put into them.

namespace {

using old::Crt;
using old::now;
using old::Pair;
using old::Part;

/// Dice is a source of what varies, the same in every run.
class Dice {
 public:
  explicit Dice(unsigned seed) : engine_(seed) {}
  std::size_t below(std::size_t end) { return std::uniform_int_distribution<std::size_t>(0, end - 1)(engine_); }
  bool yes() { return below(2) == 0; }
  template <class T>
  const T& one_of(const std::vector<T>& values) {
    return values[below(values.size())];
  }

 private:
  std::mt19937 engine_;
};

std::vector<Part> random_subject(Dice& dice, const std::string& name) {
  const std::vector<Part> parts{
      {"O", V_ASN1_PRINTABLESTRING, "system:masters"},
      {"O", V_ASN1_UTF8STRING, ""},
      {"OU", V_ASN1_UTF8STRING, "Betrieb Süd"},
      {"C", V_ASN1_PRINTABLESTRING, "DE"},
      {"L", V_ASN1_T61STRING, "Aarhus"},
      {"serialNumber", V_ASN1_PRINTABLESTRING, "4711"},
      {"DC", V_ASN1_IA5STRING, "example"},
      {"emailAddress", V_ASN1_IA5STRING, "ops@example.org"},
      {"title", V_ASN1_BMPSTRING, std::string("\0A\0B", 4)},
      {"UID", V_ASN1_UTF8STRING, "\U0001F511"},
  };
  std::vector<Part> subject;
  for (std::size_t i = dice.below(4); i > 0; --i) {
    subject.push_back(dice.one_of(parts));
    subject.back().joined = subject.size() > 1 && dice.below(3) == 0;
  }
  subject.push_back({"CN", dice.yes() ? V_ASN1_PRINTABLESTRING : V_ASN1_UTF8STRING, name});
  if (dice.yes()) subject.push_back({"CN", V_ASN1_UTF8STRING, "a second one"});
  return subject;
}

std::string random_sans(Dice& dice) {
  const std::vector<std::string> names{
      "DNS:kubernetes",
      "DNS:*.apps.example.org",
      "DNS:cp-1",
      "IP:10.96.0.1",
      "IP:2001:db8::7",
      "email:ops@example.org",
      "URI:spiffe://cluster.local/ns/kube-system",
      "URI:https://example.org/a",
      "RID:1.2.3.4",
      "otherName:1.3.6.1.4.1.311.20.2.3;UTF8:me@example.org",
  };
  std::string text;
  const auto first = dice.below(names.size());
  for (std::size_t i = 0; i < dice.below(7); ++i)
    text += (text.empty() ? "" : ",") + names[(first + i) % names.size()];
  return text;
}

std::string random_usages(Dice& dice, pki::Profile profile) {
  std::string text = profile == pki::Profile::client   ? "clientAuth"
                     : profile == pki::Profile::server ? "serverAuth"
                                                       : "clientAuth,serverAuth";
  if (dice.below(3) == 0) text = "1.2.3.4," + text;
  if (dice.below(3) == 0) text += ",emailProtection";
  return text;
}

std::string random_serial(Dice& dice) {
  return dice.one_of<std::string>(
      {"1", "7fffffffffffffff", "5e0123456789abcd", "00ff", "7f112233445566778899aabbccddeeff00112233"});
}

Pair random_ca(Dice& dice, const std::string& name) {
  const auto key = dice.below(4) == 0 ? old::rsa_key() : old::ec_key(dice.yes() ? "P-256" : "P-384");
  old::Wish wish;
  wish.subject = random_subject(dice, name);
  wish.serial = dice.yes() ? "0" : random_serial(dice);
  wish.ca = true;
  wish.subject_key_id = dice.yes();
  wish.not_before = now - 1000 * old::day;
  wish.not_after = now + 2000 * old::day;
  return {old::make(wish, key), key};
}

/// World is a whole PKI of random certificates, and what was put into it.
struct World {
  std::map<std::string_view, Pair> pairs;
  old::Files files;
};

// An intermediate that once signed. The CA signs the new certificate itself, which then needs no other.
Pair intermediate_of(const Pair& ca) {
  old::Wish wish;
  wish.subject = {{"CN", V_ASN1_UTF8STRING, "intermediate"}};
  wish.ca = true;
  const auto key = old::ec_key();
  return {old::make(wish, key, ca.certificate, ca.key), key};
}

void add_leaf(World& world, Dice& dice, const pki::CatalogRow& row, const old::Key& key) {
  const auto& ca = world.pairs.at(row.issuer);
  const bool chain = row.form == pki::Form::key_pair && dice.below(4) == 0;
  const auto issuer = chain ? intermediate_of(ca) : ca;
  old::Wish wish;
  wish.subject = random_subject(dice, std::string(row.name));
  wish.serial = random_serial(dice);
  wish.subject_key_id = dice.yes();
  wish.sans = random_sans(dice);
  wish.usages = random_usages(dice, row.profile);
  const Pair leaf{old::make(wish, key, issuer.certificate, issuer.key), key};
  if (row.form == pki::Form::kubeconfig)
    old::put_kubeconfig(world.files, row.name, leaf, old::pem_of(ca.certificate));
  else
    old::put(world.files, row.name, leaf, chain ? std::vector{issuer.certificate, ca.certificate} : std::vector<Crt>{});
  world.pairs[row.name] = leaf;
}

World random_world(Dice& dice) {
  World world;
  const auto key = old::ec_key();
  for (const auto& row : pki::default_catalog().rows()) {
    if (row.is_ca()) {
      world.pairs[row.name] = random_ca(dice, std::string(row.name));
      old::put(world.files, row.name, world.pairs[row.name]);
    } else if (row.form != pki::Form::bare_key) {
      add_leaf(world, dice, row, key);
    }
  }
  return world;
}

std::string content(const pki::Bundle& bundle, const std::filesystem::path& path) {
  const auto found = std::ranges::find(bundle.files, path, &pki::File::path);
  REQUIRE(found != bundle.files.end());
  return {found->content.begin(), found->content.end()};
}

void check_same_identity(const Crt& before, const Crt& after) {
  CHECK(old::subject_der(after) == old::subject_der(before));
  CHECK(old::extension_der(after, NID_subject_alt_name) == old::extension_der(before, NID_subject_alt_name));
  CHECK(old::extension_der(after, NID_ext_key_usage) == old::extension_der(before, NID_ext_key_usage));
}

void check_new_and_ours(const Crt& before, const Crt& after, const Crt& ca) {
  CHECK(ASN1_INTEGER_cmp(X509_get0_serialNumber(after.get()), X509_get0_serialNumber(before.get())) != 0);
  CHECK(ASN1_STRING_length(X509_get0_serialNumber(after.get())) >= 17);
  CHECK(EVP_PKEY_eq(X509_get0_pubkey(after.get()), X509_get0_pubkey(before.get())) != 1);
  CHECK(old::issuer_der(after) == old::subject_der(ca));
  CHECK(old::authority_key_id(after) == old::key_id(ca));
  CHECK(old::key_id(after).size() == 20);
  CHECK(old::is_signed_by(after, ca));
}

// What is not the two credentials of the user must be the same, byte for byte.
std::string without_credentials(std::string text, const std::string& certificate, const std::string& key) {
  for (const auto& secret : {old::base64(certificate), old::base64(key)}) {
    const auto place = text.find(secret);
    REQUIRE(place != std::string::npos);
    text.replace(place, secret.size(), "…");
  }
  return text;
}

void check_leaf(const World& world, const pki::Inventory& inventory, const pki::Inventory& renewed,
                const pki::Bundle& bundle, const pki::CatalogRow& row) {
  const auto& before = inventory.find(row.name);
  const auto& after = renewed.find(row.name);
  REQUIRE(after.problems.empty());
  REQUIRE(after.certificates.size() == 1);
  CHECK(after.signed_by_issuer);
  CHECK(after.trust_paths.size() == 1);
  const auto leaf = old::parse(after.certificate()->pem);
  check_same_identity(world.pairs.at(row.name).certificate, leaf);
  check_new_and_ours(world.pairs.at(row.name).certificate, leaf, world.pairs.at(row.issuer).certificate);
  if (row.form != pki::Form::kubeconfig) return;
  const auto text = [](const auto& secret) { return std::string(secret.begin(), secret.end()); };
  CHECK(without_credentials(content(bundle, after.path), after.certificate()->pem, text(after.key->pem())) ==
        without_credentials(world.files.at(after.path), before.certificate()->pem, text(before.key->pem())));
}

pki::Inventory after_commit(const World& world, const pki::Bundle& bundle) {
  auto files = world.files;
  for (const auto& file : bundle.files)
    files[file.path].assign(file.content.begin(), file.content.end());
  return old::inventory_of(files);
}

}  // namespace

TEST_CASE("a renewal keeps the identity of several hundred certificates of other tools") {
  constexpr unsigned worlds = 30;
  std::size_t renewed_leaves = 0;
  for (unsigned seed = 0; seed < worlds; ++seed) {
    Dice dice(seed);
    const auto world = random_world(dice);
    const auto inventory = old::inventory_of(world.files);
    const auto plan = pki::plan_renew(nullptr, inventory, now);
    INFO("seed " << seed);
    for (const auto& problem : plan.conflicts)
      UNSCOPED_INFO(problem.subject << ": " << problem.message);
    REQUIRE(plan.conflicts.empty());
    const auto bundle = pki::issue(plan, inventory);
    const auto renewed = after_commit(world, bundle);
    for (const auto& step : plan.steps) {
      if (step.action() != pki::Action::renew) continue;
      INFO(step.row->name);
      check_leaf(world, inventory, renewed, bundle, *step.row);
      ++renewed_leaves;
    }
  }
  CHECK(renewed_leaves == worlds * 12);
}
