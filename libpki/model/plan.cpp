// SPDX-License-Identifier: Apache-2.0
#include <pki/plan.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <type_traits>
#include <variant>

namespace pki::inline PKI_ABI {

std::string_view to_string(Action action) noexcept {
  constexpr std::array<std::string_view, 6> names{"create", "complete", "renew", "keep", "external", "skip"};
  return names[static_cast<std::size_t>(action)];
}

namespace {

template <Action action, class What>
constexpr bool is_at =
    std::is_same_v<std::variant_alternative_t<static_cast<std::size_t>(action), decltype(Step::what)>, What>;
static_assert(is_at<Action::create, Create> && is_at<Action::complete, Complete> && is_at<Action::renew, Renew> &&
              is_at<Action::keep, Keep> && is_at<Action::external, External> && is_at<Action::skip, Skip>);

}  // namespace

const CertSpec* Step::spec() const noexcept {
  if (const auto* create = std::get_if<Create>(&what)) return &create->spec;
  if (const auto* renew = std::get_if<Renew>(&what)) return &renew->spec;
  return nullptr;
}

const std::string& Step::algorithm() const noexcept {
  if (const auto* create = std::get_if<Create>(&what)) return create->algorithm;
  if (const auto* renew = std::get_if<Renew>(&what)) return renew->algorithm;
  return found.algorithm;
}

bool Plan::changes() const noexcept {
  return config_to_save || std::ranges::any_of(steps, [](const Step& step) {
           const auto action = step.action();
           return action == Action::create || action == Action::complete || action == Action::renew;
         });
}

const Entry& Inventory::find(std::string_view name) const {
  const auto& row = catalog.find_row(name);
  const auto found = std::ranges::find(entries, &row, &Entry::row);
  if (found == entries.end()) throw Error(Errc::unknown_name, std::string(name), "not in this inventory");
  return *found;
}

}  // namespace pki::inline PKI_ABI
