// SPDX-License-Identifier: Apache-2.0
#include "model/renewal_spec.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/calendar.hpp"
#include "base/lists.hpp"
#include "model/entry_check.hpp"
#include "model/further_rows.hpp"
#include "model/identity.hpp"
#include "model/window.hpp"

namespace pki::model {

namespace {

constexpr std::chrono::hours year{24 * 365};

// kubeadm before 1.31 gave every leaf the notBefore of its CA, so the time between its dates is not its validity.
std::chrono::seconds span_of(const Certificate& old, const Certificate& ca) {
  const std::chrono::seconds whole = old.not_after - old.not_before;
  const auto span = whole > 2 * base::backdate ? whole - base::backdate : whole;
  return begins_with(old, &ca) ? std::min<std::chrono::seconds>(span, year) : span;
}

std::chrono::seconds new_validity(const Entry& entry, const Certificate& ca, const ValidConfig* config) {
  const auto& row = *entry.row;
  if (config != nullptr) return validity_of(row, **config);
  return row.validity.count() > 0 ? row.validity : span_of(entry.certificates.front(), ca);
}

// Returns the nearest of the algorithms that new keys are made with: the same family where there is one.
KeyAlgorithm nearest_algorithm(std::string_view found) {
  constexpr std::string_view rsa = "RSA-";
  if (found.starts_with(rsa)) {
    unsigned bits = 0;
    (void)std::from_chars(found.data() + rsa.size(), found.data() + found.size(), bits);
    return bits <= 2048 ? KeyAlgorithm::rsa_2048 : bits <= 3072 ? KeyAlgorithm::rsa_3072 : KeyAlgorithm::rsa_4096;
  }
  return found == "ECDSA-P521" ? KeyAlgorithm::ecdsa_p384 : KeyAlgorithm::ecdsa_p256;
}

class Renewing {
 public:
  Renewing(const Entry& entry, const Certificate& ca, const ValidConfig* config, std::chrono::sys_seconds now,
           const RenewOptions& options)
      : entry_(entry), old_(entry.certificates.front()), ca_(ca), config_(config), now_(now), options_(options) {}

  Renewed decide() {
    auto& spec = renewed_.what.spec;
    renewed_.what.reuse_key = options_.reuse_key;
    spec.profile = entry_.row->profile;
    spec.subject_der = old_.subject_der;
    spec.common_name = old_.common_name;
    spec.organizations = old_.organizations;
    set_names();
    set_usages();
    set_key();
    set_dates();
    compare_chain();
    if (entry_.kubeconfig && lacks_ca(*entry_.kubeconfig, ca_)) differ("trusts the CA on disk as well, " + ca_.subject);
    return std::move(renewed_);
  }

 private:
  void differ(std::string text) { renewed_.what.differences.push_back(std::move(text)); }
  void warn(Rule rule, std::string message, Remedy remedy = {}) {
    renewed_.warnings.push_back({rule, Severity::warning, entry_.path.string(), std::move(message),
                                 std::string(entry_.row->name), std::move(remedy)});
  }

  void set_names() {
    auto& names = renewed_.what.spec.sans;
    for (const auto& name : old_.sans)
      if (std::ranges::find(names, name) == names.end()) names.push_back(name);
    if (config_ == nullptr) return;
    const auto wanted = identity_of(*entry_.row, *config_).sans;
    const auto missing = base::without(wanted, old_.sans);
    const auto unexplained = unexplained_sans(old_, wanted, *config_);
    if (options_.prune_sans) names = base::without(names, unexplained);
    std::ranges::copy(missing, std::back_inserter(names));
    if (!missing.empty()) differ("adds " + join(missing));
    if (unexplained.empty()) return;
    if (options_.prune_sans)
      differ("drops " + join(unexplained));
    else
      warn(Rule::names_unexplained, fmt::format("keeps {}, which the configuration does not name", join(unexplained)),
           {Remedy::Kind::prune_sans, {std::string(entry_.row->name)}});
  }

  void set_usages() {
    renewed_.what.spec.extended_key_usages = old_.extended_key_usages;
    if (old_.extended_key_usages.empty())
      differ(fmt::format("is limited to its purpose, {}; the old one was not", to_string(entry_.row->profile)));
  }

  void set_key() {
    const auto& found = entry_.key->algorithm();
    auto& algorithm = renewed_.what.algorithm;
    algorithm = found;
    const std::string wanted(config_ != nullptr ? to_string(algorithm_of(*entry_.row, **config_)) : "");
    if (options_.reuse_key) {
      if (!wanted.empty() && wanted != found)
        warn(Rule::key_algorithm_differs,
             fmt::format("keeps its {} key, the configuration asks for {}", found, wanted));
      return;
    }
    if (!wanted.empty()) algorithm = wanted;
    if (wanted.empty() && !try_parse_key_algorithm(found)) {
      algorithm = to_string(nearest_algorithm(found));
      warn(Rule::key_algorithm_replaced,
           fmt::format("no new keys are made with {}, this one will be {}", found, algorithm));
    }
    if (algorithm != found) differ(fmt::format("key is {} instead of {}", algorithm, found));
  }

  void set_dates() {
    const auto validity = new_validity(entry_, ca_, config_);
    renewed_.what.spec.not_before = std::max(now_ - base::backdate, ca_.not_before);
    renewed_.what.spec.not_after = renewed_end(entry_, ca_, config_, now_);
    if (renewed_.what.spec.not_after < now_ + validity)
      warn(Rule::ends_with_ca, fmt::format("will end with its CA on {}, before the {} it should have",
                                           base::to_date(ca_.not_after), base::days_text(validity)));
    const auto before = span_of(old_, ca_);
    if (!begins_with(old_, &ca_) && std::chrono::abs(validity - before) > base::backdate)
      differ(fmt::format("is valid for {} instead of {}", base::days_text(validity), base::days_text(before)));
  }

  // The certificates after the first one are not kept: they are those of the CA that signs.
  void compare_chain() {
    if (entry_.certificates.size() == 1) return;
    if (ca_.self_signed)
      differ("comes without further certificates, as its CA is self-signed");
    else if (entry_.certificates[1].pem != ca_.pem)
      differ("comes with the chain of " + ca_.subject);
  }

  const Entry& entry_;
  const Certificate& old_;
  const Certificate& ca_;
  const ValidConfig* config_;
  std::chrono::sys_seconds now_;
  const RenewOptions& options_;
  Renewed renewed_;
};

}  // namespace

Renewed renewed_from(const Entry& entry, const Certificate& ca, const ValidConfig* config, std::chrono::sys_seconds now,
                     const RenewOptions& options) {
  return Renewing(entry, ca, config, now, options).decide();
}

std::chrono::sys_seconds renewed_end(const Entry& entry, const Certificate& ca, const ValidConfig* config,
                                     std::chrono::sys_seconds now) {
  return std::min(now + new_validity(entry, ca, config), ca.not_after);
}

bool lacks_ca(const KubeconfigFacts& kubeconfig, const Certificate& ca) {
  const auto& trusted = kubeconfig.ca_certificates;
  return kubeconfig.ca_file.empty() && !trusted.empty() &&
         std::ranges::find(trusted, ca.pem, &Certificate::pem) == trusted.end();
}

}  // namespace pki::model
