#include <pki/plan.hpp>

#include <algorithm>
#include <array>
#include <string>

namespace pki {

std::string_view to_string(Action action) noexcept {
  constexpr std::array<std::string_view, 6> names{"create", "complete", "renew", "keep", "external", "skip"};
  return names[static_cast<std::size_t>(action)];
}

bool Plan::changes() const noexcept {
  return remember || std::ranges::any_of(steps, [](const Step& step) {
           return step.action == Action::create || step.action == Action::complete || step.action == Action::renew;
         });
}

const Entry& Inventory::find(std::string_view name) const {
  const auto& row = catalog.find_row(name);
  const auto found = std::ranges::find(entries, &row, &Entry::row);
  if (found == entries.end()) throw Error(Errc::unknown_name, std::string(name), "not in this inventory");
  return *found;
}

}  // namespace pki
