// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include <pki/report.hpp>

namespace pki::model {

/// UnmanagedCheck judges the certificates that others manage: each by its dates, and the first one of a file with its
/// chain. The kubelet's own are judged as those of a row, with findings.
class UnmanagedCheck {
 public:
  UnmanagedCheck(const Inventory& inventory, const std::vector<UnmanagedCertificate>& all, std::chrono::sys_seconds now,
                 const Window& window);

  /// Returns the row of a certificate, one of `all`, and adds to `notes` what it does not show.
  [[nodiscard]] ReportRow judge(const UnmanagedCertificate& found, std::vector<Finding>& notes) const;

 private:
  using Add = std::function<void(Rule rule, Severity severity, std::string message)>;

  [[nodiscard]] std::string place_text(const UnmanagedCertificate& found, const ChainPlace& place) const;
  void judge_chain(ReportRow& row, const UnmanagedCertificate& found) const;
  [[nodiscard]] std::vector<Finding> check_kubelet(const UnmanagedCertificate& found) const;
  [[nodiscard]] bool is_known(const ChainRefusal& refusal, bool fit) const;
  void check_path(const UnmanagedCertificate& found, const Add& add) const;
  [[nodiscard]] Remedy remedy_of(const UnmanagedCertificate& found) const;

  const Inventory& inventory_;
  const std::vector<UnmanagedCertificate>& all_;
  std::chrono::sys_seconds now_;
  const Window& window_;
  const Entry* kubelet_;  // the entry of its kubeconfig; null without one
  const Entry* ca_;       // the entry of its CA; null without one
};

}  // namespace pki::model
