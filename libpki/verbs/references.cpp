// SPDX-License-Identifier: Apache-2.0
#include "verbs/references.hpp"

#include <string>
#include <utility>

#include "base/not_readable.hpp"
#include "disk/permissions.hpp"

namespace pki::verbs {

namespace {

/// References reads the files of one kubeconfig.
class References {
 public:
  References(Entry& entry, const Outside& outside, KeyCheck check)
      : entry_(entry), facts_(*entry.kubeconfig), outside_(outside), check_(check) {}

  void read() {
    read_file(facts_.ca_file, [&](const SecretString& content) {
      facts_.ca_certificates = parse_certificates(content, facts_.ca_file);
    });
    const bool one_file = facts_.client_key_file == facts_.client_certificate_file;
    read_file(facts_.client_certificate_file, [&](const SecretString& content) {
      entry_.certificates = parse_certificates(content, facts_.client_certificate_file);
      if (one_file) read_key(content);  // the kubelet may replace its file at any instant
    });
    if (!one_file) read_file(facts_.client_key_file, [&](const SecretString& content) { read_key(content); });
  }

 private:
  void read_key(const SecretString& content) {
    entry_.key = parse_private_key(content, facts_.client_key_file, check_);
  }

  template <class Parse>
  void read_file(const std::string& path, Parse parse) {
    if (path.empty()) return;
    const auto file = outside_.read(path);
    if (!file.problem.empty()) return refuse(path, file);
    try {
      parse(file.content);
    } catch (const Error& error) {
      auto finding = error.finding();
      finding.row = entry_.row->name;
      entry_.problems.push_back(std::move(finding));
    }
  }

  // A user who may not read the file can say nothing about it.
  void refuse(const std::string& path, const disk::UnmanagedFile& file) {
    Finding finding{Rule::reference_not_read, Severity::error, path,
                    file.problem + "; " + entry_.path.string() + " points to it", std::string(entry_.row->name)};
    if (disk::is_denied(file.error)) {
      finding.rule = Rule::file_unreadable;
      finding.severity = Severity::warning;
      finding.remedy = base::as_root;
    }
    entry_.problems.push_back(std::move(finding));
  }

  Entry& entry_;
  KubeconfigFacts& facts_;
  const Outside& outside_;
  KeyCheck check_;
};

}  // namespace

void read_references(Entry& entry, const Outside& outside, KeyCheck check) { References(entry, outside, check).read(); }

}  // namespace pki::verbs
