// SPDX-License-Identifier: Apache-2.0
#include <pki/report.hpp>

#include <algorithm>
#include <array>

namespace pki::inline PKI_ABI {

std::string_view to_string(State state) noexcept {
  constexpr std::array<std::string_view, 6> names{"valid",   "expiring", "not-yet-valid",
                                                  "expired", "missing",  "invalid"};
  return names[static_cast<std::size_t>(state)];
}

bool needs_attention(const ReportRow& row) noexcept {
  return row.state != State::valid && !(row.optional && row.state == State::missing);
}

Totals total(const Report& report, std::size_t files) {
  Totals totals{.files = files};
  for (const auto& row : report.others) {
    if (row.row != nullptr) continue;  // the kubelet's rows of the catalog
    ++totals.states[static_cast<std::size_t>(row.state)];
    if (!row.certificate) continue;
    ++totals.certificates;
    totals.earliest_end =
        std::min(totals.earliest_end.value_or(row.certificate->not_after), row.certificate->not_after);
  }
  return totals;
}

State Report::worst() const noexcept {
  auto result = has_errors(notes) ? State::invalid : State::valid;
  for (const auto* rows : {&certificates, &authorities, &others, &served})
    for (const auto& row : *rows)
      if (needs_attention(row)) result = std::max(result, row.state);
  return result;
}

}  // namespace pki::inline PKI_ABI
