// SPDX-License-Identifier: Apache-2.0
#include <pki/request.hpp>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "base/calendar.hpp"
#include "base/words.hpp"
#include "crypto/file_chain.hpp"
#include "model/answer_check.hpp"
#include "model/clock.hpp"
#include "model/entry_check.hpp"
#include "model/repeated.hpp"
#include "verbs/assemble.hpp"
#include "verbs/row_files.hpp"

namespace pki::inline PKI_ABI {

namespace {

class Importing {
 public:
  Importing(const Inventory& inventory, std::span<const WaitingRequest> waiting, std::chrono::sys_seconds now)
      : inventory_(inventory), waiting_(waiting), now_(now) {
    import_.bundle.catalog = inventory.catalog;
    import_.bundle.layout = inventory.layout;
  }

  Import import(std::span<const Answer> answers) {
    if (auto behind = model::check_clock(inventory_, now_)) import_.conflicts.push_back(std::move(*behind));
    for (const auto& answer : answers)
      add(answer);
    explain_unmatched();
    judge_all();
    if (!import_.conflicts.empty()) {
      import_.bundle.files.clear();
      import_.bundle.issued.clear();
    }
    model::drop_repeated(import_.conflicts);
    make_plain(import_.conflicts);
    make_plain(import_.warnings);
    return std::move(import_);
  }

 private:
  // No answer matches a request that could not be read.
  void explain_unmatched() {
    if (std::ranges::find(import_.conflicts, Rule::answer_unmatched, &Finding::rule) == import_.conflicts.end()) return;
    std::ranges::copy_if(inventory_.notes, std::back_inserter(import_.conflicts),
                         [](const Finding& note) { return note.severity == Severity::error; });
  }

  void add(const Answer& answer) {
    if (answer.chain.empty()) return refuse(answer, Rule::certificate_missing, "holds no certificate");
    const auto* request = find_request(answer);
    if (request == nullptr) return;
    if (!seen_.insert(request->row).second)
      return refuse(answer, Rule::values_conflict, fmt::format("is a second answer for {}", request->row));
    const auto& entry = inventory_.find(request->row);
    compare(answer, *request, *entry.row);
    compare_age(answer, entry);
    if (inventory_.find(entry.row->issuer).certificate() == nullptr)
      return refuse(answer, Rule::ca_missing, fmt::format("its CA {} is missing", entry.row->issuer));
    if (!request->key && !entry.key)
      return refuse(answer, Rule::key_missing, "was requested for the key on disk, which is not there any more");
    sources_[request->row] = subject_of(answer);
    add_files(answer, *request, entry);
  }

  // The key decides: the name of a file is a name that somebody gave it.
  const WaitingRequest* find_request(const Answer& answer) {
    const auto& key = answer.chain.front().public_key_sha256;
    const auto named = std::ranges::find(waiting_, answer.row, &WaitingRequest::row);
    // Rows may share one key.
    if (named != waiting_.end() && named->request.public_key_sha256 == key) return &*named;
    const auto found = std::ranges::find(
        waiting_, key, [](const WaitingRequest& one) { return std::string_view(one.request.public_key_sha256); });
    if (found == waiting_.end()) {
      refuse(answer, named == waiting_.end() ? Rule::answer_unmatched : Rule::key_mismatch,
             named == waiting_.end() ? "has a key for which no request waits here"
                                     : fmt::format("is for another key than the request for {}", answer.row));
      return nullptr;
    }
    if (named != waiting_.end()) {
      refuse(answer, Rule::key_mismatch, fmt::format("is for {}, and has the key of {}", answer.row, found->row));
      return nullptr;
    }
    return &*found;
  }

  static CertSpec asked_by(const CertificateRequest& request, const CatalogRow& row) {
    CertSpec asked;
    asked.profile = row.profile;
    asked.path_length = row.path_length;
    asked.common_name = request.common_name;
    asked.organizations = request.organizations;
    asked.sans = request.sans;
    asked.extended_key_usages = request.extended_key_usages;
    return asked;
  }

  void compare(const Answer& answer, const WaitingRequest& waiting, const CatalogRow& row) {
    const auto& leaf = answer.chain.front();
    for (auto& difference : model::differences_from(asked_by(waiting.request, row), leaf))
      refuse(answer, difference.rule, std::move(difference.message));
    if (waiting.validity > std::chrono::seconds{0} && leaf.not_after < now_ + waiting.validity * 9 / 10)
      warn(answer, Rule::validity_differs,
           fmt::format("is valid until {}, {} were asked for", base::to_date(leaf.not_after),
                       base::days_text(waiting.validity)));
  }

  void compare_age(const Answer& answer, const Entry& entry) {
    const auto* old = entry.certificate();
    const auto& leaf = answer.chain.front();
    if (old == nullptr || (leaf.not_before >= old->not_before && leaf.pem != old->pem)) return;
    refuse(answer, Rule::answer_outdated,
           leaf.pem == old->pem ? "is the certificate that is on disk already"
                                : fmt::format("is older than {}, which was issued on {}", entry.path.string(),
                                              base::to_date(old->not_before)));
  }

  // Holders of CAs send the root as well, or none of the intermediates.
  std::vector<Certificate> chain_of(const Answer& answer, const Entry& issuer) const {
    std::vector<Certificate> chain;
    std::copy_if(answer.chain.begin() + 1, answer.chain.end(), std::back_inserter(chain),
                 [](const Certificate& one) { return !one.self_signed; });
    return chain.empty() ? crypto::chain_of_leaves(issuer.certificates) : chain;
  }

  void add_files(const Answer& answer, const WaitingRequest& request, const Entry& entry) {
    const auto& issuer = inventory_.find(entry.row->issuer);
    const auto chain = chain_of(answer, issuer);
    std::vector<Certificate> trusted;
    for (const auto* ca = &issuer; ca != nullptr;
         ca = ca->row->issuer.empty() ? nullptr : &inventory_.find(ca->row->issuer))
      verbs::add_trusted(trusted, ca->certificates);
    const verbs::NewCertificate made{answer.chain.front(), chain, trusted, request.key ? *request.key : *entry.key,
                                     request.key.has_value()};
    const bool replaces = entry.kubeconfig && entry.certificate() != nullptr;
    auto files =
        replaces ? verbs::replaced_files(entry, made) : verbs::new_files(entry, made, request.cluster, request.server);
    std::ranges::move(files, std::back_inserter(import_.bundle.files));
    import_.bundle.issued.push_back({entry.row, answer.chain.front()});
  }

  // Every row is judged as `load` will find it: from the new files, and the CAs on disk.
  void judge_all() {
    const auto staged = verbs::assemble(
        inventory_.layout, [&](const auto& path, const disk::ReadRules&) { return content_of(path); },
        KeyCheck::consistency, inventory_.catalog);
    for (const auto& issued : import_.bundle.issued) {
      const auto& entry = staged.find(issued.row->name);
      auto findings = model::check_entry(entry, &staged.find(issued.row->issuer), now_);
      for (auto& finding : findings) {
        finding.subject = sources_.at(std::string(issued.row->name));
        finding.remedy = {};
        auto& list = finding.severity == Severity::error ? import_.conflicts : import_.warnings;
        list.push_back(std::move(finding));
      }
    }
  }

  [[nodiscard]] disk::Found content_of(const std::filesystem::path& path) const {
    disk::Found found;
    const auto file = std::ranges::find(import_.bundle.files, path, &File::path);
    if (file != import_.bundle.files.end()) {
      found.exists = true;
      found.content = file->content;
      return found;
    }
    const auto ca = std::ranges::find_if(
        inventory_.entries, [&](const Entry& entry) { return entry.path == path && !entry.certificates.empty(); });
    const auto key = std::ranges::find_if(inventory_.entries,
                                          [&](const Entry& entry) { return entry.key_path == path && entry.key; });
    if (ca != inventory_.entries.end() && ca->row->form == Form::key_pair)
      found.content = verbs::as_content(verbs::pem_of(ca->certificates));
    else if (key != inventory_.entries.end())
      found.content = key->key->pem();
    found.exists = !found.content.empty();
    return found;
  }

  void refuse(const Answer& answer, Rule rule, std::string message) {
    import_.conflicts.push_back({rule, Severity::error, subject_of(answer), std::move(message), answer.row});
  }
  void warn(const Answer& answer, Rule rule, std::string message) {
    import_.warnings.push_back({rule, Severity::warning, subject_of(answer), std::move(message), answer.row});
  }
  static std::string subject_of(const Answer& answer) { return answer.source.empty() ? answer.row : answer.source; }

  const Inventory& inventory_;
  std::span<const WaitingRequest> waiting_;
  std::chrono::sys_seconds now_;
  std::set<std::string> seen_;
  std::map<std::string, std::string> sources_;  // of a row's answer
  Import import_;
};

}  // namespace

Import plan_import(const Inventory& inventory, std::span<const WaitingRequest> waiting, std::span<const Answer> answers,
                   std::chrono::sys_seconds now) {
  return Importing(inventory, waiting, now).import(answers);
}

}  // namespace pki::inline PKI_ABI
