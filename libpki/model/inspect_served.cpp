#include <algorithm>
#include <vector>

#include <pki/live.hpp>

namespace pki::inline PKI_ABI {

namespace {

// Rows of unmanaged certificates have no DER names: serial, key and dates identify a certificate as well.
bool is_same(const Certificate& one, const Certificate& other) {
  return one.serial == other.serial && one.public_key_sha256 == other.public_key_sha256 &&
         one.not_before == other.not_before && one.not_after == other.not_after && one.issuer == other.issuer;
}

// Returns the row whose certificate is served; null without one.
const ReportRow* try_find_same(const std::vector<ReportRow>& rows, const Certificate& served) {
  const auto found = std::ranges::find_if(
      rows, [&](const ReportRow& row) { return row.certificate && is_same(*row.certificate, served); });
  return found == rows.end() ? nullptr : &*found;
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
  const auto* expected = try_find(report, name);
  const auto* found = try_find_same(report.certificates, *served.certificate);
  const bool known = found != nullptr || try_find_same(report.others, *served.certificate) != nullptr;
  if (expected == nullptr) {
    row.reason = known ? "as on disk" : "not a certificate that is known here";
  } else if (is_same(*expected->certificate, *served.certificate)) {
    row.reason = "as on disk";
  } else if (found != nullptr) {  // the server was given the files of another row
    row.state = State::invalid;
    row.reason = "shows the certificate of " + found->name;
  } else {
    row.reason = "renewed, not yet served";
    row.state = std::max(row.state, State::expiring);
  }
  return row;
}

}  // namespace pki::inline PKI_ABI
