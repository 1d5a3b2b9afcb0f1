// SPDX-License-Identifier: Apache-2.0
#include <functional>
#include <utility>

#include <pki/pki.hpp>
#include <pki/report.hpp>

#include "inventory_builder.hpp"

#include <support/catch.hpp>

namespace {

struct Case {
  const char* what;
  std::function<void(pki::Inventory&)> change;
  bool fits{false};
};

const Case cases[] = {
    {"as loaded", [](pki::Inventory&) {}, true},
    {"without entries", [](pki::Inventory& made) { made.entries.clear(); }},
    {"default", [](pki::Inventory& made) { made = pki::Inventory{}; }},
    {"of a catalog without rows",
     [](pki::Inventory& made) { made = {.catalog = pki::Catalog({}), .layout = made.layout}; }},
    {"without the last row", [](pki::Inventory& made) { made.entries.pop_back(); }},
    {"with one entry", [](pki::Inventory& made) { made.entries.resize(1); }},
    {"with a row twice", [](pki::Inventory& made) { made.entries.push_back(made.entries.front()); }},
    {"with a row in the place of another", [](pki::Inventory& made) { made.entries[1] = made.entries[0]; }},
    {"in another order", [](pki::Inventory& made) { std::swap(made.entries[0], made.entries[1]); }},
    {"with an entry without row", [](pki::Inventory& made) { made.entries[3].row = nullptr; }},
    {"with the rows of another catalog",
     [](pki::Inventory& made) {
       const auto rows = pki::default_catalog().rows();
       made.catalog = pki::Catalog(rows);
     }},
};

template <class Use>
void expect(bool fits, Use&& use) {
  if (fits)
    CHECK_NOTHROW(use());
  else
    CHECK_THROWS_MATCHES(use(), pki::Error, Catch::Matchers::Predicate<pki::Error>([](const pki::Error& error) {
                           return error.code() == pki::Errc::mismatch && error.subject() == error.finding().subject &&
                                  error.message().find("its catalog") != std::string::npos;
                         }));
}

}  // namespace

TEST_CASE("an inventory that does not fit its catalog is refused by each planner and by the report") {
  const auto config = build::valid(build::config());
  for (const auto& [what, change, fits] : cases) {
    CAPTURE(what);
    auto inventory = build::sound(build::config());
    change(inventory);
    expect(fits, [&] { (void)pki::plan_init(config, inventory, build::now); });
    expect(fits, [&] { (void)pki::plan_renew(nullptr, inventory, build::now); });
    expect(fits, [&] { (void)pki::plan_renew(&config, inventory, build::now, {.if_due = pki::Window{}}); });
    expect(fits, [&] { (void)pki::inspect(inventory, {}, build::now); });
  }
}
