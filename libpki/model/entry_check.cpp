// SPDX-License-Identifier: Apache-2.0
#include "model/entry_check.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include <pki/shell.hpp>

#include "base/calendar.hpp"
#include "base/lists.hpp"
#include "base/usages.hpp"
#include "base/words.hpp"
#include "model/refusals.hpp"
#include "model/remedies.hpp"
#include "model/trust_check.hpp"
#include "model/trust_path.hpp"

namespace pki::model {

namespace {

const char* public_half(const Entry& entry) { return entry.row->form == Form::bare_key ? "public key" : "certificate"; }

bool allows(const Certificate& certificate, std::string_view usage) {
  const auto& usages = certificate.extended_key_usages;
  return usages.empty() ||
         std::ranges::any_of(usages, [&](const auto& found) { return found == usage || found == base::any_usage; });
}

/// EntryCheck collects what is found about one entry.
class EntryCheck {
 public:
  EntryCheck(const Entry& entry, const Entry* issuer, std::chrono::sys_seconds now)
      : entry_(entry), issuer_(issuer), now_(now), findings_(entry.problems) {}

  Findings run(Dates dates) {
    check_halves();
    check_server();
    if (!check_order()) return std::move(findings_);
    check_match();
    check_token_key();
    const auto* certificate = entry_.certificate();
    if (certificate != nullptr && dates == Dates::judge) check_dates(*certificate);
    const auto before = findings_.size();
    if (certificate != nullptr) {
      check_usage(*certificate);
      check_refusals(*certificate);
    }
    const bool fit = findings_.size() == before;
    if (entry_.kubeconfig && entry_.exists) add_all(check_trust(entry_, issuer_, now_));
    if (issuer_ != nullptr && entry_.exists) check_issuer(*issuer_);
    if (certificate == nullptr) return std::move(findings_);
    if (entry_.refusal) check_refusal(*entry_.refusal, fit);
    if (const auto* path = best_path(entry_, now_)) check_path(*certificate, *path, dates);
    if (entry_.row->is_ca()) add_all(check_further_authorities(entry_, now_));
    return std::move(findings_);
  }

 private:
  void add(Rule rule, Severity severity, const std::filesystem::path& subject, std::string message, Remedy remedy) {
    findings_.push_back(
        {rule, severity, subject.string(), std::move(message), std::string(entry_.row->name), std::move(remedy)});
  }
  void add_all(Findings findings) { std::ranges::move(findings, std::back_inserter(findings_)); }
  void fail(Rule rule, std::string message, Remedy remedy) {
    add(rule, Severity::error, entry_.path, std::move(message), std::move(remedy));
  }
  void warn(Rule rule, std::string message, Remedy remedy = {}) {
    add(rule, Severity::warning, entry_.path, std::move(message), std::move(remedy));
  }

  // `wrong` is the file that is missing or does not belong to the other one.
  [[nodiscard]] Remedy replace(const std::filesystem::path& wrong) const {
    return replacement_of(entry_, issuer_, wrong);
  }
  [[nodiscard]] Remedy replace() const { return replacement_of(entry_, issuer_); }

  // Both halves of a pair are present. A CA without its key is external, not invalid.
  void check_halves() {
    const auto& row = *entry_.row;
    if (row.form == Form::kubeconfig) return;
    if (!entry_.exists && row.form == Form::key_pair)
      add(Rule::certificate_missing, Severity::error, entry_.key_path,
          fmt::format("a key without its certificate, expected {} beside it", entry_.path.string()),
          replace(entry_.path));
    if (!entry_.exists && entry_.key_exists && row.form == Form::bare_key)
      warn(Rule::public_key_missing, "missing, its private key is there",
           {Remedy::Kind::init, {std::string(row.name)}});
    if (!entry_.key_exists && !row.is_ca())
      fail(Rule::key_missing,
           fmt::format("a {} without its key, expected {} beside it", public_half(entry_), entry_.key_path.string()),
           replace(entry_.key_path));
  }

  void check_server() {
    if (entry_.kubeconfig && entry_.kubeconfig->server.empty())
      fail(Rule::kubeconfig_server_missing, "names no API server for its cluster, expected a URL",
           replace(entry_.path));
  }

  // Whoever reads such a file takes its first certificate for that of the key. Nothing else can be said about it.
  bool check_order() {
    const auto& all = entry_.certificates;
    if (!entry_.key) return true;
    const auto found = std::ranges::find(all, entry_.key->public_key_sha256(), &Certificate::public_key_sha256);
    if (found == all.end() || found == all.begin()) return true;
    const auto number = found - all.begin() + 1;
    fail(Rule::certificate_order,
         fmt::format("the key belongs to certificate {} of the file ({}), which must be the first one", number,
                     found->subject),
         fmt::format("move certificate {} of {} before the others", number, to_shell_word(entry_.path.string())));
    return false;
  }

  // Both halves belong to each other, in one file or in two.
  void check_match() {
    const auto* certificate = entry_.certificate();
    const auto& public_key = certificate != nullptr ? certificate->public_key_sha256 : entry_.public_key_sha256;
    if (!entry_.key || public_key.empty() || entry_.key->public_key_sha256() == public_key) return;
    if (entry_.row->form == Form::kubeconfig)
      return fail(Rule::key_mismatch, "its client key does not match its client certificate", replace());
    add(Rule::key_mismatch, Severity::error, entry_.key_path,
        fmt::format("does not match the {} in {}", public_half(entry_), entry_.path.string()),
        replace(entry_.key_path));
  }

  // Kubernetes signs and verifies tokens with RSA and ECDSA, nothing else.
  void check_token_key() {
    if (entry_.row->form != Form::bare_key || !entry_.key || entry_.key->algorithm() != "ED25519") return;
    add(Rule::malformed, Severity::error, entry_.key_path,
        "an Ed25519 key, expected RSA or ECDSA, with which tokens are signed", replace(entry_.key_path));
  }

  void check_dates(const Certificate& certificate) {
    if (now_ < certificate.not_before)
      fail(Rule::not_yet_valid,
           fmt::format("not valid before {}, and it is {}", base::to_date(certificate.not_before), base::to_date(now_)),
           {Remedy::Kind::check_clock, {}});
    if (now_ > certificate.not_after)
      fail(Rule::expired, "expired on " + base::to_date(certificate.not_after), renewal_of(entry_, issuer_));
  }

  void check_usage(const Certificate& certificate) {
    const auto profile = entry_.row->profile;
    if (entry_.row->is_ca()) {
      if (!certificate.can_sign)
        fail(Rule::ca_cannot_sign,
             certificate.is_ca ? "a CA that may not sign certificates, expected key usage keyCertSign"
                               : "not a CA, expected basicConstraints CA:TRUE",
             replace());
      return;
    }
    if (certificate.is_ca)
      fail(Rule::leaf_is_ca, fmt::format("a CA certificate, expected one for a {}", to_string(profile)), replace());
    for (auto& lacking : lacking_usages(certificate, base::usages_of(profile)))
      fail(Rule::extended_key_usage_missing, std::move(lacking), replace());
  }

  // A renewal keeps names; only a certificate that is made anew has those of the configuration.
  void check_refusals(const Certificate& certificate) {
    const auto& row = *entry_.row;
    for (auto& refusal : refusals(certificate, row.profile))
      fail(refusal.rule, std::move(refusal.message),
           row.is_ca() || refusal.ends_with_renewal ? renewal_of(entry_, issuer_) : recreation_of(entry_, issuer_));
  }

  void check_issuer(const Entry& issuer) {
    const auto* ca = issuer.certificate();
    if (ca == nullptr) {
      if (!issuer.exists)
        fail(Rule::ca_missing, "its CA is missing, expected " + issuer.path.string(),
             {Remedy::Kind::restore, {}, {issuer.path.string()}});
      return;
    }
    const auto* certificate = entry_.certificate();
    if (certificate == nullptr) return;
    if (!entry_.signed_by_issuer)
      fail(Rule::not_signed_by_ca,
           fmt::format("not signed by {} in {} (issuer {})", issuer.row->name, issuer.path.string(),
                       certificate->issuer),
           replace());
    else if (entry_.trust_paths.empty() && certificate->not_after > ca->not_after)
      warn_of_ca(*certificate, ca->not_after);
  }

  void warn_of_ca(const Certificate& certificate, std::chrono::sys_seconds end) {
    warn(Rule::outlives_ca, fmt::format("valid until {}, longer than its CA ({})", base::to_date(certificate.not_after),
                                        base::to_date(end)));
  }

  // `fit` is whether nothing is wrong with the certificate by itself, which OpenSSL would refuse as well.
  void check_refusal(const ChainRefusal& refusal, bool fit) {
    const bool itself = !refusal.at.of_issuer && refusal.at.number == 1;
    const bool known = itself ? !fit : refusal.at.of_issuer && issuer_ != nullptr && is_unfit(*issuer_);
    if (known) return;
    fail(Rule::chain_refused,
         describe_refusal(refusal, describe_place(refusal.at, entry_, issuer_), entry_.row->profile),
         after_refusal(refusal));
  }

  // The fault of a CA is reported with the CA.
  static bool is_unfit(const Entry& ca) {
    return ca.refusal || (ca.certificate() != nullptr && !ca.certificate()->can_sign);
  }

  [[nodiscard]] Remedy after_refusal(const ChainRefusal& refusal) const {
    if (entry_.row->is_ca()) {
      if (refusal.at.number > 1) return replace();
      return {Remedy::Kind::rotate_ca, {std::string(entry_.row->name)}};
    }
    const bool direct = entry_.certificates.size() == 1;
    if (direct && refusal.at.of_issuer) return {Remedy::Kind::rotate_ca, {std::string(entry_.row->issuer)}};
    if (direct && refusal.of_names)
      return "its CA permits other names only: use names that it permits, or a CA without such constraints";
    return renewal_of(entry_, issuer_);
  }

  void check_path(const Certificate& certificate, const TrustPath& path, Dates dates) {
    if (dates == Dates::judge && certificate.not_before <= now_ && now_ < path.not_before)
      fail(Rule::not_yet_valid,
           fmt::format("its chain is not valid before {}, and it is {}", base::to_date(path.not_before),
                       base::to_date(now_)),
           {Remedy::Kind::check_clock, {}});
    if (path.not_after >= certificate.not_after) return;
    // The end of a CA is reported with the CA.
    if (path.first_to_expire == ChainPlace{true, 1}) return warn_of_ca(certificate, path.not_after);
    const auto place = describe_place(path.first_to_expire, entry_, issuer_);
    const auto end = base::to_date(path.not_after);
    const auto remedy = entry_.row->is_ca()
                            ? Remedy(fmt::format("replace that certificate in {} by the one that its issuer has now",
                                                 to_shell_word(entry_.path.string())))
                            : renewal_of(entry_, issuer_);
    if (now_ > path.not_after)
      fail(Rule::chain_expired, fmt::format("{} expired on {}", place, end), remedy);
    else
      warn(Rule::chain_expires_first,
           fmt::format("{} expires on {}, before the certificate itself ({})", place, end,
                       base::to_date(certificate.not_after)),
           remedy);
  }

  const Entry& entry_;
  const Entry* issuer_;
  std::chrono::sys_seconds now_;
  Findings findings_;
};

}  // namespace

namespace {

// A name in digits is enough for a node that is called by its address, but not for the address of the API server: who
// connects to an address wants an IP address in the certificate.
std::vector<GeneralName> missing_names(const Certificate& certificate, const std::vector<GeneralName>& wanted,
                                       const ValidConfig& config) {
  auto missing = base::without(wanted, certificate.sans);
  const auto is_node = [&](const GeneralName& name) { return is_node_in_digits(name, config); };
  if (config->node_name != config.advertise_address() && std::ranges::any_of(certificate.sans, is_node))
    std::erase(missing, GeneralName{GeneralName::Kind::ip, config->node_name});
  return missing;
}

}  // namespace

Findings check_entry(const Entry& entry, const Entry* issuer, std::chrono::sys_seconds now, Dates dates) {
  return EntryCheck(entry, issuer, now).run(dates);
}

std::vector<std::string> lacking_usages(const Certificate& certificate, const std::vector<std::string>& wanted) {
  std::vector<std::string> lacking;
  for (const auto& usage : wanted)
    if (!allows(certificate, usage))
      lacking.push_back(
          fmt::format("extended key usage is {}, expected {}", base::join(certificate.extended_key_usages), usage));
  return lacking;
}

Findings check_identity(const Entry& entry, const Entry* issuer, const ValidConfig& config) {
  const auto wanted = identity_of(*entry.row, config);
  Findings findings;
  const auto add = [&](Rule rule, Severity severity, std::string message) {
    findings.push_back({rule, severity, entry.path.string(), std::move(message), std::string(entry.row->name),
                        recreation_of(entry, issuer)});
  };
  if (entry.kubeconfig && !wanted.server.empty() && entry.kubeconfig->server != wanted.server)
    add(Rule::server_differs, Severity::warning,
        fmt::format("server is {}, expected {}", base::shown_url(entry.kubeconfig->server), wanted.server));
  const auto* certificate = entry.certificate();
  // A CA's own alternative names mean nothing to a verifier, and CAs that others made have none. With a certificate in
  // place of its token a kubelet joins as well, whatever its name.
  if (certificate == nullptr || entry.row->is_ca() || entry.row->has_token()) return findings;
  if (const auto missing = missing_names(*certificate, wanted.sans, config); !missing.empty())
    add(Rule::names_missing, Severity::error,
        fmt::format("lacks the names {}, found {}", join(missing), join(certificate->sans)));
  if (certificate->common_name != wanted.common_name)
    add(Rule::common_name_differs, Severity::warning,
        fmt::format("common name is {}, expected {}", certificate->common_name, wanted.common_name));
  if (certificate->organizations != wanted.organizations &&
      !may_lack_groups(*entry.row, config, certificate->organizations))
    add(Rule::organization_differs, Severity::warning,
        fmt::format("organization is {}, expected {}", base::join(certificate->organizations),
                    base::join(wanted.organizations)));
  return findings;
}

bool may_lack_groups(const CatalogRow& row, const ValidConfig& config, const std::vector<std::string>& organizations) {
  return config->naming == Naming::kubeadm && row.form != Form::kubeconfig && organizations.empty();
}

Findings only(const Findings& findings, Severity severity) {
  Findings result;
  std::ranges::copy_if(findings, std::back_inserter(result),
                       [&](const auto& each) { return each.severity == severity; });
  return result;
}

std::vector<GeneralName> unexplained_sans(const Certificate& certificate, const std::vector<GeneralName>& wanted,
                                          const ValidConfig& config) {
  auto unexplained = base::without(certificate.sans, wanted);
  std::erase_if(unexplained, [&](const GeneralName& name) { return is_node_in_digits(name, config); });
  return unexplained;
}

std::string join(const std::vector<GeneralName>& names) {
  std::vector<std::string> texts;
  std::ranges::transform(names, std::back_inserter(texts), [](const auto& name) { return to_text(name); });
  return base::join(texts);
}

}  // namespace pki::model
