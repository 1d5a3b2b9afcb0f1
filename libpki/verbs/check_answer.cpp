// SPDX-License-Identifier: Apache-2.0
#include <pki/cluster_api.hpp>

#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <pki/error.hpp>

#include "base/lists.hpp"
#include "base/usages.hpp"
#include "base/words.hpp"
#include "crypto/verify.hpp"

namespace pki::inline PKI_ABI {

namespace {

/// Answer collects what is wrong with an answer.
class Answer {
 public:
  Answer(std::string subject, std::vector<Certificate> chain)
      : subject_(std::move(subject)), chain_(std::move(chain)) {}

  void check_identity(const ApiExpectation& expected) {
    const auto& found = chain_.front();
    if (found.public_key_sha256 != expected.public_key_sha256)
      add(Rule::key_mismatch, "the certificate is for another key than the request");
    if (expected.spec.subject_der.empty()) check_subject(found, expected.spec);
    if (base::sorted(found.sans) != base::sorted(expected.spec.sans))
      add(Rule::mismatch,
          fmt::format("other alternative names: {}, expected {}", texts(found.sans), texts(expected.spec.sans)));
    const auto usages = base::usages_of(expected.spec);
    if (base::sorted(found.extended_key_usages) != base::sorted(usages))
      add(Rule::mismatch, fmt::format("other extended key usages: {}, expected {}",
                                      base::join(found.extended_key_usages), base::join(usages)));
    if (found.is_ca) add(Rule::leaf_is_ca, "the certificate is that of a CA");
  }

  void check_chain(const ApiExpectation& expected, std::chrono::sys_seconds now) {
    const crypto::TrustAnchors anchors(expected.ca_certificates);
    if (!anchors.have_signed(chain_))
      return add(Rule::not_signed_by_ca, "the certificate is not signed by the expected CA");
    const auto reason = anchors.verify(chain_, expected.spec.profile, now);
    if (!reason.empty()) add(Rule::chain_refused, "the certificate is refused: " + reason);
  }

  [[nodiscard]] std::vector<Certificate> take() {
    if (!findings_.empty()) throw Error(Errc::mismatch, std::move(findings_));
    return std::move(chain_);
  }

 private:
  void check_subject(const Certificate& found, const CertSpec& spec) {
    if (found.common_name != spec.common_name)
      add(Rule::common_name_differs,
          fmt::format("another common name: {}, expected {}", found.common_name, spec.common_name));
    if (base::sorted(found.organizations) != base::sorted(spec.organizations))
      add(Rule::organization_differs, fmt::format("other organizations: {}, expected {}",
                                                  base::join(found.organizations), base::join(spec.organizations)));
  }

  static std::string texts(const std::vector<GeneralName>& names) {
    std::vector<std::string> list;
    for (const auto& name : names)
      list.push_back(to_text(name));
    return base::join(list);
  }

  void add(Rule rule, std::string message) {
    findings_.push_back({rule, Severity::error, subject_, std::move(message)});
  }

  std::string subject_;
  std::vector<Certificate> chain_;
  std::vector<Finding> findings_;
};

}  // namespace

std::vector<Certificate> check_answer(const ApiRequest& request, const ApiExpectation& expected,
                                      std::chrono::sys_seconds now) {
  const auto subject = fmt::format("request {}", request.name);
  Answer answer(subject, parse_certificates(request.certificate_pem, subject));
  answer.check_identity(expected);
  answer.check_chain(expected, now);
  return answer.take();
}

}  // namespace pki::inline PKI_ABI
