// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <pki/report.hpp>
#include <pki/version.hpp>

#include "formats/report/json.hpp"
#include "formats/report/name_text.hpp"

// The text exposition format 0.0.4. Metrics that begin with x509_ have the names, labels and meanings of
// x509-certificate-exporter, so that its dashboards and alerts work; empty labels are omitted.

namespace pki::inline PKI_ABI {

namespace {

// Prometheus requires UTF-8 and has three escapes. Other control characters are shown as to_plain writes them.
std::string escape(std::string_view value) {
  std::string out;
  for (bool first = true; first || !value.empty(); first = false) {
    if (!first) out += "\\n";
    const auto end = std::min(value.find('\n'), value.size());
    for (const char c : to_plain(value.substr(0, end), value.size())) {
      if (c == '\\' || c == '"') out.push_back('\\');
      out.push_back(c);
    }
    value.remove_prefix(std::min(end + 1, value.size()));
  }
  return out;
}

class Labels {
 public:
  Labels& add(std::string_view name, const std::string& value) {
    if (!value.empty()) text_ += fmt::format("{}{}=\"{}\"", text_.empty() ? "" : ",", name, escape(value));
    return *this;
  }
  [[nodiscard]] std::string text() const { return text_.empty() ? "" : "{" + text_ + "}"; }

 private:
  std::string text_;
};

/// Series is one certificate of a row and its labels; the certificate may be null.
struct Series {
  const ReportRow* row;
  const Certificate* certificate;
  std::string file;  ///< where it is
  std::string all;   ///< where it is, and what
};

// A place is "user NAME" or "cluster NAME".
void add_place(Labels& labels, const std::string& place, const std::filesystem::path& path) {
  const auto blank = place.find(' ');
  if (blank != std::string::npos)
    labels.add("embedded_key", place.substr(blank + 1)).add("embedded_kind", place.substr(0, blank));
  labels.add("filename", path.filename().string()).add("filepath", path.string());
}

Series series_of(const ReportRow& row, const Certificate* shown, Labels labels) {
  Series series{&row, shown, labels.text(), {}};
  if (shown == nullptr) return series;
  const auto& certificate = *shown;
  labels.add("issuer_CN", formats::attribute_of(certificate.issuer, "CN"))
      .add("issuer_O", formats::attribute_of(certificate.issuer, "O"));
  labels.add("serial_number", formats::to_decimal(certificate.serial)).add("subject_CN", certificate.common_name);
  labels.add("subject_O", certificate.organizations.empty() ? std::string() : certificate.organizations.front());
  series.all = labels.text();
  return series;
}

Labels place_of(const ReportRow& row) {
  Labels labels;
  add_place(labels, row.place, row.path);
  return labels;
}

// The CAs that a kubeconfig trusts are in it, or in another file.
Labels place_of_trusted(const ReportRow& row) {
  Labels labels;
  const bool elsewhere = row.trusted_place.starts_with('/');
  add_place(labels, elsewhere ? std::string() : row.trusted_place,
            elsewhere ? std::filesystem::path(row.trusted_place) : row.path);
  return labels;
}

// A series has one value: of duplicates of a certificate in one file the first one counts.
std::vector<Series> all_series(const Report& report) {
  std::vector<Series> list;
  std::set<std::string> seen;
  const auto add = [&](Series series) {
    const auto identity = series.file + series.all + (series.certificate != nullptr ? "" : series.row->name);
    if (seen.insert(identity).second) list.push_back(std::move(series));
  };
  for (const auto* rows : {&report.certificates, &report.authorities, &report.others}) {
    for (const auto& row : *rows) {
      add(series_of(row, row.certificate ? &*row.certificate : nullptr, place_of(row)));
      for (const auto& further : row.further)
        add(series_of(row, &further, place_of(row)));
      for (const auto& trusted : row.trusted)
        add(series_of(row, &trusted, place_of_trusted(row)));
    }
  }
  return list;
}

class Exposition {
 public:
  void begin(std::string_view metric, std::string_view help) {
    metric_ = metric;
    text_ += fmt::format("# HELP {} {}\n# TYPE {} gauge\n", metric, help, metric);
  }
  void value(std::string_view labels, long long number) { text_ += fmt::format("{}{} {}\n", metric_, labels, number); }
  [[nodiscard]] std::string result() { return std::move(text_); }

 private:
  std::string_view metric_;
  std::string text_;
};

using Value = long long (*)(const Certificate&, std::chrono::sys_seconds now);

struct Metric {
  std::string_view name;
  std::string_view help;
  Value value;
};

long long unix_time(std::chrono::sys_seconds time) { return time.time_since_epoch().count(); }

// clang-format off
constexpr Metric metrics[] = {
    {"x509_cert_not_before", "Unix timestamp of the certificate's NotBefore.", [](const Certificate& c, std::chrono::sys_seconds) { return unix_time(c.not_before); }},
    {"x509_cert_not_after", "Unix timestamp of the certificate's NotAfter.", [](const Certificate& c, std::chrono::sys_seconds) { return unix_time(c.not_after); }},
    {"x509_cert_expired", "1 if the certificate is expired, 0 otherwise.", [](const Certificate& c, std::chrono::sys_seconds now) { return now > c.not_after ? 1LL : 0LL; }},
    {"x509_cert_expires_in_seconds", "Seconds from the check until the certificate's NotAfter.", [](const Certificate& c, std::chrono::sys_seconds now) -> long long { return (c.not_after - now).count(); }},
    {"x509_cert_valid_since_seconds", "Seconds from the certificate's NotBefore until the check.", [](const Certificate& c, std::chrono::sys_seconds now) -> long long { return (now - c.not_before).count(); }},
};
// clang-format on

bool is_unread(const ReportRow& row) { return !row.certificate && needs_attention(row); }

// One series per file: a bundle with an invalid certificate has an error.
void write_errors(Exposition& out, const std::vector<Series>& list) {
  std::set<std::string_view> bad;
  std::set<std::string_view> written;
  for (const auto& series : list) {
    if (is_unread(*series.row) && series.certificate == nullptr) bad.insert(series.file);
  }
  out.begin("x509_cert_error", "1 if the file or a certificate in it could not be read, 0 otherwise.");
  for (const auto& series : list) {
    if (written.insert(series.file).second) out.value(series.file, bad.contains(series.file) ? 1 : 0);
  }
  out.begin("x509_read_errors", "Number of files that could not be read.");
  out.value("", static_cast<long long>(bad.size()));
}

std::string to_labels(const ReportRow& row) {
  return Labels().add("filepath", row.path.string()).add("name", row.name).add("owner", row.owner).text();
}

void write_own(Exposition& out, const Report& report, const std::vector<Series>& list) {
  out.begin("pkigen_cert_state", "0 valid, 1 expiring, 2 not yet valid, 3 expired, 4 missing, 5 invalid.");
  std::vector<std::pair<std::string, const ReportRow*>> rows;
  std::set<std::string> written;
  for (const auto& series : list) {
    if (auto labels = to_labels(*series.row); written.insert(labels).second)
      rows.emplace_back(std::move(labels), series.row);
  }
  for (const auto& [labels, row] : rows)
    out.value(labels, needs_attention(*row) ? static_cast<long long>(row->state) : 0);
  out.begin("pkigen_cert_end_timestamp_seconds",
            "Unix timestamp of the earliest NotAfter of the certificate and its chain.");
  for (const auto& [labels, row] : rows)
    if (row->certificate) out.value(labels, unix_time(row->end()));
  out.begin("pkigen_worst_state", "The gravest state of all certificates and notes, as pkigen_cert_state.");
  out.value("", static_cast<long long>(report.worst()));
  if (report.totals) {
    out.begin("pkigen_scanned_files", "Number of files looked at for unmanaged certificates.");
    out.value("", static_cast<long long>(report.totals->files));
  }
  out.begin("pkigen_check_timestamp_seconds", "Unix timestamp of the instant for which the certificates were checked.");
  out.value("", unix_time(report.now));
  out.begin("pkigen_build_info", "1, labelled with the version of pkigen.");
  out.value(Labels().add("version", std::string(version())).text(), 1);
}

}  // namespace

std::string to_prometheus(const Report& report) {
  const auto list = all_series(report);
  Exposition out;
  for (const auto& metric : metrics) {
    out.begin(metric.name, metric.help);
    for (const auto& series : list) {
      if (series.certificate != nullptr) out.value(series.all, metric.value(*series.certificate, report.now));
    }
  }
  write_errors(out, list);
  write_own(out, report, list);
  return out.result();
}

}  // namespace pki::inline PKI_ABI
