// SPDX-License-Identifier: Apache-2.0
#include "print/report_text.hpp"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <pki/time.hpp>

#include "print/output.hpp"
#include "print/remedy_text.hpp"

namespace cli {

namespace {

using Cells = std::vector<std::string>;

constexpr std::size_t smallest_column = 10;
constexpr std::size_t gap = 3;

// File names and subjects are foreign text: no control character of theirs reaches the terminal.
std::string printable(std::string_view text) { return pki::to_plain(text, text.size()); }

// Columns are as wide as their longest cell in characters, not bytes.
std::size_t width(const std::string& cell) {
  return static_cast<std::size_t>(
      std::ranges::count_if(cell, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

// The layout of Go's text/tabwriter as kubeadm sets it: the last cell of a line is not padded.
std::string lay_out(const std::vector<Cells>& lines) {
  std::vector<std::size_t> widths;
  for (const auto& cells : lines) {
    widths.resize(std::max(widths.size(), cells.size()), smallest_column);
    for (std::size_t i = 0; i < cells.size(); ++i)
      widths[i] = std::max(widths[i], width(cells[i]) + gap);
  }
  std::string text;
  for (const auto& cells : lines) {
    for (std::size_t i = 0; i < cells.size(); ++i)
      text += i + 1 == cells.size() ? cells[i] : cells[i] + std::string(widths[i] - width(cells[i]), ' ');
    text += '\n';
  }
  return text;
}

std::string yes_or_no(bool value) { return fmt::format("{:<8}", value ? "yes" : "no"); }

// Returns a mark for a state that the dates in the table do not show.
std::string_view mark_of(const pki::ReportRow& row) {
  if (row.state == pki::State::not_yet_valid) return "!NOT YET VALID! ";
  if (row.state == pki::State::invalid && (!row.certificate || row.row == nullptr)) return "!INVALID! ";
  return row.state == pki::State::missing && !row.certificate ? "!MISSING! " : "";
}

std::string name_cell(const pki::ReportRow& row) { return std::string(mark_of(row)) + printable(row.name); }

/// Table is which columns a table has: kubeadm's first, kubeadm's second, ours.
enum class Table { certificates, authorities, others };

Cells header(Table table, bool wide) {
  Cells cells{table == Table::authorities ? "CERTIFICATE AUTHORITY" : "CERTIFICATE", "EXPIRES", "RESIDUAL TIME"};
  if (table == Table::certificates) cells.emplace_back("CERTIFICATE AUTHORITY");
  cells.emplace_back(table == Table::others ? "OWNER" : "EXTERNALLY MANAGED");
  if (wide) cells.insert(cells.end(), {"STATE", "ALGORITHM", "SERIAL"});
  if (wide || table == Table::others) cells.emplace_back("PATH");
  return cells;
}

// The reason is here where no date and no note shows it: for kubeconfigs that point to a certificate, and for unmanaged
// files. That of a chain names its certificate.
std::string path_cell(const pki::ReportRow& row) {
  const bool unmanaged = row.row == nullptr && (row.state == pki::State::invalid || row.chain_end);
  const bool explained = row.state == pki::State::valid || unmanaged;
  return printable(row.path.string() + (explained && !row.reason.empty() ? " (" + row.reason + ")" : ""));
}

// A kubeconfig whose user has a token or a plugin is valid, and nothing here knows for how long. Our own table has the
// reason beside the path.
std::string end_cell(const pki::ReportRow& row, Table table) {
  if (row.certificate) return pki::to_table_date(row.expiration());
  return row.state == pki::State::valid && table == Table::certificates ? "no certificate" : "";
}

// kubeadm's column says whether the key is elsewhere. Where that is, and can be reached, is in it for a CA.
std::string external_cell(const pki::ReportRow& row) {
  if (!row.certificate) return {};
  return row.signing_key.empty() ? yes_or_no(row.externally_managed)
                                 : fmt::format("no ({})", printable(row.signing_key));
}

Cells line_of(const pki::ReportRow& row, Table table, bool wide, const pki::Report& report) {
  const auto& certificate = row.certificate;
  Cells cells{name_cell(row), end_cell(row, table), certificate ? pki::to_human(report.residual(row)) : ""};
  if (table == Table::certificates) cells.push_back(certificate ? row.issuer : "");
  if (table == Table::others)
    cells.push_back(row.owner);
  else
    cells.push_back(external_cell(row));
  if (wide)
    cells.insert(cells.end(), {std::string(to_string(row.state)), certificate ? certificate->key_algorithm : "",
                               certificate ? certificate->serial : ""});
  if (wide || table == Table::others) cells.push_back(path_cell(row));
  return cells;
}

std::string table_text(const std::vector<pki::ReportRow>& rows, Table table, bool wide, const pki::Report& report) {
  if (rows.empty()) return {};
  std::vector<Cells> lines{header(table, wide)};
  for (const auto& row : rows)
    lines.push_back(line_of(row, table, wide, report));
  return lay_out(lines);
}

std::string served_text(const pki::Report& report) {
  if (report.served.empty()) return {};
  std::vector<Cells> lines{{"SERVED", "EXPIRES", "RESIDUAL TIME", "ENDPOINT", "STATE"}};
  for (const auto& row : report.served) {
    const auto& certificate = row.certificate;
    lines.push_back({printable(row.name), certificate ? pki::to_table_date(row.expiration()) : "",
                     certificate ? pki::to_human(report.residual(row)) : "", printable(row.place),
                     printable(row.reason)});
  }
  return lay_out(lines);
}

// Returns "total: 12 files, 5 certificates: 3 valid, 1 expiring, 1 expired; earliest expiry Nov 21, 2027 08:00 UTC".
std::string totals_text(const std::optional<pki::Totals>& totals) {
  if (!totals) return {};
  const auto count = [](std::size_t number, std::string_view noun) {
    return fmt::format("{} {}{}", number, noun, number == 1 ? "" : "s");
  };
  auto text = fmt::format("total: {}, {}", count(totals->files, "file"), count(totals->certificates, "certificate"));
  std::string_view separator = ": ";
  for (std::size_t i = 0; i < totals->states.size(); ++i) {
    if (totals->states[i] == 0) continue;
    text += fmt::format("{}{} {}", std::exchange(separator, ", "), totals->states[i],
                        to_string(static_cast<pki::State>(i)));
  }
  if (totals->earliest_end) text += "; earliest expiry " + pki::to_table_date(*totals->earliest_end);
  return text + "\n";
}

bool is_alarm(const pki::Finding& note) { return note.severity == pki::Severity::error; }

std::string note_line(const pki::Finding& note) {
  auto text = fmt::format("{}: {}", is_alarm(note) ? "alarm" : "note", line(note));
  if (const auto hint = hint_of(note); !hint.empty()) text += " (" + hint + ")";
  return printable(text) + "\n";
}

}  // namespace

std::string to_text(const pki::Report& report, bool wide) {
  std::string notes;
  for (const auto& note : report.notes)
    notes += note_line(note);
  std::string text;
  for (const auto& part :
       {table_text(report.certificates, Table::certificates, wide, report),
        table_text(report.authorities, Table::authorities, wide, report),
        table_text(report.others, Table::others, wide, report), served_text(report), notes, totals_text(report.totals)})
    if (!part.empty()) text += (text.empty() ? "" : "\n") + part;
  return text;
}

pki::Report only_attention(const pki::Report& report) {
  pki::Report result;
  result.now = report.now;
  result.within_second = report.within_second;
  result.role = report.role;
  result.role_inferred = report.role_inferred;
  std::ranges::copy_if(report.certificates, std::back_inserter(result.certificates), pki::needs_attention);
  std::ranges::copy_if(report.authorities, std::back_inserter(result.authorities), pki::needs_attention);
  std::ranges::copy_if(report.others, std::back_inserter(result.others), pki::needs_attention);
  std::ranges::copy_if(report.served, std::back_inserter(result.served), pki::needs_attention);
  std::ranges::copy_if(report.notes, std::back_inserter(result.notes), is_alarm);
  return result;
}

}  // namespace cli
