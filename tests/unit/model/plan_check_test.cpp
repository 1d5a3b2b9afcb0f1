// SPDX-License-Identifier: Apache-2.0
#include "model/plan_check.hpp"

#include <functional>
#include <string>
#include <variant>

#include "inventory_builder.hpp"

#include <support/catch.hpp>

using build::day;
using pki::Errc;
using pki::Rule;

namespace {

/// Made is what planners made of it, until a test changes it by hand.
struct Made {
  pki::Inventory inventory;
  pki::Plan plan;

  pki::Step& step(std::string_view name) {
    return *std::ranges::find(plan.steps, name, [](const pki::Step& step) { return step.row->name; });
  }
  pki::CertSpec& spec(std::string_view name) { return const_cast<pki::CertSpec&>(*step(name).spec()); }
  void drop(std::string_view name) {
    std::erase_if(plan.steps, [&](const pki::Step& step) { return step.row->name == name; });
  }
};

Made all_new() {
  auto inventory = build::nothing(build::config());
  auto plan = build::plan_init(build::config(), inventory, build::now);
  return {std::move(inventory), std::move(plan)};
}

Made all_renewed() {
  auto inventory = build::sound(build::config());
  auto plan = pki::plan_renew(nullptr, inventory, build::now);
  return {std::move(inventory), std::move(plan)};
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

struct Case {
  const char* what;
  Made (*made)();
  std::function<void(Made&)> change;
  std::string message{};  ///< empty: nothing is wrong
  Rule rule{Rule::mismatch};
  Errc code{Errc::mismatch};
};

const auto nothing = [](Made&) {};

const Case cases[] = {
    {"a new PKI", all_new, nothing},
    {"a renewal", all_renewed, nothing},
    {"no steps", all_new, [](Made& made) { made.plan.steps.clear(); }},
    {"a leaf that ends with its new CA", all_new,
     [](Made& made) { made.spec("apiserver").not_after = made.spec("ca").not_after; }},
    {"a leaf one second longer than its new CA", all_new,
     [](Made& made) { made.spec("apiserver").not_after = made.spec("ca").not_after + std::chrono::seconds{1}; },
     "after its CA ca", Rule::outlives_ca},
    {"a kubeconfig longer than its new CA", all_new,
     [](Made& made) { made.spec("admin.conf").not_after += 10000 * day; }, "after its CA ca", Rule::outlives_ca},
    {"a new CA shortened below its leaves", all_new,
     [](Made& made) { made.spec("etcd-ca").not_after = build::now + day; }, "after its CA etcd-ca", Rule::outlives_ca},
    {"a renewal that ends with its CA", all_renewed,
     [](Made& made) { made.spec("apiserver").not_after = made.inventory.find("ca").certificate()->not_after; }},
    {"a renewal a second longer than its CA", all_renewed,
     [](Made& made) {
       made.spec("apiserver").not_after = made.inventory.find("ca").certificate()->not_after + std::chrono::seconds{1};
     },
     "after its CA ca", Rule::outlives_ca},
    {"a renewal under a CA that has expired meanwhile", all_renewed,
     [](Made& made) { build::at(made.inventory, "etcd-ca").certificates.front().not_after = build::now - day; },
     "after its CA etcd-ca", Rule::outlives_ca},
    {"no step for the CA of a renewal", all_renewed, [](Made& made) { made.drop("ca"); }},
    {"no step for a new CA", all_new, [](Made& made) { made.drop("ca"); }, "neither made by the plan nor in the",
     Rule::ca_missing, Errc::not_found},
    {"a new CA that is kept instead", all_new, [](Made& made) { made.step("ca").what = pki::Keep{}; },
     "neither made by the plan nor in the", Rule::ca_missing, Errc::not_found},
    {"an inventory without entries below a renewal", all_renewed, [](Made& made) { made.inventory.entries.clear(); },
     "no certificate to renew", Rule::certificate_missing, Errc::not_found},
    {"an inventory without entries below a new PKI", all_new, [](Made& made) { made.inventory.entries.clear(); }},
    {"a step without row", all_new, [](Made& made) { made.plan.steps[3].row = nullptr; }, "no row", Rule::mismatch},
    {"a row twice", all_new, [](Made& made) { made.plan.steps.push_back(made.step("apiserver")); }, "two steps"},
    {"a kept row twice", all_renewed, [](Made& made) { made.plan.steps.push_back(made.step("ca")); }, "two steps"},
    {"a CA with an issuer", all_new, [](Made& made) { made.step("front-proxy-ca").row = &front_proxy_under_ca(); }},
    {"a CA longer than its issuer", all_new,
     [](Made& made) {
       made.step("front-proxy-ca").row = &front_proxy_under_ca();
       made.spec("front-proxy-ca").not_after += day;
     },
     "after its CA ca", Rule::outlives_ca},
    {"a CA before its issuer", all_new,
     [](Made& made) {
       made.step("front-proxy-ca").row = &front_proxy_under_ca();
       std::swap(made.step("front-proxy-ca"), made.step("ca"));
     },
     "not an earlier step"},
    {"a CA that is its own issuer", all_new,
     [](Made& made) {
       static auto own = front_proxy_under_ca();
       own.issuer = own.name;
       made.step("front-proxy-ca").row = &own;
     },
     "not an earlier step"},
    {"a CA whose issuer is nowhere", all_new,
     [](Made& made) {
       static auto orphan = front_proxy_under_ca();
       orphan.issuer = "root";
       made.step("front-proxy-ca").row = &orphan;
     },
     "its CA root is neither", Rule::ca_missing, Errc::not_found},
    {"a leaf below a leaf", all_new,
     [](Made& made) {
       static auto leaf = pki::default_catalog().find_row("apiserver-kubelet-client");
       leaf.issuer = "apiserver";
       made.step("apiserver-kubelet-client").row = &leaf;
     },
     "its issuer apiserver is not a CA"},
    {"a leaf without issuer", all_new,
     [](Made& made) {
       static auto leaf = pki::default_catalog().find_row("apiserver");
       leaf.issuer = "";
       made.step("apiserver").row = &leaf;
     },
     "needs an issuer", Rule::invalid_value, Errc::invalid_config},
    {"a leaf that would be a CA", all_new, [](Made& made) { made.spec("apiserver").profile = pki::Profile::ca; },
     "profile ca"},
    {"a CA that would be a leaf", all_new, [](Made& made) { made.spec("ca").profile = pki::Profile::client; },
     "profile client"},
    {"a renewed CA", all_renewed, [](Made& made) { made.step("ca").what = made.step("apiserver").what; },
     "rotated, not renewed", Rule::invalid_value, Errc::invalid_config},
    {"a renewed bare key", all_renewed, [](Made& made) { made.step("sa").what = made.step("apiserver").what; },
     "no certificate to renew", Rule::certificate_missing, Errc::not_found},
    {"a completed bare key", all_renewed, [](Made& made) { made.step("sa").what = pki::Complete{}; }},
    {"a completed bare key that does not exist", all_new, [](Made& made) { made.step("sa").what = pki::Complete{}; },
     "no key pair", Rule::key_missing, Errc::not_found},
    {"a completed certificate", all_renewed, [](Made& made) { made.step("apiserver").what = pki::Complete{}; },
     "no key pair", Rule::key_missing, Errc::not_found},
    {"a renewal of what has vanished", all_renewed, [](Made& made) { build::lose(made.inventory, "apiserver"); },
     "no certificate to renew", Rule::certificate_missing, Errc::not_found},
    {"a renewal with a key that has vanished", all_renewed,
     [](Made& made) {
       std::get<pki::Renew>(made.step("apiserver").what).reuse_key = true;
       build::lose_key(build::at(made.inventory, "apiserver"));
     },
     "no key to use again", Rule::key_missing, Errc::not_found},
    {"a renewed kubeconfig without its text", all_renewed,
     [](Made& made) { build::at(made.inventory, "admin.conf").kubeconfig.reset(); }, "the form of the row"},
    {"a conflict", all_new,
     [](Made& made) {
       made.plan.conflicts.push_back({Rule::expired, pki::Severity::error, "ca.crt", "expired"});
     },
     "expired"},
};

}  // namespace

TEST_CASE("a plan that contradicts itself or the inventory is refused with the rule and the row") {
  for (const auto& [what, made, change, message, rule, code] : cases) {
    CAPTURE(what);
    auto input = made();
    change(input);
    if (message.empty()) {
      CHECK_NOTHROW(pki::model::check_plan(input.plan, input.inventory));
      continue;
    }
    try {
      pki::model::check_plan(input.plan, input.inventory);
      FAIL_CHECK("accepted");
    } catch (const pki::Error& error) {
      CHECK_THAT(error.message(), contains(message));
      CHECK((error.finding().rule == rule));
      CHECK((error.code() == code));
      CHECK_FALSE((error.subject().empty() && std::string(what) != "a step without row"));
    }
  }
}
