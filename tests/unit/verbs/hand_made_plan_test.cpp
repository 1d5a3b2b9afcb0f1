// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <functional>
#include <string>
#include <string_view>

#include <pki/pki.hpp>

#include <support/catch.hpp>

namespace {

constexpr std::chrono::sys_seconds now{std::chrono::sys_days{std::chrono::year{2026} / 6 / 1}};

/// Hand is a plan for a new PKI, and the inventory it was made for.
struct Hand {
  pki::Inventory inventory;
  pki::Plan plan;

  pki::Step& step(std::string_view name) {
    return *std::ranges::find(plan.steps, name, [](const pki::Step& step) { return step.row->name; });
  }
  pki::CertSpec& spec(std::string_view name) { return std::get<pki::Create>(step(name).what).spec; }
};

pki::Inventory nothing_in(const pki::Layout& layout) {
  pki::Inventory inventory{.layout = layout};
  for (const auto& row : inventory.catalog.rows()) {
    const auto stem = layout.certificates_dir / row.name;
    inventory.entries.push_back({.row = &row, .path = stem.string() + ".crt", .key_path = stem.string() + ".key"});
  }
  return inventory;
}

Hand planned() {
  pki::ClusterConfig config;
  config.node_name = "cp-1";
  config.advertise_address = "192.0.2.1";
  config.algorithm = pki::KeyAlgorithm::ecdsa_p256;
  config.layout = {"/k/pki", "/k"};
  auto inventory = nothing_in(config.layout);
  auto plan = pki::plan_init(pki::validate(config).value(), inventory, now);
  return {std::move(inventory), std::move(plan)};
}

/// Puts a CA into the inventory, as if an earlier run had made it.
void make_first(Hand& hand, std::string_view name) {
  auto first = hand;
  std::erase_if(first.plan.steps, [&](const pki::Step& step) { return step.row->name != name; });
  const auto bundle = pki::issue(first.plan, first.inventory);
  auto& entry = const_cast<pki::Entry&>(hand.inventory.find(name));
  entry.exists = entry.key_exists = true;
  entry.certificates = {bundle.issued.front().certificate};
  for (const auto& file : bundle.files)
    if (file.path.extension() == ".key") entry.key = pki::parse_private_key(file.content, "key");
  std::erase_if(hand.plan.steps, [&](const pki::Step& step) { return step.row->name == name; });
}

const pki::Certificate& certificate_of(const pki::Bundle& bundle, std::string_view name) {
  return std::ranges::find(bundle.issued, name, [](const pki::Issued& issued) { return issued.row->name; })
      ->certificate;
}

/// front_proxy_under_ca is a row that no catalog has: a CA with an issuer.
const pki::CatalogRow& front_proxy_under_ca() {
  static const auto row = [] {
    auto copy = pki::default_catalog().find_row("front-proxy-ca");
    copy.issuer = "ca";
    return copy;
  }();
  return row;
}

std::string content_of(const pki::Bundle& bundle, std::string_view file_name) {
  const auto file = std::ranges::find(bundle.files, file_name, [](const pki::File& f) { return f.path.filename(); });
  return {file->content.begin(), file->content.end()};
}

}  // namespace

TEST_CASE("a CA with an issuer is signed by it, and what it signs carries its certificate") {
  for (const bool exists : {false, true}) {
    CAPTURE(exists);
    auto hand = planned();
    if (exists) make_first(hand, "ca");
    hand.step("front-proxy-ca").row = &front_proxy_under_ca();
    hand.spec("front-proxy-ca").not_after = now + std::chrono::days{1000};
    const auto bundle = pki::issue(hand.plan, hand.inventory);
    const auto& root = exists ? hand.inventory.find("ca").certificates.front() : certificate_of(bundle, "ca");
    const auto& below = certificate_of(bundle, "front-proxy-ca");
    CHECK_FALSE(below.self_signed);
    CHECK(below.can_sign);
    CHECK(below.issuer_der == root.subject_der);
    CHECK(below.authority_key_id == root.subject_key_id);
    CHECK(below.not_after <= root.not_after);
    const auto& leaf = certificate_of(bundle, "front-proxy-client");
    CHECK(leaf.issuer_der == below.subject_der);
    CHECK(content_of(bundle, "front-proxy-client.crt") == leaf.pem + below.pem);
    CHECK(content_of(bundle, "front-proxy-ca.crt") == below.pem);
    CHECK(content_of(bundle, "apiserver.crt") == certificate_of(bundle, "apiserver").pem);
  }
}

TEST_CASE("a CA that the plan does not mention comes from the inventory") {
  auto hand = planned();
  make_first(hand, "etcd-ca");
  const auto bundle = pki::issue(hand.plan, hand.inventory);
  CHECK(certificate_of(bundle, "etcd-server").issuer_der == hand.inventory.find("etcd-ca").certificate()->subject_der);
}

TEST_CASE("a plan that contradicts itself is refused, and nothing is made") {
  const struct {
    const char* what;
    std::function<void(Hand&)> change;
    pki::Errc code;
    std::string message;
  } cases[] = {
      {"a leaf longer than its CA", [](Hand& hand) { hand.spec("apiserver").not_after += std::chrono::days{4000}; },
       pki::Errc::mismatch, "after its CA"},
      {"a leaf longer than a CA of the inventory",
       [](Hand& hand) {
         hand.spec("etcd-ca").not_after = now + std::chrono::days{100};
         make_first(hand, "etcd-ca");
       },
       pki::Errc::mismatch, "after its CA"},
      {"a CA longer than its issuer",
       [](Hand& hand) {
         hand.step("front-proxy-ca").row = &front_proxy_under_ca();
         hand.spec("front-proxy-ca").not_after += std::chrono::days{1};
       },
       pki::Errc::mismatch, "after its CA"},
      {"an issuer that is nowhere",
       [](Hand& hand) { std::erase_if(hand.plan.steps, [](const auto& step) { return step.row->name == "ca"; }); },
       pki::Errc::not_found, "neither made by the plan nor in the inventory"},
      {"a row twice", [](Hand& hand) { hand.plan.steps.push_back(hand.step("apiserver")); }, pki::Errc::mismatch,
       "two steps"},
      {"a leaf that begins before its CA",
       [](Hand& hand) { hand.spec("apiserver").not_before -= std::chrono::days{1}; }, pki::Errc::crypto,
       "does not verify"},
      {"a CA that begins before its issuer",
       [](Hand& hand) {
         hand.step("front-proxy-ca").row = &front_proxy_under_ca();
         hand.spec("front-proxy-ca").not_before -= std::chrono::days{1};
       },
       pki::Errc::crypto, "does not verify"},
      {"an external CA",
       [](Hand& hand) {
         make_first(hand, "ca");
         const_cast<pki::Entry&>(hand.inventory.find("ca")).key.reset();
       },
       pki::Errc::ca_key_missing, "is not here"},
      {"a CA with the key of another one",
       [](Hand& hand) {
         make_first(hand, "ca");
         make_first(hand, "etcd-ca");
         const_cast<pki::Entry&>(hand.inventory.find("ca")).key = hand.inventory.find("etcd-ca").key;
       },
       pki::Errc::mismatch, "does not belong"},
  };
  for (const auto& [what, change, code, message] : cases) {
    CAPTURE(what);
    auto hand = planned();
    change(hand);
    try {
      (void)pki::issue(hand.plan, hand.inventory);
      FAIL_CHECK("issued");
    } catch (const pki::Error& error) {
      CHECK((error.code() == code));
      CHECK_THAT(error.message(), contains(message));
      CHECK_FALSE(error.subject().empty());
    }
  }
}
