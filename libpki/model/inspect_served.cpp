#include <algorithm>

#include <pki/live.hpp>

namespace pki::inline PKI_ABI {

namespace {

bool is_on_disk(const Report& report, const Certificate& served) {
  const auto same = [&](const ReportRow& row) {
    return row.certificate && row.certificate->serial == served.serial &&
           row.certificate->issuer_der == served.issuer_der;
  };
  return std::ranges::any_of(report.certificates, same) || std::ranges::any_of(report.others, same);
}

const ReportRow* try_find(const Report& report, const std::string& name) {
  const auto found = std::ranges::find(report.certificates, name, &ReportRow::name);
  return found == report.certificates.end() || !found->certificate ? nullptr : &*found;
}

void judge_dates(ReportRow& row, const Certificate& served, std::chrono::sys_seconds now, const Window& window) {
  if (now > served.not_after)
    row.state = State::expired;
  else if (now < served.not_before)
    row.state = State::not_yet_valid;
  else if (is_due(served, nullptr, now, window))
    row.state = State::expiring;
}

}  // namespace

ReportRow inspect_served(const Report& report, const std::string& endpoint, const std::string& name,
                         const Served& served, const Window& window, bool required) {
  ReportRow row;
  row.name = name.empty() ? endpoint : name;
  row.place = endpoint;
  row.optional = !required;
  if (!served.certificate) {
    row.state = required || served.answered ? State::invalid : State::missing;
    row.reason = (served.answered ? "" : "not reachable: ") + served.problem;
    return row;
  }
  row.certificate = served.certificate;
  row.certificate->pem.clear();
  judge_dates(row, *served.certificate, report.now, window);
  const auto* on_disk = try_find(report, name);
  if (is_on_disk(report, *served.certificate)) {
    row.reason = "as on disk";
  } else if (on_disk == nullptr) {
    row.reason = "not a certificate that is known here";
  } else {
    row.reason = "renewed, not yet served";
    row.state = std::max(row.state, State::expiring);
  }
  return row;
}

}  // namespace pki::inline PKI_ABI
