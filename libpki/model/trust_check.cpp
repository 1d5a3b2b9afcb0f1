// SPDX-License-Identifier: Apache-2.0
#include "model/trust_check.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "base/calendar.hpp"
#include "model/refusals.hpp"
#include "model/remedies.hpp"
#include "model/trust_path.hpp"

namespace pki::model {

namespace {

/// Fault is why a client does not accept one certificate as a CA.
struct Fault {
  Rule rule{};
  std::string message{};
};

bool holds(const Entry& issuer, const Certificate& certificate) {
  return std::ranges::find(issuer.certificates, certificate.pem, &Certificate::pem) != issuer.certificates.end();
}

class TrustCheck {
 public:
  TrustCheck(const Entry& entry, const Entry* issuer, std::chrono::sys_seconds now)
      : entry_(entry), facts_(*entry.kubeconfig), issuer_(issuer), now_(now) {}

  std::vector<Finding> run() {
    if (issuer_ != nullptr) compare(*issuer_, *issuer_->certificate());
    check_each();
    return std::move(findings_);
  }

  [[nodiscard]] std::optional<std::chrono::sys_seconds> end() const {
    std::optional<std::chrono::sys_seconds> last;
    for (std::size_t i = 0; i < facts_.ca_certificates.size(); ++i) {
      const auto& each = facts_.ca_certificates[i];
      if (!fault_of(i)) last = std::max(last.value_or(each.not_after), each.not_after);
    }
    return last;
  }

 private:
  void add(Rule rule, Severity severity, std::string message, Remedy remedy) {
    findings_.push_back(
        {rule, severity, entry_.path.string(), std::move(message), std::string(entry_.row->name), std::move(remedy)});
  }

  [[nodiscard]] bool is_of_issuer(const Certificate& certificate) const {
    return issuer_ != nullptr && holds(*issuer_, certificate);
  }

  void compare(const Entry& issuer, const Certificate& ca) {
    const auto& trusted = facts_.ca_certificates;
    const auto file = (entry_.path.parent_path() / facts_.ca_file).lexically_normal();
    if (!trusted.empty()) {
      if (std::ranges::find(trusted, ca.pem, &Certificate::pem) == trusted.end())
        add(Rule::kubeconfig_ca_differs, Severity::error,
            fmt::format("trusts another CA than {} ({}, serial {})", issuer.path.string(), trusted.front().subject,
                        trusted.front().serial),
            replacement_of(entry_, issuer_, entry_.path));
    } else if (facts_.ca_file.empty()) {
      add(Rule::kubeconfig_ca_missing, Severity::warning, "names no CA, expected that in " + issuer.path.string(),
          "its user trusts whatever the host trusts; embed certificate-authority-data");
    } else if (file != issuer.path.lexically_normal()) {
      add(Rule::kubeconfig_ca_differs, Severity::warning,
          fmt::format("trusts the CA in {}, expected {}", file.string(), issuer.path.string()), {});
    }
  }

  void check_each() {
    std::vector<Fault> faults;
    const auto& trusted = facts_.ca_certificates;
    for (std::size_t i = 0; i < trusted.size(); ++i) {
      if (is_of_issuer(trusted[i])) continue;
      if (auto fault = fault_of(i)) faults.push_back(std::move(*fault));
    }
    const bool usable = faults.size() < trusted.size();
    for (auto& [rule, message] : faults)
      add(rule, usable ? Severity::warning : Severity::error, std::move(message), usable ? removal() : replacement());
  }

  [[nodiscard]] std::string where() const {
    return facts_.ca_file.empty() ? "its certificate-authority-data" : facts_.ca_file;
  }

  [[nodiscard]] std::optional<Fault> fault_of(std::size_t i) const {
    const auto& certificate = facts_.ca_certificates[i];
    const auto named = fmt::format("certificate {} of {} ({})", i + 1, where(), certificate.subject);
    const auto refusal = std::ranges::find(facts_.ca_refusals, ChainPlace{false, i + 1}, &ChainRefusal::at);
    if (refusal != facts_.ca_refusals.end())
      return Fault{Rule::chain_refused,
                   fmt::format("OpenSSL refuses {} as the CA of a server: {}", named, refusal->reason)};
    if (now_ > certificate.not_after)
      return Fault{Rule::expired, fmt::format("{} expired on {}", named, base::to_date(certificate.not_after))};
    if (now_ < certificate.not_before)
      return Fault{Rule::not_yet_valid,
                   fmt::format("{} is not valid before {}", named, base::to_date(certificate.not_before))};
    for (auto& refused : refusals(certificate, Profile::ca))
      if (refused.rule != Rule::signature_weak)  // the signature of a trusted certificate is not verified
        return Fault{refused.rule, fmt::format("{}: {}", named, refused.message)};
    return std::nullopt;
  }

  [[nodiscard]] Remedy removal() const {
    return facts_.ca_file.empty()
               ? fmt::format("remove that certificate from certificate-authority-data in {}", entry_.path.string())
               : fmt::format("remove that certificate from {}", facts_.ca_file);
  }

  [[nodiscard]] Remedy replacement() const {
    if (issuer_ != nullptr) return replacement_of(entry_, issuer_, entry_.path);
    return fmt::format("put the present CA of the cluster in its place in {}",
                       facts_.ca_file.empty() ? entry_.path.string() : facts_.ca_file);
  }

  const Entry& entry_;
  const KubeconfigFacts& facts_;
  const Entry* issuer_;
  std::chrono::sys_seconds now_;
  std::vector<Finding> findings_;
};

const Entry* with_certificate(const Entry* issuer) {
  return issuer == nullptr || issuer->certificate() == nullptr ? nullptr : issuer;
}

}  // namespace

std::vector<Finding> check_trust(const Entry& entry, const Entry* issuer, std::chrono::sys_seconds now) {
  return TrustCheck(entry, with_certificate(issuer), now).run();
}

std::optional<std::chrono::sys_seconds> end_of_trust(const Entry& entry, std::chrono::sys_seconds now) {
  return entry.kubeconfig ? TrustCheck(entry, nullptr, now).end() : std::nullopt;
}

std::vector<Finding> check_further_authorities(const Entry& ca, std::chrono::sys_seconds now) {
  std::vector<Finding> findings;
  const auto* path = best_path(ca, now);
  for (std::size_t i = 1; i < ca.certificates.size(); ++i) {
    const ChainPlace place{false, i + 1};
    const bool reported = path != nullptr && path->first_to_expire == place;
    if (reported || now <= ca.certificates[i].not_after) continue;
    findings.push_back({Rule::expired, Severity::warning, ca.path.string(),
                        fmt::format("{} expired on {}", describe_place(place, ca, nullptr),
                                    base::to_date(ca.certificates[i].not_after)),
                        std::string(ca.row->name), fmt::format("remove that certificate from {}", ca.path.string())});
  }
  return findings;
}

}  // namespace pki::model
