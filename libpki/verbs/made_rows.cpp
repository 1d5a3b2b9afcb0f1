// SPDX-License-Identifier: Apache-2.0
#include "verbs/made_rows.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include <pki/shell.hpp>

#include "base/calendar.hpp"
#include "disk/state.hpp"
#include "formats/kubeconfig/kubeconfig.hpp"
#include "model/place.hpp"

namespace pki::verbs {

namespace {

constexpr const char* made_rows = "rows";
constexpr std::array<std::string_view, 3> form_names{"key-pair", "kubeconfig", "bare-key"};

// Names have no blanks, paths may have some.
std::string line_of(const CatalogRow& row) {
  return fmt::format("{} {} {}", row.name, form_names[static_cast<std::size_t>(row.form)], row.path);
}

/// Returns the row of a line, which owns its texts; nothing for another text.
std::optional<CatalogRow> row_of(std::string_view line) {
  const auto name = line.substr(0, line.find(' '));
  const auto rest = line.substr(std::min(name.size() + 1, line.size()));
  const auto form = std::ranges::find(form_names, rest.substr(0, rest.find(' ')));
  if (name.empty() || form == form_names.end() || rest.size() < form->size() + 2) return std::nullopt;
  CatalogRow row;
  row.name = name;
  row.form = static_cast<Form>(form - form_names.begin());
  row.path = rest.substr(form->size() + 1);
  return row;
}

bool is_same_file(const CatalogRow& a, const CatalogRow& b) {
  return a.path == b.path && (a.form == Form::kubeconfig) == (b.form == Form::kubeconfig);
}

// When the certificate of a file expires, where it can be read.
std::string end_of(const Entry& entry, const disk::Found& found) try {
  const auto pem = entry.row->form == Form::kubeconfig
                       ? formats::parse_kubeconfig(found.content, entry.path.string()).client_certificate_pem
                       : std::string(found.content);
  return ", it expires on " + base::to_date(parse_certificates(pem, entry.path.string()).front().not_after);
} catch (const Error&) {
  return {};
}

}  // namespace

void record_rows(const Layout& layout, const Catalog& catalog) {
  std::vector<std::string> lines;
  for (const auto& row : catalog.rows())
    if (default_catalog().try_find_row(row.name) == nullptr) lines.push_back(line_of(row));
  if (lines.empty()) return;
  auto known = disk::read_state(layout, made_rows).entries;
  const auto before = known.size();
  for (auto& line : lines)
    if (std::ranges::find(known, line) == known.end()) known.push_back(std::move(line));
  if (known.size() != before) disk::write_state(layout, made_rows, known);
}

std::vector<Finding> notes_on_removed_rows(const Inventory& inventory, const Reader& read) {
  std::vector<Finding> notes;
  auto state = disk::read_state(inventory.layout, made_rows);
  if (state.problem) notes.push_back(std::move(*state.problem));
  for (const auto& line : state.entries) {
    const auto row = row_of(line);
    if (!row || std::ranges::any_of(inventory.catalog.rows(), [&](const auto& r) { return is_same_file(r, *row); }))
      continue;
    const auto entry = model::place_of(*row, inventory.layout);
    const auto found = read(entry.path, {.max_size = disk::kubeconfig_limit, .secret = false});
    if (!found.exists) continue;
    notes.push_back(
        {Rule::row_removed, Severity::error, entry.path.string(),
         fmt::format("was made for the row {}, which the configuration no longer has: nothing watches or "
                     "renews it{}",
                     row->name, end_of(entry, found)),
         std::string(row->name),
         fmt::format("put the row back into the configuration, or remove {}", to_shell_word(entry.path.string()))});
  }
  return notes;
}

}  // namespace pki::verbs
