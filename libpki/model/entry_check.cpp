#include "model/entry_check.hpp"

#include <algorithm>
#include <iterator>

#include "base/calendar.hpp"
#include "base/words.hpp"

namespace pki::model {

namespace {

using Problems = std::vector<Problem>;

constexpr auto move_away = "restore the right file from a backup, or move it away and run again to make a new one";

std::string issuer_name(const Entry& entry) { return std::string(entry.row->issuer); }

std::string public_half(const Entry& entry) { return entry.row->form == Form::bare_key ? "public key" : "certificate"; }

// The two halves of a pair are present together. A CA without key is external, not broken.
void check_halves(Problems& problems, const Entry& entry) {
  const auto& row = *entry.row;
  if (row.form == Form::kubeconfig) return;
  const auto what = public_half(entry);
  if (!entry.exists && row.form == Form::key_pair)
    problems.push_back({entry.key_path.string(),
                        "a key without its certificate, expected " + entry.path.string() + " beside it",
                        "restore the certificate, or move the key away and run again to make both"});
  if (!entry.key_exists && !row.is_ca())
    problems.push_back({entry.path.string(),
                        "a " + what + " without its key, expected " + entry.key_path.string() + " beside it",
                        "restore the key, or move the " + what + " away and run again to make both"});
}

// The two halves belong to each other, in one file or in two.
void check_match(Problems& problems, const Entry& entry) {
  const auto* certificate = entry.certificate();
  const auto& public_key = certificate != nullptr ? certificate->public_key_sha256 : entry.public_key_sha256;
  if (!entry.key || public_key.empty() || entry.key->public_key_sha256() == public_key) return;
  if (entry.row->form == Form::kubeconfig)
    problems.push_back({entry.path.string(), "its client key does not match its client certificate", move_away});
  else
    problems.push_back({entry.key_path.string(),
                        "does not match the " + public_half(entry) + " in " + entry.path.string(), move_away});
}

void check_dates(Problems& problems, const Entry& entry, const Certificate& certificate, std::chrono::sys_seconds now) {
  if (now < certificate.not_before)
    problems.push_back(
        {entry.path.string(),
         "not valid before " + base::to_date(certificate.not_before) + ", and it is " + base::to_date(now),
         "check the clock of this host"});
  if (now > certificate.not_after)
    problems.push_back({entry.path.string(), "expired on " + base::to_date(certificate.not_after),
                        entry.row->is_ca() ? "a CA must be replaced by hand, and all that it signed"
                                           : "renew it with `pkigen renew " + std::string(entry.row->name) + "`"});
}

bool allows(const Certificate& certificate, std::string_view usage) {
  constexpr std::string_view any_usage = "2.5.29.37.0";
  const auto& usages = certificate.extended_key_usages;
  return usages.empty() ||
         std::ranges::any_of(usages, [&](const auto& found) { return found == usage || found == any_usage; });
}

void check_usage(Problems& problems, const Entry& entry, const Certificate& certificate) {
  const auto profile = entry.row->profile;
  if (entry.row->is_ca()) {
    if (!certificate.can_sign)
      problems.push_back({entry.path.string(),
                          certificate.is_ca ? "a CA that may not sign certificates, expected key usage keyCertSign"
                                            : "not a CA, expected basicConstraints CA:TRUE",
                          move_away});
    return;
  }
  if (certificate.is_ca)
    problems.push_back(
        {entry.path.string(), "a CA certificate, expected one for a " + std::string(to_string(profile)), move_away});
  for (const auto& [usage, needed] :
       {std::pair{"serverAuth", profile != Profile::client}, std::pair{"clientAuth", profile != Profile::server}})
    if (needed && !allows(certificate, usage))
      problems.push_back(
          {entry.path.string(),
           "extended key usage is " + base::join(certificate.extended_key_usages) + ", expected " + usage, move_away});
}

bool trusts(const KubeconfigFacts& kubeconfig, const Certificate& ca) {
  return std::ranges::any_of(kubeconfig.ca_certificates, [&](const auto& trusted) { return trusted.pem == ca.pem; });
}

// Whom the kubeconfig trusts.
void check_trust(Findings& findings, const Entry& entry, const Entry& issuer, const Certificate& ca) {
  const auto& kubeconfig = *entry.kubeconfig;
  const auto path = entry.path.string();
  if (!kubeconfig.ca_certificates.empty()) {
    const auto& trusted = kubeconfig.ca_certificates.front();
    if (!trusts(kubeconfig, ca))
      findings.problems.push_back({path,
                                   "trusts another CA than " + issuer.path.string() + " (" + trusted.subject +
                                       ", serial " + trusted.serial + ")",
                                   move_away});
  } else if (kubeconfig.ca_file.empty()) {
    findings.warnings.push_back({path, "names no CA, expected that in " + issuer.path.string(),
                                 "its user trusts whatever the host trusts; embed certificate-authority-data"});
  } else if (const auto file = entry.path.parent_path() / kubeconfig.ca_file;
             file.lexically_normal() != issuer.path.lexically_normal()) {
    findings.warnings.push_back({path, "trusts the CA in " + file.string() + ", expected " + issuer.path.string(), {}});
  }
}

void check_issuer(Findings& findings, const Entry& entry, const Entry& issuer) {
  const auto* ca = issuer.certificate();
  if (ca == nullptr) {
    if (!issuer.exists)
      findings.problems.push_back(
          {entry.path.string(), "its CA is missing, expected " + issuer.path.string(),
           "restore the CA from a backup or another control plane; a new CA would not be trusted by what exists"});
    return;
  }
  if (entry.kubeconfig) check_trust(findings, entry, issuer, *ca);
  const auto* certificate = entry.certificate();
  if (certificate == nullptr) return;
  if (!entry.signed_by_issuer)
    findings.problems.push_back({entry.path.string(),
                                 "not signed by " + issuer_name(entry) + " in " + issuer.path.string() + " (issuer " +
                                     certificate->issuer + ")",
                                 move_away});
  else if (certificate->not_after > ca->not_after)
    findings.warnings.push_back({entry.path.string(),
                                 "valid until " + base::to_date(certificate->not_after) + ", longer than its CA (" +
                                     base::to_date(ca->not_after) + ")",
                                 {}});
}

void check_bare_key(Findings& findings, const Entry& entry) {
  if (entry.key_exists && !entry.exists)
    findings.warnings.push_back(
        {entry.path.string(), "missing, its private key is there", "run `pkigen init` to write it"});
}

}  // namespace

Findings check_entry(const Entry& entry, const Entry* issuer, std::chrono::sys_seconds now) {
  Findings findings;
  findings.problems = entry.problems;
  check_halves(findings.problems, entry);
  check_match(findings.problems, entry);
  if (entry.row->form == Form::bare_key) check_bare_key(findings, entry);
  if (const auto* certificate = entry.certificate()) {
    check_dates(findings.problems, entry, *certificate, now);
    check_usage(findings.problems, entry, *certificate);
  }
  if (issuer != nullptr && entry.exists) check_issuer(findings, entry, *issuer);
  return findings;
}

std::vector<GeneralName> missing_sans(const Certificate& certificate, const std::vector<GeneralName>& wanted) {
  std::vector<GeneralName> missing;
  std::ranges::copy_if(wanted, std::back_inserter(missing), [&](const auto& name) {
    return std::ranges::find(certificate.sans, name) == certificate.sans.end();
  });
  return missing;
}

Findings check_identity(const Entry& entry, const Identity& wanted) {
  Findings findings;
  const auto path = entry.path.string();
  if (entry.kubeconfig && !wanted.server.empty() && entry.kubeconfig->server != wanted.server)
    findings.warnings.push_back({path, "server is " + entry.kubeconfig->server + ", expected " + wanted.server, {}});
  const auto* certificate = entry.certificate();
  if (certificate == nullptr) return findings;
  // A CA's own alternative names mean nothing to a verifier, and CAs that others made have none.
  if (!entry.row->is_ca())
    if (const auto missing = missing_sans(*certificate, wanted.sans); !missing.empty())
      findings.problems.push_back(
          {path, "lacks the names " + join(missing) + ", found " + join(certificate->sans),
           "move certificate and key away and run again, or take the names out of the configuration"});
  if (entry.row->is_ca()) return findings;
  if (certificate->common_name != wanted.common_name)
    findings.warnings.push_back(
        {path, "common name is " + certificate->common_name + ", expected " + wanted.common_name, {}});
  if (certificate->organizations != wanted.organizations)
    findings.warnings.push_back(
        {path,
         "organization is " + base::join(certificate->organizations) + ", expected " + base::join(wanted.organizations),
         {}});
  return findings;
}

std::string join(const std::vector<GeneralName>& names) {
  std::vector<std::string> texts;
  std::ranges::transform(names, std::back_inserter(texts), [](const auto& name) {
    return name.kind == GeneralName::Kind::other ? std::string("(another kind of name)") : name.value;
  });
  return base::join(texts);
}

}  // namespace pki::model
