#pragma once

#include <chrono>
#include <string>

namespace pki::base {

/// notBefore is this long before the certificate is made, because clocks of fresh machines are often a little slow.
/// kubeadm uses the same time.
inline constexpr std::chrono::minutes backdate{5};

/// Returns an instant as RFC 3339 in UTC with whole seconds: "2027-11-21T00:48:15Z".
[[nodiscard]] std::string rfc3339(std::chrono::sys_seconds time);
/// Returns an instant for people: "2027-11-21 00:48:15 UTC".
[[nodiscard]] std::string to_date(std::chrono::sys_seconds instant);
/// Returns a length of time for people: "340 days", "1 day", "30 hours" below two days.
[[nodiscard]] std::string days_text(std::chrono::seconds span);

}  // namespace pki::base
